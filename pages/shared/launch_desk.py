"""What the launch page works on: a district with or without a roster, and how a change ends."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import streamlit as st

from pages.shared import frame, services, state, widgets
from pages.shared.services import launch
from roster_core.errors import RosterError
from roster_core.onboarding import Evidence, NextAction, Onboarding, StepState, next_action, standing


@dataclass(frozen=True, slots=True)
class OpenLaunch:
    """A district as the launch page shows it: what is kept (with its revision), what is seen, and what follows."""

    district_id: str
    name: str
    kept: launch.KeptOnboarding
    evidence: Evidence
    today: date
    steps: tuple[StepState, ...]
    next: NextAction

    @property
    def onboarding(self) -> Onboarding:
        """The current window."""
        return self.kept.onboarding

    @property
    def revision(self) -> int:
        """The revision that every change of this page starts from."""
        return self.kept.revision

    def key(self, *words: object) -> str:
        """A widget's key: of this district and window."""
        return ":".join(("launch", self.district_id, str(self.onboarding.number), *map(str, words)))


def open_launch() -> OpenLaunch:
    """The district of every page, with what is known of its launch. Draws the picker into the sidebar.

    Where there is no district yet it says where to get one, and stops the page; so it does after an error.
    """
    try:
        names = launch.names()
        chosen = state.chosen_among(_known(names))
        frame.draw_picker(names, chosen)
        if chosen:
            return _opened(chosen, names[chosen])
    except RosterError as error:
        widgets.show_error(error)
        st.stop()
    widgets.empty("No district yet", "Load a roster on the Districts page, or add a district by its name there.")
    widgets.link("pages/districts.py", "Go to Districts")
    st.stop()


def outcome(*, below: bool = False) -> None:
    """Draws how the last change ended, once: where it was made, above the steps or `below` them.

    Its place is there, drawn or not, so that nothing after it is made anew and no chosen tab is lost.
    """
    with st.container():
        if bool(state.selection("launch_below")) != below:
            return
        if trouble := state.selection("launch_trouble"):
            widgets.show_error(trouble)
            state.select("launch_trouble", None)
        if done := state.selection("launch_done"):
            st.success(widgets.plain(done), icon=":material/check:")
            state.select("launch_done", None)


def act(done: str, change: Callable[..., object], *arguments: object, **named: object) -> bool:
    """Makes a change from a callback; the page then says `done`, or why nothing was changed. Gives whether it was."""
    state.select("launch_below", False)
    try:
        change(*arguments, **named)
    except RosterError as error:
        state.select("launch_trouble", error)
        return False
    state.select("launch_done", done)
    return True


def act_below(done: str, change: Callable[..., object], *arguments: object, **named: object) -> bool:
    """Like `act`, for what is kept below the steps: how it ended is said there, where the person looks."""
    made = act(done, change, *arguments, **named)
    state.select("launch_below", True)
    return made


def stamp(value: object) -> str:
    """What tells one saved value from another: inputs that carry it start anew when a colleague changed the value."""
    return f"{zlib.crc32(repr(value).encode()):08x}"


def _known(names: dict[str, str]) -> list[str]:
    """The district ids, first that of the newest roster, which every page shows where nobody has chosen."""
    newest = [info.district_id for info in services.rosters()][:1]
    return [*newest, *(key for key in names if key not in newest)]


def _opened(district_id: str, name: str) -> OpenLaunch:
    kept, here = launch.kept(district_id), widgets.zone()
    seen, today = launch.evidence(district_id, here), services.now().astimezone(here).date()
    return OpenLaunch(
        district_id,
        name,
        kept,
        seen,
        today,
        tuple(standing(kept.onboarding, seen, today)),
        next_action(kept.onboarding, seen, today),
    )
