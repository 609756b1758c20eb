"""Checks of the roster as a whole: what loading found, its age, the district's state, and what was expected of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.examples import example_failures
from roster_core.findings import Examined, concatenated, either, found, joined, nothing
from roster_core.roster import Roster, id_codes
from roster_core.vocabulary import text_array
from roster_core.wording import agreeing, counted

# A school or grade that shares less than this part of its expected headcount is worth a question.
_SHARE_EXPECTED = 0.9

# Clever's own sources: the others know nothing of a sync.
_FROM_CLEVER = ("clever", "clever-files")

# Of an out-of-scope student only these can be the reason for being out of scope.
_DECIDES_SCOPE = r" with another [^.]*\b(grade|school)"


def of_loading(examined: Examined, code: str) -> pa.Table:
    """The load findings of one code, with file and row; those about students out of scope or excused, and about
    sections that are not kept, are left out. Their own severity goes with those no check is named after.
    """
    roster = examined.roster
    told = roster.findings[roster.findings["code"] == code].reset_index(drop=True)
    if not len(told):
        return nothing()
    student = id_codes(told["student_id"], roster.students["student_id"])
    section = id_codes(told["section_id"], roster.sections["section_id"])
    matters = np.append(examined.concerned, True)[student]
    if code == "conflicting-student":
        # Which row is right decides whether the student counts: a child must not vanish by the order of rows.
        decides = pc.match_substring_regex(text_array(told["message"]), _DECIDES_SCOPE).to_numpy(False)
        matters |= decides & ~np.append(examined.excused, False)[student]
    students = text_array(told["student_id"])
    if code == "conflicting-section":
        kept = np.append(examined.coverage.section_state() > 0, True)
        matters &= kept[section]
        known = np.flatnonzero(section >= 0)
        students = pc.replace_with_mask(students, pa.array(section >= 0), examined.students_of(section[known]))
    rows = pa.array(np.flatnonzero(matters))
    row = told["row"].to_numpy()
    place = concatenated([text_array(told["file"]), ", row ", pa.array(row)], len(told))
    place = either(row > 0, place, text_array(told["file"]))
    columns = (place, text_array(told["message"]), students, text_array(told["section_id"]))
    where, message, students, sections = (column.take(rows) for column in columns)
    return found([where, ": ", message], students=students, sections=sections)


def details_withheld(examined: Examined) -> pa.Table:
    """Students the rules assess, of whom the store kept no number, names and birthdate: they were not assessed then."""
    rows = np.flatnonzero(examined.withheld)
    if not len(rows):
        return nothing()
    who = f"{counted(len(rows), 'student')} {agreeing(len(rows), 'are')}"
    why = "stored here without number, names and birthdate: nobody assessed them when this roster was stored"
    return found(
        [f"{who} {why}. Refresh the district, or upload its files again; then they are held."],
        students=joined(examined.students("student_id", rows), np.array([0, len(rows)])),
    )


def stale(examined: Examined) -> pa.Table:
    """The roster was fetched too long before the day; not a file just loaded, nor a made-up district."""
    hours = (examined.as_of - examined.roster.fetched_at) / timedelta(hours=1)
    if examined.fresh or examined.roster.source == "sample" or hours <= examined.profile.stale_hours:
        return nothing()
    limit = f"{examined.profile.stale_hours:g}"
    came, step = ("loaded", "Load newer files.") if examined.roster.by_files else ("fetched", "Fetch it again.")
    return found([f"The roster was {came} {hours:,.0f} hours ago; at most {limit} are expected. {step}"])


def district_error(examined: Examined) -> pa.Table:
    """Clever calls the district's sync wrong: `pending` is the district's to mend, `error` Clever's. Clever says that
    the error text beside it must not decide, so it does not.
    """
    state, said = examined.roster.district.state, examined.roster.district.error.strip()
    if state not in ("error", "pending"):
        return nothing()
    # Clever writes this text for the people of the district.
    words = f' and says "{said}"' if said else ""
    who = "district" if state == "pending" else "Clever"
    step = "Ask the district to mend its sync" if state == "pending" else "Ask Clever support to mend the sync"
    given = f'Clever gives the district the state "{state}"{words}'
    return found([f"{given}; running or success is expected. {step}, then fetch again."], owner=who)


def paused(examined: Examined) -> pa.Table:
    """The district's sync into Clever is paused, or was to be on the day."""
    district, today = examined.roster.district, examined.as_of.date().isoformat()
    begun = bool(district.pause_start) and district.pause_start[:10] <= today
    within = begun and (not district.pause_end or today <= district.pause_end[:10])
    if district.state != "paused" and not within:
        return nothing()
    until = f" until {district.pause_end[:10]}" if district.pause_end else ""
    return found([f"The district's sync into Clever is paused{until}: changes in its schools do not arrive."])


def sync_old(examined: Examined) -> pa.Table:
    """Clever last heard from the district days before the day. A date nobody can read says nothing."""
    if examined.roster.source not in _FROM_CLEVER:
        return nothing()
    try:
        synced = datetime.fromisoformat(examined.roster.district.last_sync)
    except ValueError:
        return nothing()
    days = (examined.as_of - (synced if synced.tzinfo else synced.replace(tzinfo=UTC))) / timedelta(days=1)
    limit = examined.profile.sync_old_days
    if days <= limit:
        return nothing()
    said = f"Clever last synced from the district {days:,.0f} days ago, on {synced.date()}"
    return found([f"{said}; at most {limit:g} are expected. Ask the district why."])


def absent_students(examined: Examined) -> pa.Table:
    """Schools and grades that share no student, or clearly fewer than the district was expected to share; and a scope
    that nobody is in, which is ours to look at first."""
    students, expected, told = examined.roster.students, examined.profile.expected, []
    nobody = len(students) > 0 and examined.coverage.in_scope == 0
    if nobody:
        told.append(
            f"None of the {counted(len(students), 'student')} shared is in a grade and school that are assessed, so "
            "nobody would be rostered. Look at the assessed grades and schools of the rules."
        )
    for column, noun, headcounts in (
        ("school_id", "School", expected.schools),
        ("grade", "Grade", expected.grades),
    ):
        shared = students[column].value_counts()
        for key, headcount in headcounts.items():
            known, name = _school(examined.roster, key) if noun == "School" else (key, key)
            count = int(shared.get(known, 0))
            if count < max(headcount * _SHARE_EXPECTED, 1):
                told.append(f"{noun} {name} shares {count:,} of {headcount:,} expected students. Ask the district.")
    owners = ["us"] * nobody + [""] * (len(told) - nobody)
    return found([pa.array(told, pa.large_string())], owner=pa.array(owners, pa.large_string()))


def _school(roster: Roster, key: str) -> tuple[str, str]:
    """The id and name of an expected school, which may be given by its name, before its id was known."""
    schools = roster.schools
    rows = np.flatnonzero(schools["school_id"] == key)
    if not len(rows):
        rows = np.flatnonzero(schools["school_name"].str.strip().str.casefold() == key.strip().casefold())
    if not len(rows):
        return key, key
    row = schools.iloc[rows[0]]
    return row["school_id"], f"{row['school_name']} ({row['school_id']})" if row["school_name"] else key


def failing_examples(examined: Examined) -> pa.Table:
    """Examples of the rule set that its rules do not meet."""
    failures = example_failures(examined.roster, examined.rule_set, examined.coverage.verdicts)
    return found([pa.array([f"Example {item.index + 1}: {item.message}" for item in failures], pa.large_string())])


def mass_change(examined: Examined) -> pa.Table:
    """The plan changes so much of the roster in force that a person must approve it, and nobody has."""
    plan = examined.plan
    if plan is None or not plan.held or examined.approval.strip():
        return nothing()
    ids = pd.concat([frame["student_id"] for frame in (plan.removed, plan.moved, plan.updated)])
    everyone = joined(text_array(ids), np.array([0, len(ids)]))
    return found([plan.hold_reason], students=everyone)
