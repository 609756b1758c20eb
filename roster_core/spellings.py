"""How a value is really written in a district's texts, for screens that compare letter by letter."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc

from roster_core.roster import BLANKS, Roster, fold_text
from roster_core.rules import Condition
from roster_core.vocabulary import text_array

# Where in a text a value must stand; anywhere for all others.
_PLACES = {"is": "^{}$", "is_not": "^{}$", "starts_with": "^{}", "ends_with": "{}$"}


def spellings(roster: Roster, condition: Condition) -> tuple[str, ...]:
    """The values of a condition in every spelling that occurs in the field's texts; as given where none does.

    Rules see past letter case (unless they match case), runs of blanks, and whether an accent is stored with its letter
    or after it; their screens see none of that. Costs one match of the field's distinct texts a value.
    """
    texts = pc.utf8_trim_whitespace(pc.unique(text_array(roster.sections[condition.field])))
    found: dict[str, None] = {}
    for value in fold_text(pa.array(condition.values, pa.large_string())).to_pylist():
        place = _PLACES.get(condition.op, "{}").format(f"(?P<hit>{''.join(map(_any_way, value))})")
        hits = pc.extract_regex(texts, pattern=("" if condition.match_case else "(?i)") + place)
        written = pc.unique(pc.drop_null(pc.struct_field(hits, "hit"))).to_pylist()
        found |= dict.fromkeys(sorted(written) or [value])
    return tuple(found)


def look_alike(values: Collection[str]) -> bool:
    """Whether two of some different spellings look the same: they differ in blanks, or in how accents are stored."""
    different = pa.array(sorted(set(values)), pa.large_string())
    return len(pc.unique(fold_text(different))) < len(different)


def _any_way(letter: str) -> str:
    """An expression for a letter however it is stored."""
    if letter == " ":
        return BLANKS
    parted = unicodedata.normalize("NFD", letter)
    return _literal(letter) if parted == letter else f"(?:{_literal(letter)}|{_literal(parted)})"


def _literal(text: str) -> str:
    return "".join("\\" + letter if letter.isascii() and not letter.isalnum() else letter for letter in text)
