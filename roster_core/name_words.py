"""Section names cut into pieces, and what each piece is: a word, a number, the teacher, the period, the term.

Nothing here knows a language. A number is a digit, a single letter, an ordinal or a Roman numeral; the teacher's
name, the period and the term are read from the section itself. The cut is lossless: the pieces of a section, joined,
are its name (normalised as in DESIGN section 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.roster import ID_SEPARATOR, Roster, id_codes
from roster_core.vocabulary import text_array

SEPARATOR, WORD, NUMBER, TEACHER, PERIOD, TERM, TITLE = range(7)

# Letters with their accents, or a run of digits; everything else stands between the pieces. Scripts without blanks
# write numbers among the words (`三年级二班`), so theirs are cut out as well.
_HAN_NUMBERS = "一二三四五六七八九十"
_PIECE = rf"((?:[^\P{{L}}{_HAN_NUMBERS}]\p{{M}}*)+|[{_HAN_NUMBERS}]+|\p{{N}}+)"
_CUT = "\x00"
# Ordinals and Roman numerals, as schedules write them in the languages Clever's districts teach in.
_NUMBER_WORDS = (
    "i ii iii iv v vi vii viii ix x st nd rd th first second third fourth fifth sixth seventh eighth ninth tenth "
    "eleventh twelfth primer primero primera segundo segunda tercer tercero tercera cuarto cuarta quinto quinta sexto "
    "sexta septimo septima octavo octava premier premiere deuxieme troisieme quatrieme cinquieme sixieme"
)
_TERM_WORDS = (
    "sem semester semestre quarter trimester trimestre tri qtr term per period periodo sec section seccion yr fy qt"
)
# How a teacher is addressed, right before the name.
_TITLES = "mr mrs ms miss mx dr prof mister sr sra srta senor senora senorita mme mlle monsieur madame maestra maestro"


@dataclass(frozen=True, eq=False)
class NameWords:
    """All pieces of all section names, in reading order.

    section: int64, the section of each piece, ascending. raw: int64 into `raws` (text as written). word: int64 into
    `words` (lower case, accents off). kind: int8, one of SEPARATOR, WORD, NUMBER, TEACHER, PERIOD, TERM, TITLE.
    """

    sections: int
    section: np.ndarray
    raw: np.ndarray
    word: np.ndarray
    kind: np.ndarray
    raws: pa.Array
    words: pa.Array

    @cached_property
    def dashes(self) -> np.ndarray:
        """bool: separators that set parts of a name off from each other, as in `Math 3 - Kelly - 2`."""
        dashing = pc.match_substring_regex(self.raws, r"[-–—/|:]").to_numpy(zero_copy_only=False)
        return dashing[self.raw] & (self.kind == SEPARATOR)

    def joined(self, chosen: np.ndarray, texts: pa.Array, codes: np.ndarray, between: str) -> pa.Array:
        """One text a section: the chosen pieces (bool), read from `texts` by `codes`, joined; empty where none is."""
        counts = np.bincount(self.section[chosen], minlength=self.sections)
        offsets = pa.array(np.concatenate(([0], np.cumsum(counts))), pa.int32())
        pieces = texts.take(pa.array(codes[chosen])).cast(pa.string())
        return pc.binary_join(pa.ListArray.from_arrays(offsets, pieces), between)


def name_words(roster: Roster) -> NameWords:
    """The pieces of every section name with their kinds.

    A word counts as the teacher's where the section's own teachers bear it, and as a name everywhere once half of
    the sections that hold it do: `Kelly` is a name though a substitute teaches there now, `Art` is none though
    one Art teaches art. Costs one cut of each distinct name, then array work on the pieces (about ten a section).
    """
    section, raw, raws = _pieces(roster)
    plain = pc.utf8_normalize(pc.utf8_lower(raws), form="NFKD")
    folded = pc.replace_substring_regex(plain, pattern=r"\p{M}", replacement="").dictionary_encode()
    words = folded.dictionary
    word = folded.indices.to_numpy(zero_copy_only=False).astype(np.int64)[raw]
    kind = _plain_kinds(words)[word]
    _mark_own(kind, section, word, _word_keys(roster, words, ("term_name",)), TERM, len(words))
    periods = _word_keys(roster, words, ("period", "section_number"))
    _mark_own(kind, section, word, periods, PERIOD, len(words))
    pieces = NameWords(len(roster.sections), section, raw, word, kind, raws, words)
    _mark_teachers(pieces, distinct(np.r_[_teacher_keys(roster, words), _built_keys(roster, words)]))
    _mark_beside_teachers(pieces)
    _mark_tail(pieces)
    _restore_empty(pieces)
    return pieces


def distinct(keys: np.ndarray) -> np.ndarray:
    """The different keys (int64), ascending; a sort is faster here than the table `np.unique` builds."""
    keys = np.sort(keys)
    return keys[np.r_[True, keys[1:] != keys[:-1]]] if len(keys) else keys


def _pieces(roster: Roster) -> tuple[np.ndarray, np.ndarray, pa.Array]:
    names = roster.text("section_name")
    marked = pc.replace_substring_regex(_unglued(names.values), pattern=_PIECE, replacement=_CUT + r"\1" + _CUT)
    lists = pc.split_pattern(marked, _CUT)
    counts = pc.list_value_length(lists).to_numpy(zero_copy_only=False).astype(np.int64)
    encoded = pc.list_flatten(lists).dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    first = np.cumsum(counts) - counts
    per_section = counts[names.codes]
    section = np.repeat(np.arange(len(names.codes)), per_section)
    within = np.arange(len(section)) - np.repeat(np.cumsum(per_section) - per_section, per_section)
    raw = codes[np.repeat(first[names.codes], per_section) + within]
    filled = pc.not_equal(encoded.dictionary, "").to_numpy(zero_copy_only=False)[raw] if len(raw) else raw == -1
    return section[filled], raw[filled], encoded.dictionary


def _unglued(names: pa.Array) -> pa.Array:
    """The names with a cut before a word that is glued to the letters of rooms, as in `3AHR` and `4-BHR`."""
    glued = pc.extract_regex(pc.utf8_lower(names), r"\p{N}-?(?P<room>[a-h])(?P<word>\p{L}{2,8})(?:\P{L}|$)")
    pairs = pa.table({part: pc.struct_field(glued, part) for part in ("word", "room")}).group_by("word")
    rooms = pairs.aggregate([("room", "count_distinct"), ("room", "min")]).drop_null()
    shared = rooms.filter(pc.and_(pc.greater(rooms["room_count_distinct"], 1), pc.equal(rooms["room_min"], "a")))
    if not len(shared):
        return names
    words = "|".join(shared["word"].to_pylist())
    return pc.replace_substring_regex(names, rf"(?i)(\p{{N}}-?[a-h])({words})(\P{{L}}|$)", rf"\1{_CUT}\2\3")


def _plain_kinds(words: pa.Array) -> np.ndarray:
    """int8 for each word, by the word alone."""
    kind = np.full(len(words), WORD, dtype=np.int8)
    # A letter is a number (`HR 3A`), and so are kindergarten rooms (`KA`); a single ideograph is a word.
    number = pc.match_substring_regex(words, rf"^(\p{{N}}+|[{_HAN_NUMBERS}]+|[a-z]|(k|pk|tk|kg)[a-h]?)$")
    kind[number.to_numpy(zero_copy_only=False)] = NUMBER
    kind[_among(words, _NUMBER_WORDS)] = NUMBER
    kind[_among(words, _TERM_WORDS)] = TERM
    kind[~pc.match_substring_regex(words, r"[\p{L}\p{N}]").to_numpy(zero_copy_only=False)] = SEPARATOR
    return kind


def _among(words: pa.Array, listed: str) -> np.ndarray:
    return pc.is_in(words, value_set=pa.array(listed.split(), words.type)).to_numpy(zero_copy_only=False)


def _split_words(texts: pa.Array, words: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """(row of `texts`, word code) of every known word in some texts."""
    plain = pc.replace_substring_regex(
        pc.utf8_normalize(pc.utf8_lower(texts), form="NFKD"),
        pattern=r"\p{M}",
        replacement="",
    )
    lists = pc.split_pattern_regex(plain, r"[^\p{L}\p{N}]+")
    found = pc.fill_null(pc.index_in(pc.list_flatten(lists), value_set=words), -1).to_numpy(zero_copy_only=False)
    rows = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)
    known = found >= 0
    return rows[known], found[known].astype(np.int64)


def _word_keys(roster: Roster, words: pa.Array, columns: tuple[str, ...]) -> np.ndarray:
    """int64: section * len(words) + word, for the words of some of its own fields."""
    every = np.arange(len(roster.sections))
    texts = [roster.text(column) for column in columns]
    return np.concatenate([_keys(every, text.codes, _split_words(text.values, words), len(words)) for text in texts])


def _teacher_keys(roster: Roster, words: pa.Array) -> np.ndarray:
    """int64: section * len(words) + word, for the words of its primary and co-teachers' names."""
    names = text_array(roster.teachers["first_name"] + " " + roster.teachers["last_name"])
    helpers = pc.split_pattern(text_array(roster.sections["co_teacher_ids"]), ID_SEPARATOR)
    section = np.concatenate(
        [np.arange(len(roster.sections)), pc.list_parent_indices(helpers).to_numpy(zero_copy_only=False)]
    )
    ids = pa.concat_arrays(
        [text_array(roster.sections["teacher_id"]), pc.list_flatten(helpers).cast(pa.large_string())]
    )
    row = id_codes(pd.Series(pd.array(ids, dtype="str")), roster.teachers["teacher_id"])
    return distinct(_keys(section[row >= 0], row[row >= 0], _split_words(names, words), len(words)))


def _keys(section: np.ndarray, text: np.ndarray, found: tuple[np.ndarray, np.ndarray], words: int) -> np.ndarray:
    """int64: section * words + word, for the words `found` (of `_split_words`) in the text each section has."""
    order = np.argsort(found[0], kind="stable")
    texts, word = found[0][order], found[1][order]
    low, high = np.searchsorted(texts, text, "left"), np.searchsorted(texts, text, "right")
    count = high - low
    spread = np.repeat(low - (np.cumsum(count) - count), count) + np.arange(count.sum())
    return np.repeat(section, count) * words + word[spread]


def _built_keys(roster: Roster, words: pa.Array) -> np.ndarray:
    """int64: section * len(words) + word, for the teacher in names that Clever built where nobody knows the teacher.

    Clever builds a missing name of course, teacher and period: what stands between the section's own course (any
    words, where the course is not known either) and its own period is the teacher.
    """
    sections = roster.sections[(roster.sections["teacher_name"] == "") & (roster.sections["period"] != "")]
    name, known, period = (text_array(sections[column]) for column in ("section_name", "course_name", "period"))
    parts = pc.extract_regex(name, r"^(?P<course>.+) - (?P<between>[^-]+) - [^-]*$")
    written, between = (pc.fill_null(pc.struct_field(parts, part), "") for part in ("course", "between"))
    course = pc.if_else(pc.equal(known, ""), written, known)
    dash = pa.scalar(" - ", pa.large_string())
    built = pc.equal(pc.binary_join_element_wise(course, between, period, dash), name)
    row, word = _split_words(pc.if_else(built, between, ""), words)
    return sections.index.to_numpy(dtype=np.int64)[row] * len(words) + word


def _held_by(pairs: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """bool a pair: whether it is among the keys; Arrow's table of hashes is several times as fast as `np.isin`."""
    return pc.is_in(pa.array(pairs), value_set=pa.array(keys)).to_numpy(zero_copy_only=False)


def _mark_own(kind: np.ndarray, section: np.ndarray, word: np.ndarray, keys: np.ndarray, mark: int, words: int) -> None:
    kind[_held_by(section * words + word, keys) & (kind == WORD)] = mark


def _mark_teachers(pieces: NameWords, keys: np.ndarray) -> None:
    words, kind = len(pieces.words), pieces.kind
    pairs = pieces.section * words + pieces.word
    held = distinct(pairs[kind != SEPARATOR])
    borne = np.bincount(keys[_held_by(keys, held)] % words, minlength=words)
    count = np.bincount(held % words, minlength=words)
    name = borne * 2 >= np.maximum(count, 1)
    own = _held_by(pairs, keys)
    letter = (pc.utf8_length(pieces.words).to_numpy(zero_copy_only=False) == 1)[pieces.word]
    # A part of the name that is nothing but the teacher's own word is the teacher, however common the word.
    section = pieces.section
    before = np.r_[False, pieces.dashes[:-1]] & (np.r_[-1, section[:-1]] == section)
    after = np.r_[pieces.dashes[1:], True] | (np.r_[section[1:], -1] != section)
    spoken = (name[pieces.word] & (kind == WORD)) | (own & before & after & (kind == WORD))
    kind[spoken & ~letter] = TEACHER


def _mark_beside_teachers(pieces: NameWords) -> None:
    """What belongs to a teacher's name: the title before it, and the `s` after it (`Ms. Diaz`, `Kelly's Class`)."""
    section, kind = pieces.section, pieces.kind
    if len(section) < 2:
        return
    between = (kind == SEPARATOR) & ~pieces.dashes
    ahead = np.r_[kind[1:], SEPARATOR], np.r_[kind[2:], SEPARATOR, SEPARATOR]
    near = np.r_[section[1:], -1] == section, np.r_[section[2:], -1, -1] == section
    after = near[0] & (ahead[0] == TEACHER) | near[1] & np.r_[between[1:], False] & (ahead[1] == TEACHER)
    kind[_among(pieces.words, _TITLES)[pieces.word] & (kind == WORD) & after] = TITLE
    apostrophe = pc.is_in(pieces.raws, value_set=pa.array(["'", "’"], pieces.raws.type)).to_numpy(zero_copy_only=False)
    owner = np.r_[SEPARATOR, SEPARATOR, kind[:-2]] == TEACHER
    owner &= np.r_[False, apostrophe[pieces.raw[:-1]]] & (np.r_[-1, -1, section[:-2]] == section)
    kind[owner & _among(pieces.words, "s")[pieces.word]] = TEACHER


def _mark_tail(pieces: NameWords) -> None:
    """A short last part after the teacher's is the period, as Clever builds names: `Homeroom - Diaz - HR`."""
    if len(pieces.section) < 3:
        return
    last = np.r_[pieces.section[1:] != pieces.section[:-1], True]
    short = (pc.utf8_length(pieces.words).to_numpy(zero_copy_only=False) <= 3)[pieces.word]
    dash, teacher = np.r_[False, pieces.dashes[:-1]], np.r_[False, False, (pieces.kind == TEACHER)[:-2]]
    same = np.r_[-1, -1, pieces.section[:-2]] == pieces.section
    tail = last & short & dash & teacher & same & (pieces.kind == WORD)
    pieces.kind[tail] = PERIOD


def _restore_empty(pieces: NameWords) -> None:
    """Where nothing is left of a name but period and term words, those are what it is called."""
    left = np.bincount(pieces.section[pieces.kind == WORD], minlength=pieces.sections) > 0
    lettered = pc.match_substring_regex(pieces.words, r"^\p{L}{2,}").to_numpy(zero_copy_only=False)[pieces.word]
    again = ~left[pieces.section] & np.isin(pieces.kind, (PERIOD, TERM)) & lettered
    pieces.kind[again] = WORD
