"""What is known of a district when a message to it is written: what the message says, to whom, and whether it may."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, tzinfo

import roster_core.message_facts as message_facts
from roster_core.commit import Receipt
from roster_core.coverage import Coverage
from roster_core.digest import Watched
from roster_core.drift import Drift
from roster_core.errors import InputError, Refusal
from roster_core.evidence import Evidence, is_loaded, of_last_window
from roster_core.gathering import in_force
from roster_core.launch_requests import ask, chase, default_chase, made_from, sections_asked
from roster_core.message_facts import MessageFacts
from roster_core.messages import Message, known_kind, render
from roster_core.onboarding_record import Contact, Onboarding, RequestKind, Tick
from roster_core.preflight import Cause, PreflightReport
from roster_core.ready import Readiness, ReadyFacts, following, ready_to_assess
from roster_core.rules import RuleSet
from roster_core.settings import Mail, Messages
from roster_core.sharing import sharing_request

#: The messages that are requests to the district, by the kind of request they open.
REQUESTS: dict[str, RequestKind] = {"connect": "connect", "sharing": "sharing", "revision": "revision"}


@dataclass(frozen=True, eq=False)
class Situation:
    """Everything a message may be made of. `today`: the day in `zone` of `at`; None and 0: not known.

    coverage and report: the newest roster under the rules in question. schools: with a student of the roster in
    force. drift: that roster against the newest. current: whether a commit by these rules would change nothing. only:
    causes the person has chosen, where not all are meant.
    """

    district: str
    today: date
    product: str = "SELweb"
    onboarding: Onboarding = field(default_factory=Onboarding)
    coverage: Coverage | None = None
    report: PreflightReport | None = None
    receipt: Receipt | None = None
    schools: int = 0
    drift: Drift | None = None
    current: bool | None = None
    only: tuple[Cause, ...] | None = None
    chase_days: int = 3
    zone: tzinfo = UTC
    at: datetime | None = None

    @property
    def delivered(self) -> bool:
        """Whether the roster in force is where students will find it: the product said so, or a person did."""
        return is_loaded(self.onboarding, self.evidence)

    @property
    def evidence(self) -> Evidence:
        """What the steps of the launch are told by, as far as it is known here: what is in force, and its currency."""
        receipts = (self.receipt,) if self.receipt else ()
        return Evidence(receipt=in_force(receipts, connected=False, zone=self.zone), current=self.current)


def written(kind: str, about: Situation, template: tuple[str, str], team: Messages, mail: Mail) -> Message:
    """The message of that kind as it is proposed, addressed. `template`: its text, and what errors call it.

    Raises InputError where what the message is about is not there yet, or the template cannot be filled in.
    """
    head = message_facts.head(product=about.product, team=team.team, district=about.district)
    subject, body = render(kind, template[0], {**head, **facts_of(kind, about, team)}, name=template[1])
    to, cc = recipients(kind, about.onboarding, team)
    return Message(subject, body, kind, to, cc, mail.sender, team.reply_to)


def facts_of(kind: str, about: Situation, team: Messages) -> MessageFacts:
    """What a message of that kind says beside who writes to whom. Raises InputError where it is not there yet."""
    known_kind(kind)
    dates, pins = about.onboarding.dates, about.coverage.rule_set.pins if about.coverage else ()
    if kind == "connect":
        return {"link": team.connect_link}
    if kind == "sharing":
        return {"chase": default_chase(about.onboarding, about.today, about.chase_days)}
    if kind == "drift":
        return message_facts.drift(_watched(about), about.at or datetime.combine(about.today, time(), about.zone))
    if kind == "revision":
        return _revision(about, team)
    if kind == "errors":
        return _errors(about)
    if about.receipt is None:
        raise InputError(f"No roster of {about.district} is in force. Commit one first.")
    if kind == "ready":
        follow = following(pins)
        counted = (about.receipt.receipt_id, about.receipt.students, about.schools)
        return message_facts.ready(*counted, dates.opens, dates.closes, follow)
    if dates.launch is None:
        raise InputError(f"No launch date is set for {about.district}. Set it first.")
    sends = about.coverage is not None and about.coverage.roster.by_files and about.onboarding.method != "clever"
    days = (dates.launch, dates.opens, dates.closes)
    return message_facts.launch(
        about.receipt.students, *days, by_files=sends or about.onboarding.method == "files"
    )


def recipients(kind: str, onboarding: Onboarding, team: Messages) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """To whom a message of that kind goes, and in copy, as far as is known; a person may change both."""
    lead, admin = _address(onboarding.sel_lead), _address(onboarding.clever_admin)
    if kind == "drift":
        ours = onboarding.looked_after_by
        return _filled(ours if "@" in ours else team.reply_to), ()
    if kind == "ready":
        return _filled(lead, *team.ready_recipients), _filled(admin)
    if kind == "launch":
        return _filled(lead or admin), _filled(admin if lead else "")
    return _filled(admin or lead), _filled(lead if admin else "")


def readiness_of(about: Situation) -> Readiness:
    """Whether Ready To Assess may be said of the district today, from what is known now."""
    fetched = about.coverage.roster.fetched_at if about.coverage else None
    return ready_to_assess(
        ReadyFacts(
            today=about.today,
            product=about.product,
            receipt_id=about.receipt.receipt_id if about.receipt else "",
            students=about.receipt.students if about.receipt else 0,
            of_last_window=of_last_window(about.onboarding, about.evidence),
            delivered=about.delivered,
            fetched_on=fetched.astimezone(about.zone).date() if fetched else None,
            preflight_on=about.today if about.report else None,
            blockers=about.report.blockers if about.report else 0,
            drift_on=about.today if about.drift else None,
            drift_needs_person=bool(about.drift and about.drift.needs_person),
            launch=about.onboarding.dates.launch,
            opens=about.onboarding.dates.opens,
            closes=about.onboarding.dates.closes,
            follow=following(about.coverage.rule_set.pins) if about.coverage else (),
        )
    )


def refuse_unready(kind: str, about: Situation) -> None:
    """Raises Refusal, with every reason, where the message is Ready To Assess and the district is not ready."""
    problems = readiness_of(about).problems if kind == "ready" else ()
    if problems:
        told = " ".join(str(problem) for problem in problems)
        raise Refusal(f"Ready To Assess cannot be sent for {about.district} yet. {told}")


def after_sending(kind: str, about: Situation, *, by: str) -> Onboarding:
    """The district's onboarding once a message went out: a request waits (or was chased), Ready To Assess is ticked."""
    onboarding, today = about.onboarding, about.today
    if kind in REQUESTS:
        waiting = onboarding.waiting(REQUESTS[kind])
        if waiting is not None and waiting.sent < today:
            return chase(onboarding, waiting.number, today=today, chase_days=about.chase_days)
        if waiting is not None:
            return onboarding
        covered = about.coverage if kind == "revision" else None
        data = (covered.roster, covered.rule_set) if covered else (None, RuleSet())
        fingerprint, rules = made_from(REQUESTS[kind], *data)
        return ask(
            onboarding, REQUESTS[kind], sent=today, by=by, chase_days=about.chase_days,
            asked_sections=sections_asked(*data), fingerprint=fingerprint, rule_set_json=rules,
        )  # fmt: skip
    if kind == "ready":
        return replace(onboarding, ticks={**onboarding.ticks, "ready-sent": Tick(today, by, "Sent from here.")})
    return onboarding


def _watched(about: Situation) -> list[Watched]:
    receipt, found = about.receipt, about.drift
    return [Watched(receipt.district_id, about.district, receipt.target, receipt.receipt_id, found)] if receipt else []


def _revision(about: Situation, team: Messages) -> MessageFacts:
    if about.coverage is None or not about.coverage.rule_set.rules:
        raise InputError(f"No rules of {about.district} are saved. Build and save rules first.")
    # Pins say nothing to a district, and a request must not name a student.
    rules = replace(about.coverage.rule_set, pins=())
    return message_facts.revision(
        sharing_request(about.coverage.roster, rules, product=about.product, sender=team.team)
    )


def _errors(about: Situation) -> MessageFacts:
    if about.coverage is None or about.report is None:
        raise InputError(f"No roster of {about.district} is loaded. Load it first.")
    told = message_facts.errors(about.report, about.coverage.roster, about.only)
    if not told["blockers"] and not told["warnings"]:
        raise InputError(f"Nothing is for {about.district} to correct.")
    return told


def _address(contact: Contact) -> str:
    name = re.sub(r'[\r\n"\\]', "", contact.name).strip()
    if not contact.email.strip():
        return ""
    quoted = f'"{name}"' if re.search(r"[^\w .'-]", name) else name
    return f"{quoted} <{contact.email.strip()}>" if name else contact.email.strip()


def _filled(*addresses: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address for address in addresses if address))
