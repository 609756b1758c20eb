"""Messages to a district: proposed, sent once, or taken as files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from pages.shared.access import actor, require_access, while_signed_in
from pages.shared.jobs import Job
from pages.shared.services.delivery import profile, readiness_to_make, receipt_in_force
from pages.shared.services.server import beside, made, now, roster, roster_info, settings, start_job, store
from roster_core.adapters.launching import rules_in_use
from roster_core.adapters.posting import record_download
from roster_core.adapters.situations import send_about, situation_of
from roster_core.adapters.store import MessageRecord
from roster_core.adapters.templates import message_template
from roster_core.coverage import Coverage
from roster_core.errors import RosterError
from roster_core.letter import to_eml
from roster_core.messages import Message
from roster_core.plan import CommitPlan
from roster_core.preflight import Cause, PreflightReport
from roster_core.ready import Readiness
from roster_core.roles import Role
from roster_core.roster import Progress
from roster_core.rules import RuleSet
from roster_core.situation import Situation, readiness_of, refuse_unready, written


@dataclass(frozen=True, eq=False)
class Proposal:
    """A message as it is proposed. message: None where there is nothing to write yet, `problem` saying why.

    readiness: of Ready To Assess alone.
    """

    message: Message | None = None
    problem: str = ""
    readiness: Readiness | None = None


def role_for(kind: str) -> Role:
    """Who may send a message of that kind: what tells a district that it can begin is a committer's word."""
    return "committer" if kind == "ready" else "reviewer"


def proposed(
    district_id: str,
    kind: str,
    zone: tzinfo,
    rules: RuleSet | None = None,
    only: tuple[Cause, ...] | None = None,
) -> Proposal:
    """The message of that kind for a district, under the rules on the screen or those colleagues see; nothing is sent.

    `zone`: whose days count.
    """
    require_access()
    chosen = settings()
    try:
        about = _situation(district_id, kind, zone, rules, only)
    except RosterError as error:
        return Proposal(problem=str(error))
    readiness = readiness_of(about) if kind == "ready" else None
    try:
        template = message_template(kind, chosen.messages.templates_dir)
        return Proposal(written(kind, about, template, chosen.messages, chosen.mail), readiness=readiness)
    except RosterError as error:
        return Proposal(problem=str(error), readiness=readiness)


def job_kind(kind: str) -> str:
    """What the job that sends a message of that kind is called."""
    return f"message-{kind}"


def start_sending(district_id: str, message: Message, zone: tzinfo, again: int = 0) -> Job:
    """Sends a message once, in a job: a closed tab or a rerun sends nothing twice. Its result is how it ended."""
    require_access("reviewer")
    require_access(role_for(message.kind))
    held, chosen, who = store(), settings(), actor()
    newest = roster(district_id) if roster_info(district_id) else None

    def work(progress: Progress) -> object:
        progress("Handing it to the mail server", 0, None)
        moment = now()
        about = situation_of(held, district_id, message.kind, chosen, now=moment, roster=newest, zone=zone)
        return send_about(held, district_id, message, about, chosen, actor=who, now=moment, again=again)

    return start_job(job_kind(message.kind), district_id, work)


def letter_file(district_id: str, message: Message, zone: tzinfo) -> Callable[[], bytes]:
    """What makes the message a letter file and writes down that it was taken.

    It is called when the file is asked for, in a thread without a session, so the right to it is checked now.
    Raises Refusal for Ready To Assess where the district is not ready.
    """
    require_access("reviewer")
    require_access(role_for(message.kind))
    refuse_unready(message.kind, _situation(district_id, message.kind, zone))
    held, who = store(), actor()

    def made() -> bytes:
        moment = now()
        letter = to_eml(message, moment)
        record_download(message, store=held, district_id=district_id, actor=who, now=moment)
        return letter

    return while_signed_in(made)


def sent(district_id: str, kind: str) -> list[MessageRecord]:
    """The messages of that kind that left for a district, newest first."""
    require_access()
    return store().messages.list(district_id, kind, limit=10)


def can_send() -> bool:
    """Whether a mail server is set up."""
    return settings().mail.configured


def _situation(
    district_id: str,
    kind: str,
    zone: tzinfo,
    rules: RuleSet | None = None,
    only: tuple[Cause, ...] | None = None,
) -> Situation:
    newest = roster(district_id) if roster_info(district_id) else None
    held, chosen, moment = store(), settings(), now()

    if newest is None:
        return replace(situation_of(held, district_id, kind, chosen, now=moment, rules=rules, zone=zone), only=only)
    known = made()

    def checked(coverage: Coverage) -> tuple[CommitPlan, PreflightReport]:
        return known.checked(coverage, *readiness_to_make(coverage, "", windowed=False))

    def make() -> Situation:
        return situation_of(
            held, district_id, kind, chosen, now=moment, roster=newest, rules=rules, zone=zone,
            evaluated=known.coverage, checked=checked,
            committed=lambda receipt: known.committed(newest, receipt, held.ledger.committed),
        )  # fmt: skip

    return replace(beside(newest, ("situation", kind, str(zone), *_key(district_id, rules, moment)), make), only=only)


def _key(district_id: str, rules: RuleSet | None, moment: datetime) -> tuple[object, ...]:
    """All that a situation depends on beside the roster: rules, receipt, launch, expectations, and the hour."""
    kept, receipt = store().onboarding.get(district_id), receipt_in_force(district_id)
    used = rules if rules is not None else rules_in_use(store(), district_id)
    return (used.to_json(), receipt and receipt.receipt_id, kept.revision,
            repr(profile(district_id).expected), f"{moment:%FT%H}")  # fmt: skip
