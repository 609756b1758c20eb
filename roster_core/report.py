"""A district's report: the facts of one page to keep or send. No student's name is in it unless it was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from roster_core.charts import STATUS_LABELS, bars_text, grade_label, worst_first
from roster_core.commit import Receipt
from roster_core.coverage import Coverage
from roster_core.message_facts import ASKS
from roster_core.preflight import Cause, PreflightReport
from roster_core.ready import following
from roster_core.roster import id_codes
from roster_core.wording import percent

#: The report lists so many schools, causes, and students of a cause; what is left out is counted.
MOST_SCHOOLS, MOST_CAUSES, MOST_STUDENTS = 40, 15, 50

_STATUSES = tuple(STATUS_LABELS)


@dataclass(frozen=True, slots=True)
class Bar:
    """Students of one grade or school by where they stand; `in_scope` is the sum of the others."""

    label: str
    in_scope: int
    one: int
    several: int
    none: int
    excused: int


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of one kind with the sentence that says the same. `more`: bars left out."""

    title: str
    by: str
    text: str
    rows: tuple[Bar, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class NamedStudent:
    """One student by name, for a report that was asked to have names."""

    name: str
    number: str
    grade: str
    school: str


@dataclass(frozen=True, slots=True)
class ReportCause:
    """One root cause of findings; where names were asked for, whom it concerns (`more`: how many beyond them)."""

    title: str
    students: tuple[NamedStudent, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done, and the causes it settles, the biggest first."""

    next_step: str
    causes: tuple[ReportCause, ...]


@dataclass(frozen=True, slots=True)
class Owned:
    """What one party settles, `owner` as a heading says it; `more`: smaller causes that are left out."""

    owner: str
    steps: tuple[Step, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class ReportReceipt:
    """The roster in force: when it was committed, by whom, where it is, and whether this report is about the same."""

    receipt_id: str
    committed_at: str
    committed_by: str
    where: str
    students: int
    same: bool


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the page says, as plain values. Moments are texts; `named`: whether it holds students' names."""

    district: str
    product: str
    made_at: str
    roster_at: str
    fingerprint: str
    digest: str
    rules: tuple[str, ...]
    rules_label: str
    in_scope: int
    one: int
    several: int
    none: int
    excused: int
    to_follow: int
    out_of_scope: int
    no_usable_grade: int
    share: str
    pictures: tuple[Bars, ...]
    ready: bool
    blockers: tuple[Owned, ...]
    warnings: tuple[Owned, ...]
    follow: tuple[str, ...]
    receipt: ReportReceipt | None
    named: bool


def make_report(
    coverage: Coverage,
    preflight: PreflightReport,
    *,
    made_at: datetime,
    district: str = "",
    product: str = "SELweb",
    receipt: Receipt | None = None,
    rules_version: int = 0,
    names: bool = False,
) -> Report:
    """The report on a roster under its rules. `receipt`: of the roster in force. `names`: list concerned students.

    Without names it holds counts, school and section names only: no id, number, name or birthdate of a student.
    """
    roster, rule_set = coverage.roster, coverage.rule_set
    asked, left_out = coverage.in_scope - coverage.excused, coverage.out_of_scope_reasons()
    return Report(
        district=district or roster.district.name or roster.district.id,
        product=product,
        made_at=moment(made_at),
        roster_at=moment(roster.fetched_at),
        fingerprint=roster.fingerprint,
        digest=preflight.digest,
        rules=tuple(rule_set.describe().splitlines()),
        rules_label=" ".join(part for part in (rule_set.name, f"v{rules_version}" if rules_version else "") if part),
        in_scope=coverage.in_scope,
        one=coverage.one,
        several=coverage.several,
        none=coverage.none,
        excused=coverage.excused,
        to_follow=coverage.to_follow,
        out_of_scope=coverage.out_of_scope,
        no_usable_grade=left_out["no_usable_grade"],
        share=percent(coverage.one, asked),
        pictures=(_bars(coverage.by_grade(), "grade"), _bars(coverage.by_school(), "school_name")),
        ready=preflight.ready,
        blockers=_owned(coverage, preflight, "blocker", names),
        warnings=_owned(coverage, preflight, "warning", names),
        follow=following(rule_set.pins),
        receipt=None if receipt is None else _receipt(receipt, coverage),
        named=names,
    )


def moment(when: datetime) -> str:
    """A moment as the report writes it: `30 November 2026, 08:10 UTC`."""
    zone = when.tzname() or ""
    return f"{when.day} {when:%B %Y, %H:%M} {zone}".rstrip()


def _bars(counts: pd.DataFrame, by: str) -> Bars:
    drawn = worst_first(counts, by, MOST_SCHOOLS)
    labels = drawn[by].map(grade_label) if by == "grade" else drawn[by].where(drawn[by] != "", drawn["school_id"])
    columns = [labels.tolist(), *(drawn[name].tolist() for name in ("in_scope", *_STATUSES))]
    rows = tuple(Bar(*row) for row in zip(*columns, strict=True))
    title = "By grade" if by == "grade" else "By school"
    return Bars(title, "Grade" if by == "grade" else "School", bars_text(counts, by), rows, len(counts) - len(drawn))


def _owned(coverage: Coverage, preflight: PreflightReport, severity: str, names: bool) -> tuple[Owned, ...]:
    causes = [cause for cause in preflight.causes if cause.severity == severity]
    told = []
    for owner, words in (("us", "Ours to settle"), ("district", "For the district"), ("Clever", "For Clever")):
        theirs = [cause for cause in causes if cause.owner == owner]
        steps: dict[str, list[ReportCause]] = {}
        for cause in theirs[:MOST_CAUSES]:
            step = ASKS.get(cause.code, cause.next_step) if owner == "district" else cause.next_step
            steps.setdefault(step, []).append(_cause(coverage, cause, names))
        listed = tuple(Step(step, tuple(settled)) for step, settled in steps.items())
        told += [Owned(words, listed, max(len(theirs) - MOST_CAUSES, 0))] if theirs else []
    return tuple(told)


def _cause(coverage: Coverage, cause: Cause, names: bool) -> ReportCause:
    listed = _named(coverage, cause.student_ids[:MOST_STUDENTS]) if names else ()
    return ReportCause(cause.title, listed, len(cause.student_ids) - len(listed) if names else 0)


def _named(coverage: Coverage, student_ids: Sequence[str]) -> tuple[NamedStudent, ...]:
    roster = coverage.roster
    rows = id_codes(pd.Series(list(student_ids), dtype="str"), roster.students["student_id"])
    students = roster.students.iloc[rows[rows >= 0]]
    name = (students["first_name"] + " " + students["last_name"]).str.strip()
    number = students["student_number"].where(students["student_number"] != "", students["sis_id"])
    place = id_codes(students["school_id"].reset_index(drop=True), roster.schools["school_id"])
    schools = np.append(roster.schools["school_name"].to_numpy(dtype=object), "")[place].tolist()
    columns = (name.tolist(), number.tolist(), students["grade"].map(grade_label).tolist(), schools)
    return tuple(NamedStudent(*row) for row in zip(*columns, strict=True))


def _receipt(receipt: Receipt, coverage: Coverage) -> ReportReceipt:
    same = (receipt.fingerprint, receipt.rule_set_json) == (coverage.roster.fingerprint, coverage.rule_set.to_json())
    at = moment(datetime.fromisoformat(receipt.committed_at))
    return ReportReceipt(receipt.receipt_id, at, receipt.committed_by, receipt.where, receipt.students, same)
