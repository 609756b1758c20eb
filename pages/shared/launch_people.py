"""Drawing pieces of the launch page: contacts, the answer about sync settings, days off, expected headcounts."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.shared import launch_desk, scope, services, state, widgets
from pages.shared.launch_desk import OpenLaunch
from pages.shared.services import launch, launch_changes
from roster_core.dates import day_off, day_text
from roster_core.onboarding import Contact, SyncAnswer
from roster_core.vocabulary import GRADE_ORDER

_FIELDS = (("name", "name"), ("email", "e-mail"), ("phone", "phone"))
_METHODS = {"": "Seen from its roster", "clever": "Through Clever", "files": "As files"}


def people(here: OpenLaunch) -> None:
    """Who is to be reached, who looks after the district, how it rosters, and its answer about sync settings."""
    if not services.may("reviewer"):
        _read(here)
        return
    _contacts(here)
    _method(here)
    _sync(here)


def expected(here: OpenLaunch) -> None:
    """The headcounts the district is expected to share, by school and by grade; the preflight compares them."""
    told = here.onboarding.expected
    since = f"Set on {day_text(here.onboarding.expected_on)}. " if here.onboarding.expected_on else ""
    st.caption(f"{since}The preflight warns where a school or grade shares clearly fewer students than expected.")
    schools_now, grades_now = launch.current_headcounts(here.district_id)
    names = launch.school_names(here.district_id)
    able = services.may("reviewer")
    by_school, by_grade = st.columns(2, gap="medium")
    with by_school:
        keys = list(dict.fromkeys([*schools_now, *told.schools]))
        labels = [names.get(key) or key for key in keys]
        schools = _editor(here, "School", keys, labels, schools_now, dict(told.schools), grows=not names, able=able)
    with by_grade:
        grades = sorted({*grades_now, *told.grades} or scope.PROPOSED_GRADES, key=lambda each: GRADE_ORDER[each])
        labels = [widgets.grade_label(each) for each in grades]
        by = _editor(here, "Grade", grades, labels, grades_now, dict(told.grades), grows=False, able=able)
    if not able:
        return
    about = (here.district_id, here.revision)
    with st.container(horizontal=True):
        st.button(
            "Save the headcounts", disabled=(schools, by) == (dict(told.schools), dict(told.grades)),
            key=here.key("save-expected"), on_click=launch_desk.act_below,
            args=("The expected headcounts are saved.", launch_changes.set_expected, *about, schools, by, here.today),
        )  # fmt: skip
        st.button(
            "Take the current counts", icon=":material/content_copy:", disabled=not schools_now,
            key=here.key("take-counts"), on_click=launch_desk.act_below,
            args=("The current counts are what is expected now.", launch_changes.set_expected, *about, schools_now,
                  grades_now, here.today),
        )  # fmt: skip


def _read(here: OpenLaunch) -> None:
    """The same as words, for those who may only look."""
    kept, saved = here.onboarding, here.onboarding.sync_answer
    people = (("SEL lead", kept.sel_lead), ("Clever admin", kept.clever_admin))
    told = [(title, " · ".join(part for part in (each.name, each.email, each.phone) if part)) for title, each in people]
    told += [("Looked after by", kept.looked_after_by), ("Sends its roster", _METHODS[kept.method])]
    whose = f" ({saved.by}, {day_text(saved.on)})" if saved.by and saved.on else ""
    told.append(("About its sync settings", f"{saved.text}{whose}" if saved.text else ""))
    lines = [f"- **{title}**: {widgets.people(words) or 'not known yet'}" for title, words in told]
    st.markdown("\n".join(lines))


def _contacts(here: OpenLaunch) -> None:
    onboarding = here.onboarding
    saved = (onboarding.sel_lead, onboarding.clever_admin, onboarding.looked_after_by)
    mark = launch_desk.stamp(saved)
    with st.form(here.key("people", mark)):
        for field, title in (("sel_lead", "SEL lead"), ("clever_admin", "Clever admin")):
            st.markdown(f"**{title}**")
            contact = getattr(onboarding, field)
            for (name, label), column in zip(_FIELDS, st.columns(3), strict=True):
                column.text_input(f"{title}: {label}", getattr(contact, name), key=here.key(field, name, mark))
        st.text_input("Who of us looks after this district", onboarding.looked_after_by, key=here.key("ours", mark),
                      width=420)  # fmt: skip
        st.form_submit_button("Save the people", key=here.key("save-people"), on_click=_people, args=(here, mark))


def _people(here: OpenLaunch, mark: str) -> None:
    def contact(field: str) -> Contact:
        return Contact(*((state.widget(here.key(field, name, mark), "") or "").strip() for name, _ in _FIELDS))

    ours = state.widget(here.key("ours", mark), "") or ""
    about = (here.district_id, here.revision, contact("sel_lead"), contact("clever_admin"), ours)
    launch_desk.act_below("The people are saved.", launch_changes.set_people, *about)


def _method(here: OpenLaunch) -> None:
    saved = here.onboarding.method
    key = here.key("method", saved)
    st.radio(
        "How the district sends its roster", list(_METHODS), index=list(_METHODS).index(saved), horizontal=True,
        format_func=_METHODS.__getitem__, key=key, on_change=_chose_method, args=(here, key),
    )  # fmt: skip


def _chose_method(here: OpenLaunch, key: str) -> None:
    about = (here.district_id, here.revision, state.widget(key, ""))
    if not launch_desk.act_below("Kept how the district sends its roster.", launch_changes.set_method, *about):
        state.forget_widget(key)


def _sync(here: OpenLaunch) -> None:
    saved = here.onboarding.sync_answer
    mark = launch_desk.stamp(saved)
    with st.form(here.key("sync", mark)):
        st.markdown("**Sync settings**")
        st.caption("Do the district's sync settings let us receive and approve changed sharing rules promptly?")
        answer, by, on = st.columns([2, 1, 1])
        answer.text_input("The district's answer", saved.text, key=here.key("sync-text", mark))
        by.text_input("Answered by", saved.by, key=here.key("sync-by", mark))
        on.date_input("Answered on", saved.on, max_value=here.today, key=here.key("sync-on", mark),
                      format="MM/DD/YYYY")  # fmt: skip
        st.form_submit_button("Save the answer", key=here.key("save-sync"), on_click=_synced, args=(here, mark))


def _synced(here: OpenLaunch, mark: str) -> None:
    text, by = (state.widget(here.key(name, mark), "") or "" for name in ("sync-text", "sync-by"))
    answer = SyncAnswer(text.strip(), state.widget(here.key("sync-on", mark)), by.strip())
    about = (here.district_id, here.revision, answer)
    launch_desk.act_below("The answer is saved.", launch_changes.set_sync_answer, *about)


def days_off(here: OpenLaunch) -> None:
    """The days on which the district's schools are closed, beside weekends and federal holidays."""
    saved = here.onboarding.days_off
    st.caption(
        "Breaks and teacher days, beside weekends and US federal holidays. No launch is proposed on them, and no "
        "request is chased."
    )
    able = services.may("reviewer")
    for place, each in enumerate(saved):
        with st.container(horizontal=True, vertical_alignment="center"):
            last = f" to {day_text(each.last)}" if each.last != each.first else ""
            name = f": {widgets.plain(each.name)}" if each.name else ""
            st.markdown(f"{day_text(each.first)}{last}{name}", width=420)
            left = (*saved[:place], *saved[place + 1 :])
            st.button(
                "Remove", key=here.key("day-gone", place), disabled=not able, on_click=launch_desk.act_below,
                args=("Removed.", launch_changes.set_days_off, here.district_id, here.revision, left),
            )  # fmt: skip
    if not saved:
        st.caption("None yet.")
    if not widgets.allowed("reviewer"):
        return
    with st.form(here.key("days-off", launch_desk.stamp(saved)), border=False):
        first, last, name, add = st.columns([1, 1, 1.6, 1], vertical_alignment="bottom")
        first.date_input("First day", None, key=here.key("day-first", len(saved)), format=_DATE)
        last.date_input("Last day (empty: one day)", None, key=here.key("day-last", len(saved)), format=_DATE)
        name.text_input("What", key=here.key("day-name", len(saved)), placeholder="Winter break")
        add.form_submit_button("Add the days", key=here.key("day-add"), on_click=_added_day, args=(here, len(saved)))


_DATE = "MM/DD/YYYY"


def _added_day(here: OpenLaunch, place: int) -> None:
    first, last, name = (state.widget(here.key(f"day-{part}", place)) for part in ("first", "last", "name"))

    def add() -> None:
        days = (*here.onboarding.days_off, day_off(first, last, name or ""))
        launch_changes.set_days_off(here.district_id, here.revision, days)

    launch_desk.act_below("The days off are saved.", add)


def _editor(
    here: OpenLaunch,
    noun: str,
    keys: list[str],
    labels: list[str],
    now: dict[str, int],
    told: dict[str, int],
    *,
    grows: bool,
    able: bool,
) -> dict[str, int]:
    """The table of expected headcounts; gives what it says by key, as far as it says anything."""
    columns = {
        noun: labels,
        "Now": [now.get(key) for key in keys],
        "Expected": [told.get(key) for key in keys],
    }
    # A table that grows takes any value: pandas would not put a new row's empty cell into a typed column.
    table = pd.DataFrame(columns, dtype="object") if grows else pd.DataFrame(columns).convert_dtypes()
    edited = st.data_editor(
        table, num_rows="dynamic" if grows and able else "fixed", hide_index=True, width="stretch",
        disabled=(["Now"] if grows else [noun, "Now"]) if able else True,
        key=here.key("expected", noun, launch_desk.stamp((keys, now, told))),
        placeholder="–",
        alt=f"Students by {noun.lower()}: shared now, and expected",
        column_config={"Expected": st.column_config.NumberColumn(min_value=0, step=1)},
    )  # fmt: skip
    named = [*keys, *edited[noun].tolist()[len(keys) :]]
    pairs = zip(named, edited["Expected"].tolist(), strict=True)
    return {key: int(number) for key, number in pairs if isinstance(key, str) and key and not pd.isna(number)}
