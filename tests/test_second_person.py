"""A second person: which plans need one, who may be one, and that the commit itself refuses without."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from roster_core.commit import commit_plan
from roster_core.errors import Refusal
from roster_core.people import People
from roster_core.plan import CommitPlan, plan_commit
from roster_core.preflight import run_preflight
from roster_core.second_person import Approval, Second, needs_second, refuse_unapproved, why_not
from tests.builders import HOMEROOMS, district
from tests.fakes import FakeTarget

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ADA, BO, CHI, DEE = (f"{name}@example.org" for name in ("ada", "bo", "chi", "dee"))
TWO = People({ADA: "committer", BO: "committer", DEE: "reviewer"})
THREE = People({ADA: "committer", BO: "admin", CHI: "committer", DEE: "reviewer"})


@pytest.fixture(scope="module")
def plan() -> CommitPlan:
    """A plan of one student."""
    return plan_commit(district(), HOMEROOMS, district_id="d1")


@pytest.mark.parametrize(
    ("wanted", "people", "changed", "needed"),
    [
        ("held", TWO, {}, False),
        ("held", TWO, {"held": True}, True),
        ("held", TWO, {"kind": "restore"}, True),
        ("every", TWO, {}, True),
        ("off", TWO, {"held": True}, False),
        ("every", People({ADA: "committer", DEE: "reviewer"}), {"held": True}, False),
        ("every", People(), {"held": True}, False),
        ("held", People({"@example.org": "committer"}), {"held": True}, True),
        ("every", TWO, {"already_current": True}, False),
    ],
)
def test_what_needs_a_second_person(
    plan: CommitPlan, wanted: str, people: People, changed: dict[str, object], needed: bool
) -> None:
    """Held changes and restores where two may commit; every commit or none where the setting says so."""
    assert needs_second(replace(plan, **changed), wanted, people) is needed


@pytest.mark.parametrize(
    ("approver", "authors", "asked_by", "kind", "words"),
    [
        (BO, [ADA], ADA, "commit", ""),
        (BO, [DEE], ADA, "commit", ""),
        (ADA, [DEE], ADA, "commit", ""),
        (ADA, [ADA], BO, "commit", "You changed these rules"),
        (ADA, [DEE, ADA], BO, "commit", "You changed these rules"),
        (ADA, [ADA, DEE], ADA, "commit", "You changed these rules"),
        (f"{ADA} (command line)", [ADA], BO, "commit", "You changed these rules"),
        (ADA, [f"{ADA} (command line)"], BO, "commit", "You changed these rules"),
        (ADA, [], ADA, "commit", "You asked for it"),
        (ADA, ["local user"], ADA, "commit", "You asked for it"),
        (ADA, [DEE], ADA, "restore", "You asked for it"),
        (ADA, [ADA], BO, "restore", "You changed these rules"),
        (DEE, [ADA], ADA, "commit", "Only a committer"),
        ("eve@example.org", [ADA], ADA, "commit", "Only a committer"),
        ("", [], "", "commit", "Only a committer"),
    ],
)
def test_who_may_be_the_second_person(
    approver: str, authors: list[str], asked_by: str, kind: str, words: str
) -> None:
    """A committer who is none of the authors, nor asked alone; case and command line make no other person."""
    for same in (approver, approver.replace("ada@", "Ada@")):
        told = why_not(same, authors=authors, asked_by=asked_by, kind=kind, people=TWO)
        assert told.startswith(words) if words else told == ""


def test_where_everybody_changed_the_rules_the_way_out_is_told() -> None:
    """Nobody is left to approve: another committer is to be named. A third person, or a domain, is somebody left."""
    told = {"authors": [ADA, BO], "asked_by": ADA, "kind": "commit"}
    assert "name another committer, in ROSTER_COMMITTERS" in why_not(BO, **told, people=TWO)
    for people in (THREE, People({**TWO.roles, "@example.org": "committer"})):
        assert why_not(BO, **told, people=people) == "You changed these rules, so somebody else approves it."


def approval(plan: CommitPlan, **changed: str) -> Approval:
    """Asked for by Ada, who changed the rules, and approved by Bo."""
    given = Approval("d1", plan.digest, (ADA,), ADA, NOW.isoformat(), BO, NOW.isoformat(), "The school was closed")
    return replace(given, **changed)


def test_an_approved_plan_is_committed_with_the_reason_and_who_gave_it(plan: CommitPlan) -> None:
    """The receipt keeps both."""
    report = run_preflight(district(), HOMEROOMS, plan=plan)
    given = Second(TWO, approval(plan))
    receipt = commit_plan(plan, report, FakeTarget(), actor=ADA, now=NOW, second=given)
    assert receipt.approval == f"The school was closed ({BO})"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (None, "A second person must approve"),
        ({"approved_by": ""}, "asked for it"),
        ({"digest": "other"}, "another plan"),
        ({"district_id": "d2"}, "another plan"),
        ({"approved_by": ADA}, "cannot be the second person"),
        ({"approved_by": DEE}, "cannot be the second person"),
        ({"approved_by": "eve@example.org"}, "cannot be the second person"),
    ],
)
def test_a_commit_without_a_valid_approval_is_refused(
    plan: CommitPlan, changed: dict[str, str] | None, words: str
) -> None:
    """Nobody asked, nobody answered, another plan, or somebody who may not (any more): nothing is committed."""
    second = Second(TWO, None if changed is None else approval(plan, **changed))
    report, target = run_preflight(district(), HOMEROOMS, plan=plan), FakeTarget()
    with pytest.raises(Refusal, match=words):
        commit_plan(plan, report, target, actor=ADA, approval="I say so", now=NOW, second=second)
    assert target.current("d1") is None


def test_whose_role_was_taken_away_is_no_second_person_any_more(plan: CommitPlan) -> None:
    """The lists of the moment of the commit count."""
    refuse_unapproved(plan, Second(THREE, approval(plan)))
    with pytest.raises(Refusal):
        refuse_unapproved(plan, Second(People({ADA: "committer", CHI: "committer"}), approval(plan)))
