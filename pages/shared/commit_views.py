"""Drawing pieces of the commit page's first two steps: the preflight by cause, and what would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from pages.shared import (
    downloads,
    fold_outs,
    message_views,
    student_card,
    student_groups,
    student_views,
    widgets,
)
from pages.shared.frame import OpenDistrict
from roster_core.findings import without_birthdates
from roster_core.plan import CommitPlan
from roster_core.preflight import Cause, PreflightReport
from roster_core.roster import id_codes
from roster_core.rule_words import EXCUSES

OWNERS: Mapping[str, str] = {
    "us": "Ours to settle",
    "district": "The district's to settle",
    "Clever": "Clever's to settle",
}

_CHANGED = ("student_id", "student_number", "grade", "school_name", "from_section_name", "section_name", "changed")
_DIFFERS = {**widgets.COLUMN_LABELS, "school_id": "School", "teacher_id": "Teacher", "co_teacher_ids": "Co-teachers"}

#: Where our own causes are settled.
PLACES: Mapping[str, tuple[str, str]] = {
    "student-in-several-sections": ("pages/rules.py", "Open in Rules →"),
    "student-in-no-section": ("pages/rules.py", "Open in Rules →"),
    "rule-example-fails": ("pages/rules.py", "Open in Rules →"),
    "pin-not-enrolled": ("pages/students.py", "Open in Students →"),
    "pin-unknown-student": ("pages/students.py", "Open in Students →"),
    "student-details-not-held": ("pages/districts.py", "Refresh in Districts →"),
    "roster-stale": ("pages/districts.py", "Refresh in Districts →"),
}

#: The reason proposed when the students of a cause are excused.
_LIKELY: Mapping[str, str] = {
    "missing-birthdate": "Birthdate missing",
    "unreadable-birthdate": "Birthdate missing",
    "student-in-no-section": "No section shared yet",
    "student-in-several-sections": "Section to be corrected by the district",
}

#: The biggest causes of blockers stand open as cards.
MOST_CARDS = 4

#: A panel lists so many causes and students; the download has them all.
MOST_CAUSES, MOST_STUDENTS, MOST_ROWS = 12, 200, 1_000


def preflight(here: OpenDistrict, report: PreflightReport, *, shown: bool) -> None:
    """The verdict, the causes of blockers as cards, biggest first, the warnings folded, and the download."""
    blockers = [cause for cause in report.causes if cause.severity == "blocker"]
    warnings = [cause for cause in report.causes if cause.severity == "warning"]
    if report.ready:
        st.success("Ready: nothing stops the commit.", icon=":material/check_circle:")
    else:
        st.error(
            f"{widgets.count(report.blockers, 'blocker')} from {widgets.count(len(blockers), 'cause')} must be settled "
            "first. One is enough to stop the whole roster.",
            icon=":material/block:",
        )
    for cause in blockers[:MOST_CARDS]:
        with st.container(border=True):
            _cause(here, cause, shown=shown)
    if smaller := blockers[MOST_CARDS:]:
        _folded(here, smaller, f"{widgets.count(len(smaller), 'smaller cause')} to settle", "smaller", shown=shown)
    if warnings:
        label = f"{widgets.count(len(warnings), 'warning')}: worth a look, no reason to stop"
        _folded(here, warnings, label, "warnings", shown=shown)
    if any(cause.owner == "district" for cause in report.causes):
        everything = st.expander(
            "Message to the district, about all that is theirs", key="message_errors", on_change="rerun"
        )
        if everything.open:
            with everything:
                message_views.panel(here.district_id, "errors", rules=here.draft)
    if report.causes:
        file = downloads.File("preflight", here.district_id, len(report.frame))
        label = "Download all findings (CSV)"
        downloads.csv_button(file, lambda: _all_findings(report), label, key="download_findings")


def _folded(here: OpenDistrict, causes: Sequence[Cause], label: str, key: str, *, shown: bool) -> None:
    """Causes one below the other, once the panel that holds them is opened."""
    box = st.expander(label, key=key, on_change="rerun")
    if not box.open:
        return
    with box:
        for cause in causes[:MOST_CAUSES]:
            _cause(here, cause, shown=shown)
        if len(causes) > MOST_CAUSES:
            st.caption(f"And {len(causes) - MOST_CAUSES:,} more, in the download.")


def change(plan: CommitPlan) -> None:
    """How many would be rostered and what that changes, each number with its list."""
    if plan.current_receipt_id:
        before = widgets.count(plan.current_students, "student")
        st.write(f"Against the {before} in force, receipt {plan.current_receipt_id}:")
    else:
        st.write("Nothing is in force yet for this district; everybody is new.")
    told = (
        ("Rostered", plan.rows),
        ("New", plan.added),
        ("Moved", plan.moved),
        ("Updated", plan.updated),
        ("Removed", plan.removed),
    )
    for column, (label, frame) in zip(st.columns(5), told, strict=True):
        column.metric(label, widgets.number(len(frame)), border=True)
    change_lists(plan, "change")
    if plan.held:
        st.warning(f"Held: {widgets.plain(plan.hold_reason)}", icon=":material/front_hand:")


def change_lists(plan: CommitPlan, key: str) -> None:
    """A list each of who is new, moved, updated and removed; none where nothing was in force and everybody is new."""
    lists = {"New": plan.added, "Moved": plan.moved, "Updated": plan.updated, "Removed": plan.removed}
    for label, frame in lists.items() if plan.current_receipt_id else ():
        if len(frame):
            _changed(label, frame, f"{key}_{label}")


def _changed(label: str, frame: pd.DataFrame, key: str) -> None:
    """One list of what would change, made only when it is opened."""
    box = st.expander(f"{label}: {widgets.count(len(frame), 'student')}", key=key, on_change="rerun")
    if not box.open:
        return
    with box:
        st.dataframe(
            change_table(frame.head(MOST_ROWS)), key=f"{key}_rows", hide_index=True,
            height=widgets.table_height(len(frame), 9), alt=f"{label} students, without names",
        )  # fmt: skip
        if len(frame) > MOST_ROWS:
            st.caption(f"The first {MOST_ROWS:,} of {len(frame):,}.")


def change_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Students whose rows would change, as people read them: where they were first, and what differs in words."""
    labels = {**widgets.COLUMN_LABELS, "from_section_name": "Section before", "changed": "What differs"}
    columns = [name for name in _CHANGED if name in frame]
    table = frame[columns].assign(grade=frame["grade"].map(widgets.grade_label))
    if "changed" in table:
        words = {names: _differing(names) for names in table["changed"].unique()}
        table["changed"] = table["changed"].map(words)
    return table.rename(columns=labels)


def _differing(names: str) -> str:
    """The columns that differ, as people call them: `Last name, co-teachers`."""
    return ", ".join(dict.fromkeys(_DIFFERS.get(name, name) for name in names.split(", ")))


def _all_findings(report: PreflightReport) -> pd.DataFrame:
    told = report.to_frame()
    return told.assign(message=without_birthdates(told["message"]))


def _cause(here: OpenDistrict, cause: Cause, *, shown: bool) -> None:
    # Named by what it holds and not by its place: once a cause is settled, the next must not open in its stead.
    key = f"{cause.code}_{hash((cause.title, cause.student_ids, cause.section_ids))}"
    who = OWNERS.get(cause.owner, cause.owner)
    st.markdown(f"**{widgets.plain(cause.title)}**  ·  :small[{who}]  \n{widgets.plain(cause.next_step)}")
    held = cause.code == "mass-change"
    able = (
        ("list", "List", not held and bool(cause.student_ids or cause.section_ids)),
        ("message", "Message", cause.owner == "district"),
        ("excuse", "Excuse them", not held and bool(cause.student_ids) and cause.severity == "blocker"),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if cause.owner == "us" and (page := PLACES.get(cause.code)):
            widgets.link(*page)
        if held:
            st.caption("It is listed, and approved, under 2 below.")
        opened = {
            word: may and fold_outs.button(here.district_id, f"{word}_{key}", label, quiet=False)
            for word, label, may in able
        }
    if opened["list"]:
        _listed(here, cause, key, shown=shown)
    if opened["message"]:
        message_views.panel(here.district_id, "errors", rules=here.draft, only=(cause,), key=key)
    if opened["excuse"]:
        _excuse(here, cause, key)


def _listed(here: OpenDistrict, cause: Cause, key: str, *, shown: bool) -> None:
    message = cause.message if shown else without_birthdates(pd.Series([cause.message], dtype="str")).iloc[0]
    st.write(widgets.plain(message))
    if cause.student_ids:
        rows = _rows(cause.student_ids[:MOST_STUDENTS], here.roster.students["student_id"])
        frame = student_views.listing(here.coverage, rows)
        widgets.student_table(frame, key=f"students_{key}", alt="The students of this cause", shown=shown, most=7)
        _cut(len(cause.student_ids))
        if st.button("See them on the Students page", key=f"bring_{key}", icon=":material/group:", on_click=_bring,
                     args=(here, cause)):  # fmt: skip
            widgets.go("pages/students.py")
    else:
        rows = _rows(cause.section_ids[:MOST_STUDENTS], here.roster.sections["section_id"])
        columns = ["section_id", "section_name", "course_name", "school_name", "teacher_name"]
        frame = here.roster.sections.iloc[rows][columns]
        widgets.student_table(frame, key=f"sections_{key}", alt="The sections of this cause", most=7)
        _cut(len(cause.section_ids))


def _bring(here: OpenDistrict, cause: Cause) -> None:
    """Makes the students of a cause those that the Students page shows; its title without the count is the words."""
    _, _, words = cause.title.split(" ", 2)
    rows = _rows(cause.student_ids, here.roster.students["student_id"])
    student_groups.bring(here.district_id, here.coverage, rows, widgets.plain(words), "pages/commit.py")


def _excuse(here: OpenDistrict, cause: Cause, key: str) -> None:
    st.write(f"{widgets.count(len(cause.student_ids), 'student')} would be left out of this roster, with a reason.")
    if not widgets.allowed("reviewer"):
        return
    decision = student_card.decide(here.district_id, key, likely=_LIKELY.get(cause.code, "Other information missing"))
    with st.container(horizontal=True):
        for word, label in EXCUSES.items():
            st.button(
                f"Excuse: {label.lower()}",
                key=f"{key}_{word}",
                disabled=not student_card.may_excuse(word, decision),
                help=student_card.wanting(word, decision),
                on_click=student_card.set_pins,
                args=(here.district_id, tuple(cause.student_ids), None, word, decision),
            )


def _cut(count: int) -> None:
    if count > MOST_STUDENTS:
        st.caption(f"The first {MOST_STUDENTS:,} of {count:,}; the download has them all.")


def _rows(ids: Sequence[str], known: pd.Series) -> np.ndarray:
    rows = id_codes(pd.Series(list(ids), dtype="str"), known)
    return rows[rows >= 0].astype(np.int64)
