"""Drawing pieces of the activity page: the list of what was done, narrowed and taken away, and the proof of the log."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.shared import downloads, fold_outs, state, widgets
from pages.shared.services import log
from roster_core.activity import ActivityEntry
from roster_core.activity_words import KINDS, kind_of, sentence

#: What concerns no single district, as lists and choices name it.
_ALL = "(no single district)"
#: Entries listed on the page; the download has all that were chosen.
LISTED = 500


def chain() -> None:
    """One line: whether the log is as it was written, and a line that proves it later; else where it is broken."""
    head, problems = log.chain()
    if not problems:
        entries = widgets.count(head.number, "entry", "entries")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f":material/verified: The log is whole: {entries}, none changed, none missing.", width="content")
            opened = fold_outs.button(_ALL, "proof", "Keep a proof of it")
        if opened:
            st.write(
                "Each entry seals the one before it, so a changed past is found. Whoever could write the whole "
                "database could write a whole new log: this line, kept outside this app, finds that too."
            )
            st.code(str(head), language=None, wrap_lines=True)
            st.caption("To compare later, in a terminal: python -m roster_core activity --noted, and this line")
        return
    lines = [f"- {widgets.plain(problem.message)}" for problem in problems[:10]]
    more = f"- and {len(problems) - 10:,} more" if len(problems) > 10 else ""
    st.error("\n".join(["The log is not as it was written:", *lines, more]).rstrip(), icon=":material/gpp_bad:")
    st.caption("Keep a copy of the database as it is, and compare it with a backup.")


def listing() -> None:
    """What was done, newest first: narrowed by district, person and kind, and as a file."""
    entries, names = log.entries(), log.district_names()
    if not entries:
        widgets.empty("Nothing was done yet", "Loading a roster, saving rules and every commit will be listed here.")
        return
    chosen = _narrowed(entries, names)
    if not chosen:
        widgets.empty("Nothing of this kind was done", "Choose another district, person or kind above.")
        return
    shown = f", the newest {LISTED:,} listed" if len(chosen) > LISTED else ""
    how = "select a row to read it whole"
    st.markdown(f"**{widgets.count(len(chosen), 'entry', 'entries')}**{shown}  ·  :small[{how}]")
    _list(chosen[:LISTED], names)
    file = downloads.File("activity", state.widget("activity_district") or "all-districts", len(chosen))
    label = f"Download {widgets.count(len(chosen), 'entry', 'entries')} (CSV)"
    downloads.csv_button(file, lambda: table(chosen, names, exact=True), label, key="activity_csv")


def _list(listed: Sequence[ActivityEntry], names: dict[str, str]) -> None:
    """The table, and the selected entry whole below it: sentences are longer than a column."""
    # A selected row is a place in the table: another list of entries starts with none selected.
    key = f"activity_list_{listed[0].number}_{len(listed)}"
    st.dataframe(
        table(listed, names),
        hide_index=True,
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        alt="What was done: when, who, in which district, what",
        column_config={
            "When": st.column_config.Column(width=105),
            "Who": st.column_config.Column(width=105),
            "District": st.column_config.Column(width=145),
            "What": st.column_config.Column(width=540),
        },
        height=widgets.table_height(len(listed), 12),
    )
    held = state.widget(key)
    for row in held["selection"]["rows"] if held else []:
        _whole(listed[row], names)


def _whole(entry: ActivityEntry, names: dict[str, str]) -> None:
    """One entry with all its words, and what seals it."""
    with st.container(border=True, gap="xsmall"):
        st.markdown(widgets.people(sentence(entry)))
        who = f"{widgets.people(entry.actor)} · " if entry.actor else ""
        where = widgets.plain(_district(entry.district_id, names))
        st.caption(f"{widgets.minute(entry.at)} · {who}{where} · entry {entry.number:,}, sealed by {entry.hash[:12]}")


def table(entries: Sequence[ActivityEntry], names: dict[str, str], *, exact: bool = False) -> pd.DataFrame:
    """Entries as people read them; `exact` gives times in UTC with seconds, and number and hash, for a file."""
    told = pd.DataFrame(
        {
            "When": [each.at.isoformat(timespec="seconds") if exact else widgets.minute(each.at) for each in entries],
            "Who": [entry.actor for entry in entries],
            "District": [_district(entry.district_id, names) for entry in entries],
            "What": [sentence(entry) for entry in entries],
        },
        dtype="str",
    )
    if not exact:
        return told
    return told.assign(Number=[entry.number for entry in entries], Hash=[entry.hash for entry in entries])


def _narrowed(entries: Sequence[ActivityEntry], names: dict[str, str]) -> list[ActivityEntry]:
    """Draws the three choices; gives the entries that meet all of them."""
    ids = sorted({*names, *(entry.district_id for entry in entries)}, key=lambda key: names.get(key, key).casefold())
    kinds = [kind for kind in KINDS if any(kind_of(entry.action) == kind for entry in entries)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        district = st.selectbox("District", [None, *ids], format_func=lambda key: _district(key, names), width=195,
                                key="activity_district")  # fmt: skip
        who = st.selectbox("Person", ["", *sorted({entry.actor for entry in entries})], width=195,
                           format_func=lambda actor: actor or "Everybody", key="activity_who")  # fmt: skip
        kind = st.selectbox("Kind", ["", *kinds], format_func=lambda key: KINDS.get(key, "Everything"), width=195,
                            key="activity_kind")  # fmt: skip
    return [
        entry
        for entry in entries
        if (district is None or entry.district_id == district)
        and (not who or entry.actor == who)
        and (not kind or kind_of(entry.action) == kind)
    ]


def _district(key: str | None, names: dict[str, str]) -> str:
    if key is None:
        return "Every district"
    return names.get(key, f"{key} (deleted)") if key else _ALL
