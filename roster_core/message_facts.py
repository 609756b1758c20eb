"""What the messages say: plain values for their templates. No student's name and no birthdate is among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime

import numpy as np
import pandas as pd

from roster_core.digest import Watched, digest, worst_first
from roster_core.preflight import CHECKS, Cause, PreflightReport
from roster_core.roster import Roster, id_codes
from roster_core.sharing import PLATFORMS, SharingRequest

MessageFacts = dict[str, object]

#: A letter lists so many students or sections of a cause.
MOST_NAMED = 300

#: What is asked of the district, by the code of what was found.
ASKS: dict[str, str] = {
    "student-in-no-section": "Please enroll these students in the section they belong to.",
    "missing-student-number": "Please fill in the student number, or the SIS id.",
    "missing-first-name": "Please fill in the first name.",
    "missing-last-name": "Please fill in the last name.",
    "missing-birthdate": "Please fill in the birthdate, and share it with us. Scores are by age.",
    "unreadable-birthdate": "Please write the birthdate as a date, month/day/year.",
    "missing-grade": "Please fill in the grade; without it nobody can tell whether the student is assessed.",
    "duplicate-student-number": "Each number belongs to one student. Please correct whichever is wrong.",
    "birthdate-implausible": "Please check birthdate and grade; one of them does not fit the other.",
    "possible-duplicate-student": "Please look whether two of these records are one child; name and birthdate agree.",
    "student-outside-section-school": "Please tell us which school reports these students.",
    "section-without-teacher": "Please name the section's teacher, and share the teacher with us.",
    "teacher-without-email": "Please fill in the teacher's e-mail address, if the teacher is to get reports.",
    "unreadable-row": "Please send us this file again with the row corrected.",
    "conflicting-student": "A student is listed twice with different content. Please correct whichever is wrong.",
    "conflicting-section": "A section is listed twice with different content. Please correct whichever is wrong.",
    "district-paused": "Please tell us when the pause ends; until then no correction reaches us.",
    "clever-sync-old": "Please let your student information system sync again.",
    "expected-students-absent": "Please check whether this school or grade is shared with us.",
    "unknown-student-in-section": "Please share these students with us, if they are to be assessed.",
    "unknown-section": "Please share these sections with us, if students are assessed in them.",
}
_OTHERWISE = "Please look at these records and correct them."


def head(*, product: str, team: str, district: str, platform: str = "clever") -> MessageFacts:
    """What every message says: who writes, of what, to which district, and the platform by its key or name."""
    known = PLATFORMS.get(platform)
    return {"product": product, "team": team, "district": district, "platform": known.name if known else platform}


def revision(request: SharingRequest) -> MessageFacts:
    """The sharing request, part by part, so that a reworded template can use each."""
    return {"request": asdict(request)}


def errors(report: PreflightReport, roster: Roster, only: Iterable[Cause] | None = None) -> MessageFacts:
    """What the district must correct: blockers and warnings, a dict a cause, the gravest first.

    Each has title, ask, what (`Student numbers` or `Sections`), named (at most `MOST_NAMED`) and more (how many
    beyond). `only`: these causes alone. `other`: blocking causes that are not the district's. `by_files`: whether the
    district sends files, and nothing reaches us by itself.
    """
    causes = [cause for cause in (report.causes if only is None else only) if cause.owner == "district"]
    told = [(cause.severity, _cause(cause, roster)) for cause in causes]
    others = sum(cause.severity == "blocker" and cause.owner != "district" for cause in report.causes)
    by_severity = {word: [one for severity, one in told if severity == word] for word in ("blocker", "warning")}
    listed: MessageFacts = {"blockers": by_severity["blocker"], "warnings": by_severity["warning"]}
    return {**listed, "other": others, "by_files": roster.by_files}


def launch(
    students: int, day: date | None, opens: date | None, closes: date | None, *, by_files: bool = False
) -> MessageFacts:
    """When the integration goes live, the assessment window, and whether the district sends files."""
    return {"students": students, "launch": day, "opens": opens, "closes": closes, "by_files": by_files}


def ready(
    receipt: str, students: int, schools: int, opens: date | None, closes: date | None, follow: Sequence[str]
) -> MessageFacts:
    """That students can begin: the receipt in force, how many students in how many schools, and who is to follow."""
    window: MessageFacts = {"opens": opens, "closes": closes}
    return {"receipt": receipt, "students": students, "schools": schools, "follow": list(follow), **window}


def drift(watched: Sequence[Watched], now: datetime) -> MessageFacts:
    """What changed, as of a moment: the whole as `subject` and `text`, and `districts` one by one, the worst first.

    Each district has name, needs_person and sentences.
    """
    whole, keys = digest(watched, now=now), ("name", "needs_person", "sentences")
    told = [(one.name or one.district_id, one.needs_person, one.sentences) for one in worst_first(watched)]
    listed = [dict(zip(keys, one, strict=True)) for one in told]
    return {"subject": whole.subject, "text": whole.text, "districts": listed}


def numbers(roster: Roster, student_ids: Sequence[str]) -> list[str]:
    """What a district knows students by: student number, else SIS id, else the source's id; unknown ids stay."""
    rows = id_codes(pd.Series(list(student_ids), dtype="str"), roster.students["student_id"])
    return _first_filled(roster.students, rows, ("student_number", "sis_id"), student_ids)


def _cause(cause: Cause, roster: Roster) -> MessageFacts:
    check = CHECKS.get(cause.code)
    if cause.student_ids and (check is None or check.subject == "student"):
        every, what = cause.student_ids, "Student numbers"
        named = numbers(roster, every[:MOST_NAMED])
    else:
        every, what = cause.section_ids, "Sections"
        rows = id_codes(pd.Series(list(every[:MOST_NAMED]), dtype="str"), roster.sections["section_id"])
        ids = _first_filled(roster.sections, rows, ("section_sis_id",), every[:MOST_NAMED])
        names = _first_filled(roster.sections, rows, ("section_name",), [""] * len(ids))
        named = [f"{name} ({key})" if name else key for name, key in zip(names, ids, strict=True)]
    ask = ASKS.get(cause.code, _OTHERWISE)
    return {"title": cause.title, "ask": ask, "what": what, "named": named, "more": len(every) - len(named)}


def _first_filled(
    frame: pd.DataFrame, rows: np.ndarray, columns: tuple[str, ...], otherwise: Sequence[str]
) -> list[str]:
    """For each row the first of these columns that holds anything; the given text where none does, or for row -1."""
    told = np.array([""] * len(rows), dtype=object)
    for column in columns:
        texts = np.append(frame[column].str.strip().to_numpy(dtype=object), "")[rows]
        told = np.where(told == "", texts, told)
    return np.where(told == "", np.array(list(otherwise), dtype=object), told).tolist()
