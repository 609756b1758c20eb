"""What one session holds: district, working draft with undo and redo, selections. The only user of session state."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from pages.shared import services
from roster_core.errors import Refusal, ServiceError
from roster_core.rules import RuleSet

#: How many steps back a session remembers.
UNDO_STEPS = 100


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the draft: what was done, the rules as they were before (or after) it, and where it was typed."""

    what: str
    rule_set: RuleSet
    typing: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """The working draft of one district in this session."""

    rule_set: RuleSet
    revision: int = 0
    undo: tuple[Step, ...] = ()
    redo: tuple[Step, ...] = ()


def district_id() -> str:
    """The district this session looks at: the chosen one, the link's, else the newest; '' where there is none."""
    return chosen_among([info.district_id for info in services.rosters()])


def chosen_among(known: Sequence[str]) -> str:
    """Of these districts the chosen one, else the link's, else the first; '' where there is none.

    It stays chosen: another page has another address, and a colleague's load makes another district the newest.
    """
    chosen = next((wanted for wanted in wanted_districts() if wanted in known), known[0] if known else "")
    if chosen:
        st.session_state["district"] = chosen
    return chosen


def wanted_districts() -> tuple[str, ...]:
    """The ids of the district that was chosen and of the link's, whether or not there is such a district."""
    wanted = (st.session_state.get("district", ""), st.query_params.get("district", ""))
    return tuple(str(each) for each in wanted if each)


def choose_district(district: str) -> None:
    """Makes this the district of every page; the address keeps its id, so that a reload stays on it."""
    st.session_state["district"] = district
    st.query_params["district"] = district


def draft(district: str) -> RuleSet:
    """The working rules of a district: this session's, else the kept draft, else the saved rules, else none."""
    return _desk(district).rule_set


def set_draft(district: str, rule_set: RuleSet, what: str, *, typing: str = "") -> None:
    """Changes the working rules, keeps them for reload and colleagues, and remembers the step for undo.

    `what` names the step in a few words ("drop MTSS"). `typing` names the field being typed in:
    changes in one field, one after the other, are one step of undo. Where a colleague changed the
    draft meanwhile, this session goes on with its own and `theirs()` holds the other.
    """
    desk = _desk(district)
    if rule_set == desk.rule_set:
        return
    goes_on = bool(typing and desk.undo and desk.undo[-1].typing == typing and not desk.redo)
    steps = desk.undo if goes_on else (*desk.undo, Step(what, desk.rule_set, typing))[-UNDO_STEPS:]
    _keep(district, replace(desk, rule_set=rule_set, undo=steps, redo=()))


def keep(district: str) -> None:
    """Keeps the draft as it stands, so that it exists for colleagues though nothing changed."""
    _keep(district, _desk(district))


def can_undo(district: str) -> str:
    """What undo would take back, in a few words; '' where there is nothing."""
    desk = _desk(district)
    return desk.undo[-1].what if desk.undo else ""


def can_redo(district: str) -> str:
    """What redo would do again, in a few words; '' where there is nothing."""
    desk = _desk(district)
    return desk.redo[-1].what if desk.redo else ""


def undo(district: str) -> None:
    """Takes back the last step, if there is one."""
    desk = _desk(district)
    if desk.undo:
        step = desk.undo[-1]
        redo_steps = (*desk.redo, Step(step.what, desk.rule_set))
        _keep(district, replace(desk, rule_set=step.rule_set, undo=desk.undo[:-1], redo=redo_steps))


def redo(district: str) -> None:
    """Does the step again that was last taken back, if there is one."""
    desk = _desk(district)
    if desk.redo:
        step = desk.redo[-1]
        undo_steps = (*desk.undo, Step(step.what, desk.rule_set))
        _keep(district, replace(desk, rule_set=step.rule_set, undo=undo_steps, redo=desk.redo[:-1]))


def theirs(district: str) -> services.Draft | None:
    """The draft a colleague kept meanwhile, to choose between theirs and mine; None where there is no such conflict."""
    desk = _desk(district)
    stored = services.stored_draft(district)
    conflict = stored is not None and stored.revision != desk.revision and (desk.undo or desk.redo)
    return stored if conflict else None


def catch_up(district: str) -> None:
    """A session that changed nothing itself goes on from what a colleague kept meanwhile, without being asked.

    Called before anything of the draft is drawn: within one run of a page the draft stays the same.
    """
    desk = _desk(district)
    stored = services.stored_draft(district)
    if stored is not None and stored.revision != desk.revision and not (desk.undo or desk.redo):
        _put(district, Desk(RuleSet.from_json(stored.rule_set_json), stored.revision))


def take_theirs(district: str) -> None:
    """Goes on from the colleague's draft; undo brings one's own back."""
    stored = services.stored_draft(district)
    if stored is not None:
        desk = _desk(district)
        steps = (*desk.undo, Step("take the colleague's draft", desk.rule_set))
        rule_set = RuleSet.from_json(stored.rule_set_json)
        _put(district, Desk(rule_set, stored.revision, steps[-UNDO_STEPS:]))


def keep_mine(district: str) -> None:
    """Keeps this session's draft in place of the colleague's."""
    stored = services.stored_draft(district)
    desk = _desk(district)
    if stored is not None:
        _keep(district, replace(desk, revision=stored.revision))


def not_kept() -> str:
    """Why the draft as it stands could not be kept for reload and colleagues; '' where it is kept."""
    return str(st.session_state.get("not_kept", ""))


def revealed() -> bool:
    """Whether names and birthdates of the chosen district are shown in this session.

    They are masked at first, in each district anew, and always to a viewer.
    """
    return services.may("reviewer") and district_id() in st.session_state.get("revealed", frozenset())


def reveal(shown: bool) -> None:
    """Shows names and birthdates of the chosen district in this session, or masks them again."""
    others = st.session_state.get("revealed", frozenset()) - {district_id()}
    st.session_state["revealed"] = others | {district_id()} if shown else others


def was_revealed() -> bool:
    """Whether this session has shown names of the chosen district before, masked again since or not."""
    return district_id() in st.session_state.get("ever_revealed", frozenset())


def note_revealed() -> None:
    """Remembers that this session has shown names of the chosen district."""
    seen = st.session_state.get("ever_revealed", frozenset())
    st.session_state["ever_revealed"] = seen | {district_id()}


def begin_page() -> None:
    """Notes that a page begins to be drawn."""
    st.session_state["page_began"] = time.monotonic()


def page_began() -> float:
    """When the page began to be drawn, in seconds of `time.monotonic()`."""
    return float(st.session_state["page_began"])


def selection(key: str, default: Any = None) -> Any:
    """What was chosen under this key (on whatever page), else the default."""
    return st.session_state.get(f"selection:{key}", default)


def select(key: str, value: Any) -> None:
    """Remembers a choice under this key, across pages."""
    st.session_state[f"selection:{key}"] = value


def widget(key: str, default: Any = None) -> Any:
    """The value of a drawn widget inside its own callback."""
    return st.session_state.get(key, default)


def set_widget(key: str, value: Any) -> None:
    """Sets a widget's value before it is drawn (or from a callback), for example to clear a selection."""
    st.session_state[key] = value


def forget_widget(key: str) -> None:
    """Lets a widget start from its default again."""
    st.session_state.pop(key, None)


def _desk(district: str) -> Desk:
    key = f"desk:{district}"
    if key not in st.session_state:
        st.session_state[key] = _stored_desk(district)
    return st.session_state[key]


def _stored_desk(district: str) -> Desk:
    stored = services.stored_draft(district)
    if stored is not None:
        return Desk(RuleSet.from_json(stored.rule_set_json), stored.revision)
    saved = services.saved_rules(district)
    return Desk(saved.rule_set if saved is not None else RuleSet())


def _put(district: str, desk: Desk) -> None:
    st.session_state[f"desk:{district}"] = desk


def _keep(district: str, desk: Desk) -> None:
    if desk.rule_set.problems():
        # A rule is still being typed: it stays in this session, and the store keeps the last whole draft.
        _put(district, desk)
        return
    try:
        revision = services.keep_draft(district, desk.rule_set, expected_revision=desk.revision)
    except Refusal:
        # A colleague was faster. Nothing of theirs is overwritten: the page asks whose draft goes on.
        _put(district, desk)
    except ServiceError as error:
        _put(district, desk)
        st.session_state["not_kept"] = str(error)
    else:
        st.session_state.pop("not_kept", None)
        _put(district, replace(desk, revision=revision))
