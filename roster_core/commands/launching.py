"""The command that says where each district stands on its way to Ready To Assess: launch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date
from typing import TYPE_CHECKING

import click

from roster_core.commands.speech import aligned, json_option, say
from roster_core.commands.wiring import now, opened_store, settings, target_for
from roster_core.dates import WindowDates
from roster_core.errors import InputError, ServiceError
from roster_core.onboarding import STEPS, NextAction, Onboarding, StepState, next_action, standing
from roster_core.settings import Settings

if TYPE_CHECKING:
    from roster_core.adapters.store import Store


@click.command()
@click.argument("district_id", default="")
@json_option
def launch(district_id: str, as_json: bool) -> int:
    """Where a district stands in the seven steps, what comes next and whose it is; every district where none is named.

    Checks the newest roster in the store under the rules in use, as of today. Fetches and changes nothing.
    Exits with 3 where a district could not be checked; the others are told all the same.
    """
    from roster_core.adapters.launching import names

    chosen = settings()
    with opened_store(chosen) as store:
        known = names(store)
        if district_id and district_id not in known:
            raise InputError(f'There is no district "{district_id}" here. launch alone lists every district.')
        wanted = [district_id] if district_id else list(known)
        found = [_looked(store, key, known[key], chosen) for key in wanted]
    lines = _whole(found[0]) if district_id else _listed(found)
    for one in found:
        if one.problem:
            click.echo(f"Error: {one.district_id}: {one.problem}", err=True)
    say(lines, [_document(one) for one in found], as_json)
    return ServiceError.exit_code if any(one.problem for one in found) else 0


@dataclass(frozen=True)
class _Standing:
    district_id: str
    name: str
    onboarding: Onboarding
    steps: list[StepState]
    next: NextAction
    problem: str = ""

    @property
    def step(self) -> int:
        """How many of the seven steps are done."""
        return sum(each.done for each in self.steps)


def _looked(store: Store, district_id: str, name: str, chosen: Settings) -> _Standing:
    from roster_core.adapters.launching import evidence, examine

    local = now().astimezone()
    # The roster goes to SELweb where the settings name it, as from the Commit page.
    target = target_for("http" if chosen.selweb_url else "embedded", store, chosen)
    examined, problem = None, ""
    try:
        examined = examine(store, district_id, settings=chosen, target=target, now=local)
    except (ServiceError, InputError) as error:
        # What the store knows of it is told all the same, and so are the other districts.
        problem = str(error)
    seen = evidence(store, district_id, examined, settings=chosen, zone=local.tzinfo or UTC)
    kept = store.onboarding.get(district_id).onboarding
    today = local.date()
    return _Standing(district_id, name, kept, standing(kept, seen, today), next_action(kept, seen, today), problem)


def _listed(found: list[_Standing]) -> list[str]:
    if not found:
        return ["No district is here yet. Load one with pull, or add one by its name on the Districts page."]
    rows = [
        [one.name or one.district_id, f"{one.step} of {len(STEPS)}", _left(one.next), one.next.owner, one.next.text]
        for one in found
    ]
    return aligned(rows, indent="")


def _whole(one: _Standing) -> list[str]:
    lines = [f"{one.name or one.district_id}: {one.step} of {len(STEPS)} steps done, {_left(one.next)}."]
    for state in one.steps:
        said = f" ({state.by}{f', {state.on}' if state.on else ''})" if state.done else ""
        lines.append(f"  {state.number}. {state.step.title}: {state.state}{said}")
        lines += [f"     {text}" for text in (state.evidence, state.contradiction) if text]
    return [*lines, f"Next, {_whose(one.next)}: {one.next.text}"]


def _whose(action: NextAction) -> str:
    return {"us": "ours", "district": "the district's", "Clever": "Clever's"}.get(action.owner, "nobody's")


def _left(action: NextAction) -> str:
    return action.left.sentence if action.left else "no dates set"


def _document(one: _Standing) -> dict[str, object]:
    action, dates = one.next, one.onboarding.dates
    return {
        "district_id": one.district_id,
        "name": one.name,
        "window": one.onboarding.window,
        **_days(dates),
        "steps_done": one.step,
        "step": action.step,
        "next_action": action.text,
        "owner": action.owner,
        "chase_on": _iso(action.due),
        "overdue": action.overdue,
        "days_left": action.left.days if action.left else None,
        "days_left_to": action.left.to if action.left else None,
        "problem": one.problem,
        "steps": [
            {
                "key": state.step.key,
                "state": state.state,
                "by": state.by,
                "on": _iso(state.on),
                "evidence": state.evidence,
                "contradiction": state.contradiction,
            }
            for state in one.steps
        ],
    }


def _days(dates: WindowDates) -> dict[str, str | None]:
    return {"opens": _iso(dates.opens), "closes": _iso(dates.closes), "launch": _iso(dates.launch)}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
