"""Who the command line acts for once people sign in, what they may do there, and a second person's word.

It takes a person at their word: whoever can start it can read the settings and the database anyway. Roles here keep
mistakes out and names in the receipts; they do not keep out somebody with the machine in their hands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

import click

from roster_core.commands.wiring import ACTOR, actor, is_from_clever, now, settings
from roster_core.errors import InputError, Refusal
from roster_core.people import Person, plain_address, role_of
from roster_core.plan import CommitPlan
from roster_core.preflight import PreflightReport
from roster_core.roles import Role, allows
from roster_core.second_person import COMMAND_LINE, Second, needs_second, why_not
from roster_core.settings import Settings

if TYPE_CHECKING:
    from roster_core.adapters.store import Store

#: What --as said; empty where it was not given.
NAMED: Final[ContextVar[str]] = ContextVar("NAMED", default="")

#: The role each command asks for, once people sign in. None: it only judges what it is given; what it fetches from
#: Clever with this app's own token is a reviewer's, as in `pull`.
ROLE_OF_COMMAND: Final[Mapping[str, Role | None]] = {
    "inspect": None,
    "coverage": None,
    "suggest": None,
    "preflight": None,
    "sharing-request": None,
    "check-start": None,
    "receipts": "viewer",
    "activity": "viewer",
    "launch": "viewer",
    "current": "reviewer",  # rows with names
    "report": "reviewer",
    "pull": "reviewer",
    "message": "reviewer",
    "drift": "reviewer",  # keeps what it fetches
    "commit": "committer",
    "restore": "committer",
    "delete": "admin",
    "purge": "admin",
}


def named(email: str) -> None:
    """Says whom this call acts for, as --as gave it; '' for nobody."""
    NAMED.set(email)
    ACTOR.set("")


def gated(command: click.Command) -> click.Command:
    """The command, asking for its role before it does anything."""
    work: Callable[..., Any] | None = command.callback
    role = ROLE_OF_COMMAND[str(command.name)]
    assert work is not None

    @wraps(work)
    def checked(*args: object, **named: object) -> object:
        wanted = role or ("reviewer" if is_from_clever(str(named.get("data", ""))) else None)
        if wanted is not None:
            ACTOR.set(_operator(settings(), wanted, str(command.name)))
        return work(*args, **named)

    command.callback = checked
    return command


def require(chosen: Settings, role: Role, what: str) -> None:
    """Asks for more than the command's own role, for what only some of its options do. Raises as the command would."""
    _operator(chosen, role, what)


def second_for(
    plan: CommitPlan, report: PreflightReport | None, store: Store, chosen: Settings, reason: str
) -> Second | None:
    """What a second person said of the plan, None where none is needed.

    The first to commit it asks by that; the second approves by giving a `reason`. Raises Refusal for somebody who
    gives one and cannot be the second person.
    """
    if not needs_second(plan, chosen.second_person, chosen.people):
        return None
    known = store.approvals.get(plan.district_id, plan.digest)
    if report is not None and report.blockers_beside("mass-change"):
        # It is refused for them first; there is nothing to ask yet.
        return Second(chosen.people, known)
    if known is None:
        authors = store.approvals.authors_for(plan)
        known = store.approvals.ask(plan.district_id, plan.digest, authors=authors, actor=actor(), now=now())
    if reason and not known.approved_by:
        told = (known.authors, known.asked_by)
        if problem := why_not(actor(), authors=told[0], asked_by=told[1], kind=plan.kind, people=chosen.people):
            raise Refusal(f"{problem} They run the same command with --approve.")
        known = store.approvals.approve(plan.district_id, plan.digest, actor=actor(), reason=reason, now=now())
    return Second(chosen.people, known)


def _operator(chosen: Settings, role: Role, command: str) -> str:
    """Who receipts name; '' where nobody signs in. Raises InputError for nobody, Refusal for somebody who may not."""
    named = NAMED.get() or chosen.operator
    if not (chosen.people or chosen.sign_in):
        if named:
            raise InputError("Nobody signs in here, so --as and ROSTER_OPERATOR name nobody. Set ROSTER_ADMINS first.")
        return ""
    if not named:
        raise InputError("People sign in to this app. Say who you are: --as EMAIL, or ROSTER_OPERATOR in the settings.")
    email = plain_address(named)
    held = role_of(Person(email), chosen.people)
    if held is None:
        raise Refusal(f'"{named}" is on no list of this app (ROSTER_ADMINS and the others). Nothing was done.')
    if not allows(held, role):
        article = "an" if role == "admin" else "a"
        raise Refusal(f"{email} is a {held}; {command} needs {article} {role}. Nothing was done.")
    return f"{email}{COMMAND_LINE}"
