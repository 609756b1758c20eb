"""The preflight: everything that stands between a roster and its commit, grouped by cause, with who must act."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.checks import ALWAYS_BLOCKERS, CHECKS, load_check
from roster_core.coverage import Coverage, evaluate
from roster_core.families import Families
from roster_core.findings import COLUMNS, Check, Examined, Finding, nothing
from roster_core.plan import CommitPlan, CurrentRoster, plan_commit, plan_digest
from roster_core.roster import ID_SEPARATOR, Roster
from roster_core.rules import RuleSet
from roster_core.settings import Profile
from roster_core.vocabulary import text_array

__all__ = ["CHECKS", "Cause", "Check", "Finding", "PreflightReport", "run_preflight"]

_FINDING = ("code", "severity", "owner", "student_ids", "section_ids", "message")


@dataclass(frozen=True, slots=True)
class Cause:
    """Findings with one root cause. `title` counts them, `students`: how many distinct students they concern."""

    code: str
    severity: str
    owner: str
    title: str
    students: int
    message: str
    next_step: str
    student_ids: tuple[str, ...]
    section_ids: tuple[str, ...]


@dataclass(frozen=True, eq=False, repr=False)
class PreflightReport:
    """What was found, for the plan of that digest.

    frame: one row a finding, blockers first; `str` columns code, severity, owner, student_ids, section_ids (ids
    joined by `ID_SEPARATOR`), message, cause (what sets it apart from findings of the same code).
    """

    digest: str
    frame: pd.DataFrame

    @property
    def ready(self) -> bool:
        """Whether nothing blocks the commit."""
        return self.blockers == 0

    @property
    def blockers(self) -> int:
        """How many findings block the commit."""
        return int((self.frame["severity"] == "blocker").sum())

    @property
    def warnings(self) -> int:
        """How many findings only warn."""
        return len(self.frame) - self.blockers

    def blockers_beside(self, code: str) -> int:
        """How many findings of other codes block the commit."""
        return int(((self.frame["severity"] == "blocker") & (self.frame["code"] != code)).sum())

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The findings one by one, made when asked for: there may be very many."""
        columns: list[Iterable] = [self.frame[name].tolist() for name in _FINDING]
        for place in (3, 4):
            columns[place] = [tuple(text.split(ID_SEPARATOR)) if text else () for text in columns[place]]
        return tuple(Finding(*row) for row in zip(*columns, strict=True))

    @cached_property
    def causes(self) -> tuple[Cause, ...]:
        """The findings by root cause: blockers first, then the cause of most students, then of most findings."""
        return _causes(self.frame)

    def to_frame(self) -> pd.DataFrame:
        """One row a finding, for a download: code, severity, owner, student_ids, section_ids (by `;`), message."""
        told = self.frame[list(_FINDING)].copy()
        for name in ("student_ids", "section_ids"):
            told[name] = told[name].str.replace(ID_SEPARATOR, ";", regex=False)
        return told


def run_preflight(
    roster: Roster,
    rule_set: RuleSet,
    *,
    plan: CommitPlan | None = None,
    as_of: datetime | None = None,
    profile: Profile | None = None,
    approval: str = "",
    fresh: bool = False,
    coverage: Coverage | None = None,
    families: Families | None = None,
) -> PreflightReport:
    """The report on a roster under a rule set (DESIGN section 7). Reads only.

    `plan`: the commit it is for; without one, the first commit of this roster's district. `as_of`: the moment that
    ages, terms and staleness are judged by; the moment of fetching where it is None. `approval`: the reason a
    person gave for a held change. `fresh`: the data was loaded for this very report. `coverage` and `families`
    spare their making where the caller has them. Costs array work over the kept enrollments for each check.
    """
    chosen = profile or Profile()
    moment = as_of or roster.fetched_at
    examined = Examined(
        roster=roster,
        rule_set=rule_set,
        coverage=coverage or evaluate(roster, rule_set),
        plan=plan,
        as_of=moment if moment.tzinfo else moment.replace(tzinfo=UTC),
        profile=chosen,
        approval=approval,
        fresh=fresh,
        families=families,
    )
    digest = plan.digest if plan else plan_digest(roster, rule_set, district_id=roster.district.id, profile=chosen)
    unnamed = [load_check(code) for code in roster.findings["code"].unique() if code not in CHECKS]
    told = [_told(check, examined) for check in (*CHECKS.values(), *unnamed)]
    frame = pa.concat_tables(told).to_pandas()
    return PreflightReport(digest, frame.sort_values("severity", kind="stable", ignore_index=True))


def plan_and_check(
    coverage: Coverage,
    *,
    district_id: str,
    target: str,
    current: CurrentRoster | None,
    profile: Profile,
    as_of: datetime | None = None,
    approval: str = "",
    fresh: bool = False,
    window: str = "",
    stays: Callable[[CommitPlan], frozenset[str]] = lambda plan: frozenset(),
    families: Families | None = None,
) -> tuple[CommitPlan, PreflightReport]:
    """The plan of a commit and its preflight, both by one evaluation. Changes nothing.

    `current` is the roster in force at the `target`. `window` as for `plan_commit`: in an open one moves and removals
    are held. `stays` says of a plan whose rows in force are to stay instead. The others as for `run_preflight`.
    Raises InputError without a district id.
    """
    data = (coverage.roster, coverage.rule_set)
    planned = partial(
        plan_commit,
        *data,
        district_id=district_id,
        target=target,
        current=current,
        profile=profile,
        coverage=coverage,
        window=window,
    )
    plan = planned()
    if stay := stays(plan):
        plan = planned(stay=stay)
    report = run_preflight(
        *data, plan=plan, as_of=as_of, profile=profile, approval=approval, fresh=fresh, coverage=coverage,
        families=families,
    )  # fmt: skip
    return plan, report


def _told(check: Check, examined: Examined) -> pa.Table:
    """What one check finds, with code, severity and owner; nothing where it is switched off or rests."""
    profile = examined.profile
    set_to = "" if check.code in ALWAYS_BLOCKERS else profile.severities.get(check.code, "")
    severity = set_to or check.severity
    rests = severity == "off" or (check.requires and check.requires not in profile.required)
    table = nothing() if rests else check.find(examined)
    owners = table.column("owner")
    known = {name: table.column(name) for name in COLUMNS}
    known["owner"] = pc.if_else(pc.equal(owners, ""), check.owner, owners)
    for name, text in (("code", check.code), ("severity", severity)):
        known[name] = pa.repeat(pa.scalar(text, pa.large_string()), len(table))
    return pa.table({name: known[name] for name in (*_FINDING, "cause")})


def _causes(frame: pd.DataFrame) -> tuple[Cause, ...]:
    keys = ["code", "severity", "owner", "cause"]
    cause = frame.groupby(keys, sort=False).ngroup().to_numpy(dtype=np.int64)
    count = int(cause.max()) + 1 if len(cause) else 0
    _, first, findings = np.unique(cause, return_index=True, return_counts=True)
    students, sections = (_ids_by_cause(frame[name], cause, count) for name in ("student_ids", "section_ids"))
    causes = []
    for place in range(count):
        row = frame.iloc[first[place]]
        check = CHECKS.get(row["code"]) or load_check(row["code"])
        size = len(students[place]) if check.subject == "student" else int(findings[place])
        more = f" And {findings[place] - 1:,} more like it." if findings[place] > 1 else ""
        causes.append(
            Cause(
                code=row["code"],
                severity=row["severity"],
                owner=row["owner"],
                title=check.counted(size, row["cause"]),
                students=len(students[place]),
                message=row["message"] + more,
                next_step=check.fix_by(row["owner"]),
                student_ids=students[place],
                section_ids=sections[place],
            )
        )
    order = sorted(range(count), key=lambda at: (causes[at].severity != "blocker", -causes[at].students, -findings[at]))
    return tuple(causes[place] for place in order)


def _ids_by_cause(joined: pd.Series, cause: np.ndarray, count: int) -> list[tuple[str, ...]]:
    """The distinct ids of each cause, sorted."""
    parents, ids = _flat(joined)
    encoded = ids.dictionary_encode()
    width = max(len(encoded.dictionary), 1)
    pairs = np.unique(cause[parents] * width + encoded.indices.to_numpy(zero_copy_only=False))
    texts = encoded.dictionary.take(pa.array(pairs % width)).to_pylist()
    cuts = np.searchsorted(pairs // width, np.arange(count + 1)).tolist()
    return [tuple(sorted(texts[start:stop])) for start, stop in zip(cuts[:-1], cuts[1:], strict=True)]


def _flat(joined: pd.Series) -> tuple[np.ndarray, pa.Array]:
    """Joined ids one by one: the row each comes from (int64), and the ids."""
    texts = text_array(joined)
    rows = np.flatnonzero(pc.not_equal(texts, "").to_numpy(zero_copy_only=False))
    lists = pc.split_pattern(texts.take(pa.array(rows)), ID_SEPARATOR)
    return rows[pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)], pc.list_flatten(lists)
