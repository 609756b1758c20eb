"""A second person: who must approve a plan besides whoever made the change, and whether they have."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from roster_core.errors import Refusal
from roster_core.people import People, Person, plain_address, role_of
from roster_core.plan import CommitPlan
from roster_core.roles import allows
from roster_core.settings import SecondPerson

#: How receipts and drafts name somebody who works on the command line.
COMMAND_LINE: Final = " (command line)"


@dataclass(frozen=True, slots=True)
class Approval:
    """What was asked for one plan, and whether a second person approved it. Moments are ISO with their offset.

    `authors` changed the plan's rules since the version before, `asked_by` asked for approval; all as receipts name
    people.
    """

    district_id: str
    digest: str
    authors: tuple[str, ...]
    asked_by: str
    asked_at: str
    approved_by: str = ""
    approved_at: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Second:
    """That a plan needs a second person, who may be one, and what they said so far."""

    people: People
    approval: Approval | None = None

    @property
    def reason(self) -> str:
        """Why it was approved; '' as long as nobody did."""
        return self.approval.reason if self.approval is not None else ""


def needs_second(plan: CommitPlan, wanted: SecondPerson, people: People) -> bool:
    """Whether the plan waits for a second person: where several may commit, and it is held, a restore, or `every`."""
    if wanted == "off" or not people.several_committers or plan.already_current:
        return False
    return wanted == "every" or plan.held or plan.kind == "restore"


def why_not(approver: str, *, authors: Collection[str], asked_by: str, kind: str, people: People) -> str:
    """Why somebody is not the second person of a plan, as a sentence; '' where they are.

    They must be able to commit, must not be among those who changed the rules since the version before, and must not
    have asked themselves, unless a colleague made the change: then two have looked at it.
    """
    who = bare(approver)
    role = role_of(Person(who), people)
    if role is None or not allows(role, "committer"):
        return "Only a committer can approve it."
    made = {bare(each) for each in authors}
    if who in made:
        return f"You changed these rules, so somebody else approves it.{_nobody_left(made, people)}"
    colleague = kind == "commit" and any(role_of(Person(each), people) is not None for each in made)
    if who == bare(asked_by) and not colleague:
        return "You asked for it, so somebody else approves it."
    return ""


def refuse_unapproved(plan: CommitPlan, second: Second) -> None:
    """Raises Refusal where the second person has not approved this very plan, or may not any more."""
    given = second.approval
    if given is None or not given.approved_by:
        asked = f" {given.asked_by} asked for it." if given is not None else ""
        raise Refusal(f"A second person must approve this first, with a reason.{asked}")
    if (given.digest, given.district_id) != (plan.digest, plan.district_id):
        raise Refusal("The approval is of another plan: something changed since. Ask for it again.")
    if why_not(
        given.approved_by, authors=given.authors, asked_by=given.asked_by, kind=plan.kind, people=second.people
    ):
        raise Refusal(f"{given.approved_by} cannot be the second person here. Ask another committer to approve.")


def _nobody_left(made: Collection[str], people: People) -> str:
    """What to do where everybody who may commit changed the rules; '' where somebody else is there."""
    if any(entry.startswith("@") or entry not in made for entry in people.committers):
        return ""
    return " Everybody who may commit here did: let an admin name another committer, in ROSTER_COMMITTERS."


def bare(actor: str) -> str:
    """A person as the lists name them, of the name in a receipt; '' where it is no address."""
    return plain_address(actor.removesuffix(COMMAND_LINE))
