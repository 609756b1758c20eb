"""What a message is made of: its facts, its recipients, whether it may be sent, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from roster_core.adapters.templates import message_template
from roster_core.commit import Receipt, commit_plan
from roster_core.coverage import evaluate
from roster_core.dates import WindowDates
from roster_core.drift import drift
from roster_core.errors import InputError, Refusal
from roster_core.messages import KINDS
from roster_core.onboarding import Contact, Onboarding, Tick
from roster_core.plan import plan_commit
from roster_core.preflight import run_preflight
from roster_core.roster import Roster
from roster_core.rules import Pin, RuleSet
from roster_core.settings import Mail, Messages
from roster_core.situation import Situation, after_sending, readiness_of, recipients, refuse_unready, written
from tests.builders import FETCHED, HOMEROOMS, district
from tests.fakes import FakeTarget

TODAY = FETCHED.date()
RULES = replace(HOMEROOMS, pins=(Pin("u8", None, "to_follow", "Birthdate missing", "district", "2026-12-04"),))
TEAM = Messages(ready_recipients=("sel@team.example",), connect_link="https://clever.example/connect")
MAIL = Mail("mail.team.example", sender="SEL team <sel@team.example>")
PEOPLE = Onboarding(
    dates=WindowDates(opens=date(2026, 11, 30), closes=date(2026, 12, 11), launch=date(2026, 11, 20)),
    sel_lead=Contact("Diaz, Ana", "ana@d.example"), clever_admin=Contact("", "data@d.example"),
)  # fmt: skip


def standing(roster: Roster | None = None, rules: RuleSet = RULES, onboarding: Onboarding = PEOPLE) -> Situation:
    """A district whose clean roster is in force, with its newest roster and today's drift."""
    clean, newest = district(), roster or district()
    plan, target = plan_commit(clean, rules, district_id="d1"), FakeTarget()
    judged = run_preflight(clean, rules, plan=plan)
    receipt: Receipt = commit_plan(plan, judged, target, actor="ana", now=datetime(2026, 11, 20, tzinfo=UTC))
    current, coverage = target.current("d1"), evaluate(newest, rules)
    assert current is not None
    report = run_preflight(newest, rules, coverage=coverage, as_of=FETCHED)
    told = replace(onboarding, ticks={"rostered": Tick(TODAY, "ana", about=receipt.receipt_id), **onboarding.ticks})
    return Situation("Springfield USD", TODAY, "Screener", told, coverage, report, receipt, 2,
                     drift(current, newest, rules))  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "errors"])
def test_every_kind_is_written_for_a_district_that_is_ready(kind: str) -> None:
    """Each message has a subject, a text and somebody to get it."""
    message = written(kind, standing(), message_template(kind), replace(TEAM, reply_to="us@team.example"), MAIL)
    assert message.subject and message.body and message.to
    assert (message.kind, message.sender, message.reply_to) == (kind, MAIL.sender, "us@team.example")


def test_ready_to_assess_says_who_follows() -> None:
    """The message has window, receipt, students, schools and who comes later, by count, owner and date."""
    body = written("ready", standing(), message_template("ready"), TEAM, MAIL).body
    assert "7 students in 2 schools, each in exactly one section" in body
    assert "- 1 student, birthdate missing, owner: district, by Friday, 4 December 2026" in body
    assert "Monday, 30 November 2026 to Friday, 11 December 2026" in body


def test_errors_can_be_of_one_cause() -> None:
    """Of the causes on the page one alone can be told; without any for the district there is nothing to write."""
    about = standing(district(changed={"u1": {"birthdate_raw": ""}, "u2": {"first_name": ""}}))
    assert about.report is not None
    chosen = [cause for cause in about.report.causes if cause.code == "missing-birthdate"]
    body = written("errors", replace(about, only=tuple(chosen)), message_template("errors"), TEAM, MAIL).body
    assert "1 student without a birthdate" in body and "first name" not in body.split("Students are named")[0]
    with pytest.raises(InputError, match="Nothing is for Springfield USD to correct"):
        written("errors", standing(), message_template("errors"), TEAM, MAIL)


@pytest.mark.parametrize(
    ("kind", "words"),
    [("ready", "No roster of Elm is in force"), ("launch", "No roster of Elm is in force"),
     ("revision", "No rules of Elm are saved"), ("errors", "No roster of Elm is loaded")],
)  # fmt: skip
def test_what_is_not_there_yet_is_said(kind: str, words: str) -> None:
    """A message about what does not exist names what to do first."""
    with pytest.raises(InputError, match=words):
        written(kind, Situation("Elm", TODAY), message_template(kind), TEAM, MAIL)


def test_a_launch_message_needs_its_date() -> None:
    """Without a launch date there is none to tell."""
    with pytest.raises(InputError, match="No launch date is set"):
        written("launch", standing(onboarding=Onboarding()), message_template("launch"), TEAM, MAIL)


@pytest.mark.parametrize(
    ("kind", "onboarding", "to", "cc"),
    [
        ("ready", PEOPLE, ('"Diaz, Ana" <ana@d.example>', "sel@team.example"), ("data@d.example",)),
        ("errors", PEOPLE, ("data@d.example",), ('"Diaz, Ana" <ana@d.example>',)),
        ("errors", replace(PEOPLE, clever_admin=Contact()), ('"Diaz, Ana" <ana@d.example>',), ()),
        ("launch", PEOPLE, ('"Diaz, Ana" <ana@d.example>',), ("data@d.example",)),
        ("connect", Onboarding(), (), ()),
        ("drift", replace(PEOPLE, looked_after_by="bo@team.example"), ("bo@team.example",), ()),
        ("connect", Onboarding(sel_lead=Contact('A"\r\nBcc: x', "a@d.example")), ('"ABcc: x" <a@d.example>',), ()),
    ],
)
def test_who_gets_it(kind: str, onboarding: Onboarding, to: tuple[str, ...], cc: tuple[str, ...]) -> None:
    """The people kept for the district get what is theirs; a name adds no header."""
    assert recipients(kind, onboarding, TEAM) == (to, cc)


def test_a_district_that_is_ready() -> None:
    """In force where students find it, green, without drift: nothing forbids Ready To Assess."""
    assert readiness_of(standing()).ready
    refuse_unready("ready", standing())


@pytest.mark.parametrize(
    ("about", "step"),
    [
        (Situation("Elm", TODAY), "commit"),
        (replace(standing(), onboarding=replace(PEOPLE, ticks={})), "deliver"),
        (replace(standing(), onboarding=replace(PEOPLE, ticks={"rostered": Tick(TODAY, "a", about="R-0")})), "deliver"),
        (standing(district(changed={"u1": {"birthdate_raw": ""}})), "settle"),
        (standing(district(unenrolled=[("u1", "h1")])), "settle"),
    ],
    ids=["nothing", "not said", "said of another receipt", "red", "drift"],
)
def test_ready_to_assess_is_refused(about: Situation, step: str) -> None:
    """A district that is not ready gets no such message, and the refusal says each reason."""
    assert step in {problem.step for problem in readiness_of(about).problems}
    with pytest.raises(Refusal, match="cannot be sent"):
        refuse_unready("ready", about)
    refuse_unready("errors", about)


def test_the_product_s_own_answer_is_enough() -> None:
    """Where the product confirmed the receipt, nobody needs to say so."""
    about = replace(standing(), onboarding=replace(PEOPLE, ticks={}))
    assert about.receipt is not None
    assert replace(about, receipt=replace(about.receipt, target="http")).delivered


@pytest.mark.parametrize(("current", "ready"), [(True, True), (False, False), (None, False)])
def test_the_roster_of_the_last_window_is_not_this_one_s(current: bool | None, ready: bool) -> None:
    """In a new window what was in force before is ready only where a commit would change nothing."""
    about = standing()
    assert about.receipt is not None
    product = replace(about.receipt, target="http")
    new = replace(PEOPLE, previous_receipt_id=product.receipt_id)
    about = replace(about, receipt=product, onboarding=new, current=current)
    assert readiness_of(about).ready is about.delivered is ready
    assert {problem.step for problem in readiness_of(about).problems} == (set() if ready else {"commit"})


class TestAfterSending:
    """What a message that went out means for the launch."""

    def test_a_request_waits(self) -> None:
        """A revision remembers rules and sections asked for, without pins; asking again the next day chases it."""
        after = after_sending("revision", standing(), by="ana")
        (request,) = after.requests
        assert (request.kind, request.outcome, request.asked_sections, request.by) == ("revision", "waiting", 2, "ana")
        assert request.fingerprint and "u8" not in request.rule_set_json
        again = replace(standing(onboarding=after))
        assert after_sending("revision", again, by="ana") == again.onboarding
        chased = after_sending("revision", replace(again, today=date(2026, 11, 25)), by="ana")
        assert [len(each.chased) for each in chased.requests] == [1]

    def test_ready_to_assess_is_ticked(self) -> None:
        """The last step has its day and who did it."""
        assert after_sending("ready", standing(), by="ana").ready_sent == TODAY

    def test_other_messages_tick_nothing(self) -> None:
        """A message about errors leaves the launch as it is."""
        assert after_sending("errors", standing(), by="ana") == standing().onboarding
