"""Conditions worth trying on a roster: the words, phrases and field values that many sections share.

A rule must still hold next week, when sections are added. So a condition never comes from one section, never from a
teacher's name, and never from a room's number; it comes from what the names and fields of many sections have in common.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.matching import condition_mask
from roster_core.name_words import NUMBER, PERIOD, TEACHER, TERM, TITLE, WORD, NameWords, name_words
from roster_core.roster import Roster
from roster_core.rules import Condition

# How many words of the names, of the course names, phrases, and values of a field are tried: the commonest.
_NAME_WORDS, _COURSE_WORDS, _PHRASES, _VALUES, _STARTS = 160, 80, 60, 40, 16
# Of two conditions that keep the same sections the plainer is proposed: costs in shares of the students.
_PLAIN = {"contains": 0.0, "is": 0.0, "starts_with": 0.0005, "ends_with": 0.001, "is_empty": 0.03, "not_contains": 0.03}
_PLAIN["matches"] = 0.008
_SHAPE_COST = 0.006  # an expression for the shape of a name says nothing to a reader
# Clever guesses a section's subject from its name, and advises against filters that lean on it.
_FIELD_COSTS = {"subject": 0.005, "period": 0.006, "section_number": 0.008, "course_number": 0.006, "class_type": 0.004}
_FIELD_COSTS["course_name"] = 0.0005  # of two that serve alike, the section's own name
# A term tells when a section meets, not what it is: good beside another condition, a poor rule by itself.
_ALONE_COSTS = {"term_name": 0.008}
# A word by itself; the second also where digits or underscores stand beside it (`HR_3A`).
_WHOLE_WORD = ((r"\b", r"\b"), (r"(^|[^A-Za-z])", r"([^A-Za-z]|$)"))
#: Expressions for how a name is built, in words.
BUILT: dict[str, str] = {
    r"^\D*$": "names without a digit",
    r"^\S+$": "names of one word",
    r"\d": "names with a digit",
    r"^\S+,? \S+$": "names of two words",
    r"^(PK|TK|KG|K|\d+(st|nd|rd|th)?)\b": "names that begin with a grade or a number",
}
#: How the number of a section is built that is unlike the others: expressions, in words.
NUMBERS: dict[str, str] = {
    r"[A-Za-z]": "section numbers with a letter",
    r"^\d{3}": "section numbers of three digits or more",
}


@dataclass(frozen=True, eq=False)
class Atom:
    """Conditions tried together as one rule. mask: bool[sections]; cost: how much plainer words would be preferred."""

    when: tuple[Condition, ...]
    mask: np.ndarray
    likeness: float
    cost: float

    @property
    def fields(self) -> frozenset[str]:
        """The section fields it asks about."""
        return frozenset(condition.field for condition in self.when)

    def narrowed(self, other: Atom, likeness: np.ndarray, *, without: bool) -> Atom:
        """This atom and the other one too, or (`without`) but not the other one. `likeness` float[sections]."""
        also = tuple(_negated(condition) for condition in other.when) if without else other.when
        mask = self.mask & (~other.mask if without else other.mask)
        alike = float(likeness[mask].sum() / max(mask.sum(), 1))
        alone = sum(_ALONE_COSTS.get(atom.when[0].field, 0.0) for atom in (self, other))
        return Atom((*self.when, *also), mask, alike, self.cost + other.cost - alone + 0.003)


def candidate_atoms(
    roster: Roster, enrolled: np.ndarray, likeness: np.ndarray, pieces: NameWords | None = None
) -> list[Atom]:
    """Conditions that hit some sections with students (`least_sections`) but not all, each set once a field.

    `enrolled`: int64[sections], students in scope; `likeness`: float[sections] from `homeroom_likeness`. At most
    about 700; costs one match of the distinct texts a condition, and a cut of the names where their `pieces` (of
    `name_words`) are not given.
    """
    with_students = enrolled > 0
    least = least_sections(int(with_students.sum()))
    atoms: dict[bytes, Atom] = {}
    for condition in _conditions(roster, enrolled, name_words(roster) if pieces is None else pieces):
        mask = condition_mask(roster, condition)
        used = mask & with_students
        hit = int(used.sum())
        # The same sections by another condition on the same field: the first tried is the plainest.
        key = np.packbits(used).tobytes() + condition.field.encode()
        if hit < least or hit == int(with_students.sum()) or key in atoms:
            continue
        cost = _PLAIN[condition.op] + _FIELD_COSTS.get(condition.field, 0.0) + _ALONE_COSTS.get(condition.field, 0.0)
        alike = float(np.average(likeness[used], weights=enrolled[used]))
        atom = Atom((condition,), mask, alike, cost)
        atoms[key] = replace(atom, cost=cost + _SHAPE_COST) if is_shapely(atom) else atom
    return list(atoms.values())


def least_sections(sections: int) -> int:
    """How many sections must share a word before it is a habit, not a room's own name, in a district of that many."""
    return 3 if sections >= 40 else 2 if sections >= 12 else 1


def _conditions(roster: Roster, enrolled: np.ndarray, pieces: NameWords) -> Iterator[Condition]:
    """Every condition to try, the plainer before those that may hit the same sections."""
    words = list(_frequent(pieces, np.isin(pieces.kind, (WORD, PERIOD, TERM, TITLE)), enrolled, _NAME_WORDS))
    # A word in half of the names is tried at every place; a short one is hidden in longer words ("hr" in "three").
    for op in ("contains", "starts_with", "ends_with"):
        yield from (Condition("section_name", op, (word,)) for word in words)
    yield from (Condition("section_name", "contains", (phrase,)) for phrase in _phrases(pieces, enrolled))
    for start, end in _WHOLE_WORD:
        yield from (Condition("section_name", "matches", (f"{start}{word}{end}",)) for word in words if _short(word))
    yield from (Condition("course_name", "contains", (word,)) for word in _course_words(roster, enrolled))
    for field in ("class_type", "period", "course_name", "subject", "term_name", "course_number", "section_number"):
        yield from (Condition(field, "is", (value,)) for value in _values(roster, field, enrolled))
    for field in ("course_number", "section_number"):
        yield from (Condition(field, "starts_with", (start,)) for start in _letter_starts(roster, field, enrolled))
    for field in ("period", "course_name", "subject", "section_number", "class_type", "course_number", "term_name"):
        yield Condition(field, "is_empty")
    for field in ("section_name", "course_number"):
        yield from (Condition(field, "starts_with", (start,)) for start in _digit_starts(roster, field, enrolled))
    for shape in _shapes(roster, pieces, enrolled):
        yield Condition("section_name", "matches", (shape,))
    yield Condition("section_name", "not_contains", ("-",))
    yield from (Condition("section_name", "matches", (expression,)) for expression in BUILT)
    yield from (Condition("section_number", "matches", (expression,)) for expression in NUMBERS)


def _short(word: str) -> bool:
    return word.isascii() and word.isalpha() and len(word) <= 4


def _frequent(pieces: NameWords, chosen: np.ndarray, enrolled: np.ndarray, most: int) -> Iterator[str]:
    """The words, as most often written, of the pieces chosen; those with the most students first."""
    lowered = pc.utf8_lower(pieces.raws).dictionary_encode()
    word = lowered.indices.to_numpy(zero_copy_only=False).astype(np.int64)[pieces.raw]
    weight = enrolled[pieces.section] * (chosen & (pieces.kind != TEACHER))
    students = np.bincount(word, weights=weight, minlength=len(lowered.dictionary))
    written = np.bincount(pieces.raw, weights=weight, minlength=len(pieces.raws))
    of_raw = lowered.indices.to_numpy(zero_copy_only=False)
    order = np.lexsort((np.arange(len(of_raw)), written))
    best = np.zeros(len(lowered.dictionary), dtype=np.int64)
    best[of_raw[order]] = order  # the last written wins: the most frequent
    ranked = np.argsort(-students, kind="stable")[:most]
    for code in ranked[students[ranked] > 0]:
        text = pieces.raws[int(best[code])].as_py().strip()
        if text and len(text) <= 60:
            yield text


def _phrases(pieces: NameWords, enrolled: np.ndarray) -> Iterator[str]:
    """Two words side by side, or a term word or letter with its number or word (`Sem 1`, `S1`, `A Day`)."""
    count = len(pieces.section)
    spaced = (
        np.r_[(pieces.kind[1:-1] == 0) & ~pieces.dashes[1:-1], False, False] if count > 2 else np.zeros(count, bool)
    )
    texts: list[tuple[np.ndarray, int]] = []
    lettered = pc.match_substring_regex(pieces.words, r"^[a-z]+$").to_numpy(zero_copy_only=False)[pieces.word]
    for step in (1, 2):
        here, there = np.arange(max(count - step, 0)), np.arange(step, max(count, step))
        near = pieces.section[here] == pieces.section[there]
        near &= spaced[here] if step == 2 else True
        plain = np.isin(pieces.kind, (WORD, TERM, PERIOD))
        both = near & plain[here] & plain[there] & (step == 2)
        numbered = near & ((pieces.kind[here] == TERM) | ((pieces.kind[here] == NUMBER) & lettered[here]))
        numbered &= (pieces.kind[there] == NUMBER) & ~lettered[there]
        day = near & (pieces.kind[here] == NUMBER) & lettered[here] & (pieces.kind[there] == WORD) & (step == 2)
        texts.append((here[both | numbered | day], step))
    raws = np.asarray(pieces.raws.to_pylist(), object)
    found = [
        (raws[pieces.raw[at]] + (raws[pieces.raw[at + 1]] if step == 2 else "") + raws[pieces.raw[at + step]], at)
        for at, step in texts
    ]
    phrase = pa.array(np.concatenate([text for text, _ in found]), pa.string())
    at = np.concatenate([place for _, place in found])
    if not len(at):
        return
    encoded = phrase.dictionary_encode()
    weight = np.bincount(encoded.indices.to_numpy(), weights=enrolled[pieces.section[at]])
    for code in np.argsort(-weight, kind="stable")[:_PHRASES]:
        if weight[code] > 0:
            yield " ".join(encoded.dictionary[int(code)].as_py().split())


def _course_words(roster: Roster, enrolled: np.ndarray) -> Iterator[str]:
    column = roster.text("course_name")
    students = np.bincount(column.codes, weights=enrolled, minlength=len(column.values))
    lists = pc.split_pattern_regex(column.values, r"[^\p{L}\p{M}]+")
    words, rows = pc.list_flatten(lists), pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)
    if not len(words):
        return
    encoded = pc.utf8_lower(words).dictionary_encode()
    weight = np.bincount(encoded.indices.to_numpy(zero_copy_only=False), weights=students[rows])
    lengths = pc.utf8_length(encoded.dictionary).to_numpy(zero_copy_only=False)
    first = np.zeros(len(encoded.dictionary), dtype=np.int64)
    first[encoded.indices.to_numpy(zero_copy_only=False)[::-1]] = np.arange(len(words))[::-1]
    for code in np.argsort(-weight, kind="stable")[:_COURSE_WORDS]:
        if weight[code] > 0 and lengths[code] > 1:
            yield words[int(first[code])].as_py()


def _values(roster: Roster, field: str, enrolled: np.ndarray) -> Iterator[str]:
    """The values of a field with the most students; a name with a number in it is a room's or grade's, no habit."""
    column = roster.text(field)
    weight = np.bincount(column.codes, weights=enrolled, minlength=len(column.values))
    for code in np.argsort(-weight, kind="stable")[:_VALUES]:
        text = column.values[int(code)].as_py()
        numbered = field == "course_name" and any(letter.isdigit() for letter in text)
        if weight[code] > 0 and text and not numbered:
            yield text


def _letter_starts(roster: Roster, field: str, enrolled: np.ndarray) -> Iterator[str]:
    column = roster.text(field)
    starts = pc.struct_field(pc.extract_regex(column.values, r"^(?P<start>\p{L}+)[\d\-_. ]"), "start")
    encoded = pc.fill_null(starts, "").dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)[column.codes]
    weight = np.bincount(codes, weights=enrolled, minlength=len(encoded.dictionary))
    for code in np.argsort(-weight, kind="stable")[:_VALUES]:
        if encoded.dictionary[int(code)].as_py():
            yield encoded.dictionary[int(code)].as_py()


def _digit_starts(roster: Roster, field: str, enrolled: np.ndarray) -> Iterator[str]:
    """The first two to four digits of codes such as `0003-2`: a number plan is a habit too, a whole number is none."""
    column = roster.text(field)
    for length in (2, 3, 4):
        starts = pc.struct_field(pc.extract_regex(column.values, rf"^(?P<start>[0-9]{{{length}}})[0-9\-_. ]"), "start")
        encoded = pc.fill_null(starts, "").dictionary_encode()
        codes = encoded.indices.to_numpy(zero_copy_only=False)[column.codes]
        weight = np.bincount(codes, weights=enrolled, minlength=len(encoded.dictionary))
        for code in np.argsort(-weight, kind="stable")[:_STARTS]:
            if weight[code] > 0 and encoded.dictionary[int(code)].as_py():
                yield encoded.dictionary[int(code)].as_py()


def _shapes(roster: Roster, pieces: NameWords, enrolled: np.ndarray) -> Iterator[str]:
    """Expressions for names without any word, such as `3A` or `12-B`: digits and letters in the same places."""
    wordless = (
        np.bincount(
            pieces.section[np.isin(pieces.kind, (WORD, TEACHER, TERM, PERIOD, TITLE))], minlength=pieces.sections
        )
        == 0
    )
    column = roster.text("section_name")
    lowered = pc.utf8_lower(column.values)
    shape = pc.replace_substring_regex(lowered, r"([^\p{L}\p{N} \-])", r"\\\1")
    shape = pc.replace_substring_regex(shape, r"\p{L}+", "@")
    shape = pc.replace_substring_regex(shape, r"\p{N}+", r"\\d+")
    shape = pc.replace_substring(shape, "@", "[A-Z]+").dictionary_encode()
    codes = shape.indices.to_numpy(zero_copy_only=False)[column.codes]
    weight = np.bincount(codes, weights=enrolled * wordless, minlength=len(shape.dictionary))
    for code in np.argsort(-weight, kind="stable")[:8]:
        if weight[code] > 0:
            yield f"^{shape.dictionary[int(code)].as_py()}$"


def _negated(condition: Condition) -> Condition:
    op = {"is": "is_not", "contains": "not_contains", "is_empty": "is_not_empty", "not_contains": "contains"}[
        condition.op
    ]
    return Condition(condition.field, op, condition.values)


def is_shapely(atom: Atom) -> bool:
    """Whether an atom asks only how a text is built, or that there is none: right today, but it says nothing."""
    first, *others = atom.when
    return _is_shape(first) or any(also.op == "matches" and _is_shape(also) for also in others)


def _is_shape(condition: Condition) -> bool:
    if condition.op == "starts_with":
        return condition.values[0].isdigit()
    if condition.op == "matches":
        return not condition.values[0].startswith(tuple(start for start, _ in _WHOLE_WORD))
    return condition.op in ("is_empty", "not_contains")


def expression_words(expression: str) -> str:
    """What an expression of these conditions finds, in plain English."""
    for start, end in _WHOLE_WORD:
        if expression.startswith(start) and expression.endswith(end):
            return f'"{expression.removeprefix(start).removesuffix(end)}" as a word by itself'
    return (BUILT | NUMBERS).get(expression, "names with letters, numbers and marks in the same places")


def can_be_negated(atom: Atom) -> bool:
    """Whether the opposite of an atom is one condition too."""
    return len(atom.when) == 1 and atom.when[0].op in ("is", "contains", "is_empty", "not_contains")
