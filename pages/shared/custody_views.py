"""Drawing pieces of the activity page: what is held of a district and until when, and deleting it on request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from pages.shared import downloads, services, state, widgets
from pages.shared.services import log
from roster_core.custody import Custody, Holding, ToldDeed, to_html
from roster_core.errors import RosterError
from roster_core.wording import short_day


def draw() -> None:
    """One district: what is held and until when, who saw and approved, what was deleted; the record as a file."""
    names = log.district_names()
    ids = {*names, *(entry.district_id for entry in log.entries())} - {""}
    known = sorted(ids, key=lambda key: names.get(key, key).casefold())
    if told := state.selection("custody_told"):
        st.success(told, icon=":material/check:")
        state.select("custody_told", None)
    if not known:
        widgets.empty("Nothing was held yet", "Load a roster on the Districts page; what is held of it is told here.")
        return
    current = state.district_id()
    district = st.selectbox(
        "District", known, index=known.index(current) if current in known else 0, width=360, key="custody_district",
        format_func=lambda key: names.get(key, f"{key} (deleted)"),
    )  # fmt: skip
    record = log.record_of(district)
    st.caption("Told by the log alone, so it stands after everything else is deleted.")
    _held(record, district)
    _people("Who saw names and who took files", record.seen, "Nobody revealed a name or took a file.", "custody_seen")
    _people("Who checked, approved and committed", record.approved, "Nothing was committed.", "custody_approved")
    _people("What was deleted, and when", record.deleted, "Nothing was deleted.", "custody_deleted")
    _file(record, names.get(district, ""))
    if services.may("admin"):
        if district in names:
            _notes(log.notes_of(district))
            _delete(district, names)
        _purge()


def _held(record: Custody, district: str) -> None:
    st.header("What is held")
    stored = log.held_rosters(district)
    if stored:
        newest = stored[0]
        until = log.kept_until(newest.fetched_at)
        told = f"The newest roster is deleted on **{short_day(until)}**, unless it is loaded again."
        if newest.withheld:
            told += (
                f" Of {widgets.count(newest.withheld, 'student')} outside the scope only id, grade, schools and "
                "sections are held: no name, number or birthdate."
            )
        st.write(told)
    if not record.held:
        st.caption("No roster was ever held.")
        return
    st.dataframe(
        held_table(record.held, {info.fingerprint: short_day(log.kept_until(info.fetched_at)) for info in stored}),
        hide_index=True,
        key="custody_held",
        alt="Rosters that were held: what, students, without names, since when, deleted when",
        column_config=dict.fromkeys(("Students", "Without names"), st.column_config.NumberColumn(format="localized")),
        height=widgets.table_height(len(record.held), 8),
    )


def held_table(held: Sequence[Holding], until: Mapping[str, str]) -> pd.DataFrame:
    """Rosters as people read them; `until`: when a stored one will be deleted, by fingerprint."""
    return pd.DataFrame(
        {
            "What": [f"{each.what.capitalize()} roster" for each in held],
            "Roster": [each.name[:14] for each in held],
            "Students": [each.students for each in held],
            "Without names": [each.withheld for each in held],
            "Since": [widgets.minute(each.since) for each in held],
            "Deleted": [_deleted(each, until) for each in held],
        }
    )


def _deleted(each: Holding, until: Mapping[str, str]) -> str:
    if each.until is not None:
        return widgets.minute(each.until)
    return f"due {until[each.name]}" if each.name in until else "held while in force, then as the setting says"


def _people(heading: str, told: Sequence[ToldDeed], nothing: str, key: str) -> None:
    st.header(heading)
    if not told:
        st.caption(nothing)
        return
    rows = {
        "When": [widgets.minute(each.at) for each in reversed(told)],
        "Who": [each.by for each in reversed(told)],
        "What": [each.what for each in reversed(told)],
    }
    frame = pd.DataFrame(rows)
    st.dataframe(
        frame,
        hide_index=True,
        key=key,
        alt=heading,
        column_config={
            "When": st.column_config.Column(width=125),
            "Who": st.column_config.Column(width=140),
            "What": st.column_config.Column(width=640),
        },
        height=widgets.table_height(len(told), 8),
    )


def _file(record: Custody, name: str) -> None:
    head, problems = log.chain()
    made = services.now()
    downloads.button(
        downloads.File("custody", record.district_id, len(record.held)),
        lambda: to_html(record, name=name, head=str(head), intact=not problems, now=made),
        "Download this record (one page, for the district)", ending="html", mime="text/html", key="custody_file",
    )  # fmt: skip


def _notes(notes: Sequence[services.Note]) -> None:
    if not notes:
        return
    with st.expander(f"Reasons and notes: {widgets.count(len(notes), 'text')}, each can be erased"):
        for note in notes:
            with st.container(horizontal=True, vertical_alignment="center"):
                words = f"{widgets.clock(note.at)}, {widgets.people(note.by)}: {widgets.plain(note.text)}"
                st.markdown(words, width="stretch")
                if not note.erased:
                    why = f"Erase the text of {widgets.clock(note.at)}; its hash stays in the log"
                    st.button("Erase", key=f"erase_{note.id}", on_click=_erase, args=(note.id,), help=why)


def _erase(note_id: str) -> None:
    try:
        log.erase_note(note_id)
    except RosterError as error:
        state.select("custody_told", None)
        widgets.show_error(error)


def _purge() -> None:
    days = services.settings().retention_days
    with st.expander("Delete what is past its day"):
        st.write(
            f"Rosters are kept for {widgets.count(days, 'day')} after they were fetched (`ROSTER_RETENTION_DAYS`), in "
            "every district. What is past its day goes once a day by itself, when somebody opens the app."
        )
        st.button("Delete it now", key="purge_now", on_click=_purge_now)


def _purge_now() -> None:
    try:
        purged = log.purge()
    except RosterError as error:
        widgets.show_error(error)
    else:
        gone = f"{widgets.count(purged.rosters, 'roster')} and {widgets.count(purged.rows, 'committed row')}"
        state.select("custody_told", f"{gone} were past their day and are deleted.")


def _delete(district: str, names: Mapping[str, str]) -> None:
    with st.expander("Delete this district, for good"):
        name = names[district]
        st.write(
            "Rosters, rules, pins, receipts with their rows, notes, messages and dates of this district are deleted. "
            "Only the log stays."
        )
        if services.is_connected():
            st.write(f"What is in force in {widgets.plain(services.settings().product_name)} is not changed by this.")
        ask = f"To confirm, type the district's name: {widgets.label(name)}"
        typed = st.text_input(ask, key=f"delete_typed_{district}", live=True, autocomplete="off")
        st.button(
            f"Delete {widgets.label(name)}", type="primary", key=f"delete_{district}",
            on_click=_delete_now, args=(district, name),
            disabled=" ".join((typed or "").split()).casefold() != " ".join(name.split()).casefold(),
        )  # fmt: skip


def _delete_now(district: str, name: str) -> None:
    try:
        log.delete_district(district)
    except RosterError as error:
        widgets.show_error(error)
    else:
        state.select("custody_told", f"{widgets.plain(name)} was deleted. Only the log of what was done stays.")
