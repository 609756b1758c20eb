"""Checks of the kept sections: teachers, sizes, names and terms. Each finding names the section's students too."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.findings import Examined, alike, concatenated, either, found, joined, numbers, text_codes
from roster_core.roster import id_codes
from roster_core.vocabulary import GRADES, text_array


def without_teacher(examined: Examined) -> pa.Table:
    """Kept sections that name no primary teacher, or one whom the roster does not know."""
    rows = examined.kept_sections
    teacher = examined.sections("teacher_id", rows)
    unnamed = pc.equal(teacher, "").to_numpy(zero_copy_only=False)
    place = _places(teacher, examined.roster.teachers["teacher_id"])
    # A source without a table of teachers says so once, as a load finding; then a teacher's id is taken as it is.
    told = examined.roster.findings
    absent = bool(((told["code"] == "absent-table") & (told["file"] == "teachers")).any())
    chosen = np.flatnonzero(unnamed | ((place < 0) & (not absent)))
    named = concatenated(["names teacher ", teacher.take(pa.array(chosen)), ", who is not shared"], len(chosen))
    said = either(unnamed[chosen], "names no teacher", named)
    return _about(examined, rows[chosen], [" ", said, "; expected a known teacher. Ask the district to name one."])


def without_email(examined: Examined) -> pa.Table:
    """Primary teachers of kept sections who have no e-mail address; one finding a teacher."""
    rows, teachers = examined.kept_sections, examined.roster.teachers
    place = _places(examined.sections("teacher_id", rows), teachers["teacher_id"])
    empty = pc.equal(pc.utf8_trim_whitespace(text_array(teachers["email"])), "").to_numpy(zero_copy_only=False)
    silent = np.append(empty, False)[place]
    order = np.flatnonzero(silent)[np.argsort(place[silent], kind="stable")]
    teacher, starts = np.unique(place[order], return_index=True)
    sections = joined(examined.sections("section_id", rows[order]), np.append(starts, len(order)))
    ids = text_array(teachers["teacher_id"]).take(pa.array(teacher))
    return found(
        ["Teacher ", ids, " has no e-mail address, so no report can be sent. Ask the district for it."],
        sections=sections,
    )


def of_one(examined: Examined) -> pa.Table:
    """Kept sections with exactly one student."""
    sizes = np.bincount(examined.kept_section, minlength=len(examined.roster.sections))
    step = " has one student. Check that this is the room the student is assessed in."
    return _about(examined, np.flatnonzero(sizes == 1), [step])


def large(examined: Examined) -> pa.Table:
    """Kept sections with more students than the profile takes for one room."""
    limit = examined.profile.section_large
    sizes = np.bincount(examined.kept_section, minlength=len(examined.roster.sections))
    rows = np.flatnonzero(sizes > limit)
    step = f" students; at most {limit:,} are expected. Check that this is one room."
    return _about(examined, rows, [" has ", numbers(sizes[rows]), step])


def of_many_grades(examined: Examined) -> pa.Table:
    """Kept sections whose students are of more grades than the profile takes for one room."""
    limit, width = examined.profile.max_section_grades, len(GRADES)
    grade = examined.roster.grade_codes[examined.kept_student].astype(np.int64)
    # A missing grade is no further grade: it is told as what it is.
    pairs = np.unique((examined.kept_section.astype(np.int64) * width + grade)[grade >= 0])
    grades = np.bincount(pairs // width, minlength=len(examined.roster.sections))
    rows = np.flatnonzero(grades > limit)
    step = f" grades; at most {limit:,} are expected. Check that this is one room."
    return _about(examined, rows, [" has students of ", numbers(grades[rows]), step])


def of_one_name(examined: Examined) -> pa.Table:
    """Kept sections of one school that share a name; one finding a name."""
    rows, column = examined.kept_sections, examined.roster.text("section_name")
    rows = rows[~pc.equal(column.values, "").to_numpy(zero_copy_only=False)[column.codes[rows]]]
    schools = text_codes(examined.sections("school_id", rows))
    members, cuts = alike(rows, schools * max(len(column.values), 1) + column.codes[rows])
    first = members[cuts[:-1]]
    return found(
        [
            "School ", examined.sections("school_id", first), " has ", numbers(np.diff(cuts)), ' kept sections named "',
            examined.sections("section_name", first), '"; their reports differ by teacher only. Check them.',
        ],
        sections=joined(examined.sections("section_id", members), cuts),
    )  # fmt: skip


def of_other_term(examined: Examined) -> pa.Table:
    """Kept sections of a term that has dates and is not running as of the day."""
    rows, terms = examined.kept_sections, examined.roster.terms
    place = _places(examined.sections("term_id", rows), terms["term_id"])
    start, end = (pc.utf8_slice_codeunits(text_array(terms[name]), 0, 10) for name in ("start_date", "end_date"))
    today = examined.as_of.date().isoformat()
    early = pc.and_(_dated(start), pc.greater(start, today)).to_numpy(zero_copy_only=False)
    over = pc.and_(_dated(end), pc.less(end, today)).to_numpy(zero_copy_only=False)
    chosen = np.flatnonzero(np.append(early | over, False)[place])
    term = pa.array(place[chosen])
    said = either(
        early[place[chosen]],
        concatenated([", which begins ", start.take(term)], len(chosen)),
        concatenated([", which ended ", end.take(term)], len(chosen)),
    )
    names = text_array(terms["term_name"]).take(term)
    step = f"; it is {today}. Drop that term by a rule, or refresh the roster."
    return _about(examined, rows[chosen], [' is of the term "', names, '"', said, step])


def _about(examined: Examined, rows: np.ndarray, words: list[str | pa.Array]) -> pa.Table:
    """One finding a section, which is called by its name and id."""
    ids, names = examined.sections("section_id", rows), examined.sections("section_name", rows)
    return found(['Section "', names, '" (', ids, ")", *words], students=examined.students_of(rows), sections=ids)


def _places(ids: pa.Array, known: pd.Series) -> np.ndarray:
    """int32: where each id stands among the known ones; -1, the last place of an appended array, where it does not."""
    return id_codes(pd.Series(pd.array(ids, dtype="str")), known)


def _dated(texts: pa.Array) -> pa.Array:
    return pc.match_substring_regex(texts, r"^\d{4}-\d{2}-\d{2}$")
