"""Rules from elsewhere and to elsewhere: earlier versions, rule files, and the examples they must satisfy."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.shared import icons, rule_desk, services, state, widgets
from pages.shared.frame import OpenDistrict
from roster_core.errors import RosterError, RuleError
from roster_core.examples import example_failures
from roster_core.roster import Roster
from roster_core.rules import Example, RuleSet

_PINS = "Pins are decisions about single students; they belong to the district they were made in."


def drawer(opened: OpenDistrict) -> None:
    """Draws what is needed rarely, made only when it is opened: name, versions, import, export, examples."""
    examples(opened, only_failing=True)
    more = st.expander("More: name, versions, import, export, examples", key=f"{opened.district_id}:more",
                       on_change="rerun")  # fmt: skip
    if not more.open:
        return
    with more:
        rule_desk.name(opened)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            versions(opened)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            export(opened)
            rule_desk.back_to_saved(opened)
        importing(opened)
        examples(opened)


def versions(opened: OpenDistrict) -> None:
    """Draws the list of saved versions and the button that makes one the draft."""
    saved = {held.version: held for held in services.saved_versions(opened.district_id)}
    if not saved:
        st.caption("No version is saved yet.")
        return
    key = f"{opened.district_id}:version"
    chosen = st.selectbox(
        "Saved versions",
        list(saved),
        format_func=lambda version: " · ".join(
            part for part in (f"v{version}", saved[version].rule_set.name, widgets.clock(saved[version].saved_at),
                              saved[version].saved_by) if part
        ),  # fmt: skip
        key=key,
        width=420,
    )
    pins = opened.draft.pins
    wanted = replace(saved[chosen].rule_set, pins=pins) if chosen in saved else opened.draft
    st.button(
        "Open", key=f"{key}:open", help="Its rules become the draft, your pins stay. Undo brings the draft back.",
        on_click=state.set_draft, args=(opened.district_id, wanted, f"open v{chosen}"),
    )  # fmt: skip


def export(opened: OpenDistrict) -> None:
    """Draws the download of the draft as a rule file, without its pins unless they are asked for."""
    key = f"{opened.district_id}:export"
    with_pins = st.checkbox("Export with pins", key=f"{key}:pins", help=_PINS)
    st.download_button(
        "Export rule file",
        data=opened.draft.to_json(pins=with_pins),
        file_name=f"{opened.district_id}-rules.json",
        mime="application/json",
        icon=":material/download:",
        key=key,
        on_click="ignore",
    )


def importing(opened: OpenDistrict) -> None:
    """Draws the upload of a rule file; every problem of a bad one is listed with its place, and nothing changes."""
    district = opened.district_id
    turn = state.selection(f"import-turn:{district}", 0)
    key = f"{district}:import:{turn}"
    st.checkbox("Take the pins of an imported file too", key=f"{key}:pins", help=_PINS)
    st.file_uploader(
        "Import a rule file",
        type="json",
        key=key,
        max_upload_size=20,
        on_change=_imported,
        args=(district, opened.roster, key, turn),
    )
    outcome = state.selection(f"import:{district}")
    if isinstance(outcome, RosterError):
        widgets.show_error(outcome)
        st.caption("Nothing was changed.")
    elif outcome:
        st.success(outcome)


def read_rules(content: bytes, before: RuleSet, roster: Roster, *, with_pins: bool) -> RuleSet:
    """The rule set of a file as this district takes it over.

    Pins stay with their district unless asked for. The file's grades and schools count where it names
    any; schools this roster does not have are left out, for they belong to another district.
    Raises `RuleError` with every problem of the file.
    """
    read = RuleSet.from_json(content)
    known = set(roster.schools["school_id"])
    return replace(
        read,
        pins=before.with_pins(*read.pins).pins if with_pins else before.pins,
        assessed_grades=read.assessed_grades or before.assessed_grades,
        assessed_schools=tuple(school for school in read.assessed_schools if school in known)
        or before.assessed_schools,
    )


def examples(opened: OpenDistrict, *, only_failing: bool = False) -> None:
    """Draws the names that must be kept or dropped, each with whether it is; or only those that fail."""
    failures = example_failures(opened.roster, opened.draft, opened.coverage.verdicts)
    if only_failing:
        for failure in failures:
            st.warning(widgets.plain(failure.message))
        return
    st.markdown("**Examples**")
    failing = {failure.index for failure in failures}
    district = opened.district_id
    for index, example in enumerate(opened.draft.examples):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            mark = ":red[:material/close: fails]" if index in failing else ":green[:material/check: holds]"
            st.markdown(f"Must {example.expect}: {widgets.plain(example.section_name)}  {mark}", width="content")
            st.button(
                icons.label("delete", f"Remove example {index + 1}"), type="tertiary",
                key=f"{district}:example:{index}:remove", on_click=_without_example, args=(district, index),
            )  # fmt: skip
    form = st.form(f"{district}:example", clear_on_submit=True, border=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("A section named like this must be", ("keep", "drop"), key=f"{district}:example:expect",
                     format_func={"keep": "kept", "drop": "dropped"}.__getitem__, width=220)  # fmt: skip
        st.text_input("Section name", key=f"{district}:example:name", width=260, placeholder="Homeroom - Diaz")
        st.form_submit_button("Add example", on_click=_with_example, args=(district,))


def _imported(district: str, roster: Roster, key: str, turn: int) -> None:
    file = state.widget(key)
    if file is None:
        return
    before = state.draft(district)
    try:
        rule_set = read_rules(file.getvalue(), before, roster, with_pins=bool(state.widget(f"{key}:pins")))
    except RuleError as error:
        state.select(f"import:{district}", error)
        return
    state.set_draft(district, rule_set, "import a rule file")
    state.select(f"import:{district}", f"Imported {widgets.count(len(rule_set.rules), 'rule')}. Undo takes it back.")
    state.select(f"import-turn:{district}", turn + 1)


def _with_example(district: str) -> None:
    section_name = str(state.widget(f"{district}:example:name") or "").strip()
    if section_name:
        draft = state.draft(district)
        example = Example(section_name, state.widget(f"{district}:example:expect"))
        kept = tuple(held for held in draft.examples if held.section_name != section_name)
        state.set_draft(district, replace(draft, examples=(*kept, example)), "add an example")


def _without_example(district: str, index: int) -> None:
    draft = state.draft(district)
    kept = (*draft.examples[:index], *draft.examples[index + 1 :])
    state.set_draft(district, replace(draft, examples=kept), "remove an example")
