"""What the product itself said of a district's students, as findings: without names, whatever its list holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from roster_core.findings import Finding
from roster_core.lookup import NUMBER_COLUMNS
from roster_core.roster import Roster, id_codes

CODE = "selweb-said"

#: A message is kept up to so many letters.
LONGEST_MESSAGE = 200

# Whose it is, by what is said; the first that fits. What nobody recognises is ours to look into.
_OWNERS = (
    ("us", re.compile(r"section|class|enrol|multiple|more than one|homeroom", re.I)),
    ("Clever", re.compile(r"\bclever\b|\bsync", re.I)),
    ("district", re.compile(
        r"birth|\bdob\b|grade|first name|last name|surname|student (number|id)|missing|invalid|teacher", re.I)),
)  # fmt: skip
_QUOTED = re.compile(r"[\"“”'‘][^\"“”'’]{1,80}[\"“”'’]")
_DATES = re.compile(
    r"\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b|\b\d{1,2} [A-Za-z]{3,9}\.? \d{4}\b|\b[A-Za-z]{3,9}\.? \d{1,2},? \d{4}\b"
)
_STRANGERS = "It is about students who are not in this roster; what was said of them was not kept."


@dataclass(frozen=True, slots=True)
class Said:
    """One row of the product's list, as it was written. `number`: the student's; any part may be empty."""

    number: str
    message: str
    code: str = ""
    severity: str = ""


def findings_of(roster: Roster, rows: Sequence[Said]) -> tuple[Finding, ...]:
    """The rows as findings of the code `selweb-said`, alike ones together, those of most students first.

    No name, birthdate or quoted text is kept: they are taken out of the messages, and of a student who is not in
    the roster, whose name nobody can recognise, nothing is kept but that there is one.
    """
    student = _students(roster, rows)
    groups: dict[tuple[str, str, str], dict[str, None]] = {}
    for row in rows:
        known = student.get(row.number)
        told = _cleaned(row, known[1]) if known else _STRANGERS
        owner = _owner(f"{row.code} {row.message}")
        groups.setdefault((_severity(row.severity), owner, told), {}).update({known[0]: None} if known else {})
    found = [
        Finding(CODE, severity, owner, tuple(sorted(ids)), (), message)
        for (severity, owner, message), ids in groups.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.severity != "blocker", -len(one.student_ids))))


def _students(roster: Roster, rows: Sequence[Said]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Number -> (student id, the words of the name) of the students that one number names."""
    numbers = pd.Series(list(dict.fromkeys(row.number for row in rows if row.number)), dtype="str")
    place = np.full(len(numbers), -1, dtype=np.int64)
    for column in NUMBER_COLUMNS:
        held = roster.students[column]
        once = ~held.duplicated(keep=False)
        found = np.append(np.flatnonzero(once), -1)[id_codes(numbers, held[once].reset_index(drop=True))]
        place = np.where(place < 0, found, place)
    known = np.flatnonzero(place >= 0)
    named = roster.students.iloc[place[known]]
    words = (named["first_name"] + " " + named["last_name"]).str.split()
    told = zip(numbers.iloc[known], named["student_id"], words, strict=True)
    return {number: (student_id, tuple(name)) for number, student_id, name in told}


def _cleaned(row: Said, words: tuple[str, ...]) -> str:
    text = _DATES.sub("…", _QUOTED.sub("…", " ".join(row.message.split())))
    for word in sorted(words, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "…", text, flags=re.I)
    text = re.sub(r"…(\W{0,2}…)+", "…", text)[:LONGEST_MESSAGE].strip()
    code = row.code if re.fullmatch(r"[\w.-]{1,40}", row.code) else ""
    return ": ".join(part for part in (code, text) if part) or "No reason was given."


def _owner(text: str) -> str:
    return next((owner for owner, words in _OWNERS if words.search(text)), "us")


def _severity(text: str) -> str:
    return "warning" if text.strip().casefold() in ("warning", "warn", "info", "notice") else "blocker"
