"""What the store knows of a district when a message to it is written, and what is kept once it was sent."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from roster_core.adapters.launching import rules_in_use
from roster_core.adapters.posting import post
from roster_core.adapters.store import Store
from roster_core.commit import Receipt
from roster_core.coverage import Coverage, evaluate
from roster_core.drift import drift
from roster_core.errors import InputError, Refusal
from roster_core.gathering import receipt_in_force
from roster_core.messages import Message, Posted
from roster_core.onboarding import profile_of
from roster_core.plan import CommitPlan, CurrentRoster
from roster_core.preflight import PreflightReport, plan_and_check
from roster_core.roster import Roster
from roster_core.rules import RuleSet
from roster_core.settings import Settings
from roster_core.situation import Situation, after_sending, refuse_unready


def situation_of(
    store: Store,
    district_id: str,
    kind: str,
    chosen: Settings,
    *,
    now: datetime,
    roster: Roster | None = None,
    rules: RuleSet | None = None,
    zone: tzinfo = UTC,
    evaluated: Callable[[Roster, RuleSet], Coverage] = evaluate,
    committed: Callable[[str], CurrentRoster] | None = None,
    checked: Callable[[Coverage], tuple[CommitPlan, PreflightReport]] | None = None,
) -> Situation:
    """What is known of the district for a message of that kind, as of now; nothing is changed.

    `roster`: its newest, where the caller holds it, as it may hold what is `evaluated` already, the rows `committed`
    with a receipt, and a coverage `checked` as outside an open window. `rules`: those on the screen, else those
    colleagues see. Ready To Assess is judged by the rules in force. Days are those of `zone`. Raises InputError for a
    district nobody knows.
    """
    known, newest = store.districts.get(district_id), store.rosters.latest(district_id)
    receipt = receipt_in_force(store.ledger.current_receipts(district_id), connected=bool(chosen.selweb_url))
    if known is None and newest is None and receipt is None:
        raise InputError(f'There is no district "{district_id}" here. Load it first, or add it on the Districts page.')
    told = (newest.district_name if newest else "", receipt.district_name if receipt else "")
    names = (known.name if known else "", *told)
    about = Situation(
        district=next(filter(None, names), district_id),
        today=now.astimezone(zone).date(),
        product=chosen.product_name,
        onboarding=store.onboarding.get(district_id).onboarding,
        receipt=receipt,
        chase_days=chosen.launch.chase_days,
        zone=zone,
        at=now.astimezone(zone),
    )
    if newest is None:
        return about
    data = roster if roster is not None else store.rosters.load(newest.fingerprint, district_id)
    current = (committed or store.ledger.committed)(receipt.receipt_id) if receipt else None
    coverage = evaluated(data, _rules(store, district_id, kind, receipt, rules))
    made = checked(coverage) if checked else _checked(about, coverage, current, chosen, now)
    return _judged(about, coverage, current, *made)


def send_about(
    store: Store,
    district_id: str,
    message: Message,
    about: Situation,
    chosen: Settings,
    *,
    actor: str,
    now: datetime,
    again: int = 0,
    trust: ssl.SSLContext | None = None,
) -> Posted:
    """Sends a message about a district once, records it, and writes the step it was into the district's launch.

    Raises Refusal for Ready To Assess where the district is not ready, and as `post` does.
    """
    refuse_unready(message.kind, about)
    posted = post(
        message, store=store, mail=chosen.mail, district_id=district_id, actor=actor, now=now, again=again, trust=trust
    )
    if posted.before:
        return posted
    try:
        _keep_step(store, district_id, message.kind, about, actor=actor, now=now)
    except Refusal as refusal:
        # The message is out whatever becomes of the checklist.
        return replace(posted, sentence=f"{posted.sentence} Its step was not ticked: {refusal}")
    return posted


def _keep_step(store: Store, district_id: str, kind: str, about: Situation, *, actor: str, now: datetime) -> None:
    """Where a colleague changes the launch at the same moment, theirs is read first and kept."""
    for last in (False, False, True):
        kept = store.onboarding.get(district_id)
        following = after_sending(kind, replace(about, onboarding=kept.onboarding), by=actor)
        if following == kept.onboarding:
            return
        told: dict[str, str] = {"kind": kind}
        try:
            store.onboarding.save(
                district_id, following, expected_revision=kept.revision, actor=actor, now=now, action="message-step",
                detail=told,
            )  # fmt: skip
            return
        except Refusal:
            if last:
                raise


def _rules(store: Store, district_id: str, kind: str, receipt: Receipt | None, rules: RuleSet | None) -> RuleSet:
    if kind in ("ready", "drift", "launch") and receipt is not None:
        return RuleSet.from_json(receipt.rule_set_json)
    return rules if rules is not None else rules_in_use(store, district_id)


def _checked(
    about: Situation, coverage: Coverage, current: CurrentRoster | None, chosen: Settings, now: datetime
) -> tuple[CommitPlan, PreflightReport]:
    # Without the open window: who waits for an approval in it stays as committed, and stops no message.
    return plan_and_check(
        coverage,
        district_id=about.receipt.district_id if about.receipt else coverage.roster.district.id or "message",
        target=about.receipt.target if about.receipt else "embedded",
        current=current,
        profile=profile_of(chosen.profile, about.onboarding),
        as_of=now,
    )


def _judged(
    about: Situation, coverage: Coverage, current: CurrentRoster | None, plan: CommitPlan, report: PreflightReport
) -> Situation:
    return replace(
        about,
        coverage=coverage,
        report=report,
        schools=int(current.rows["school_id"].nunique()) if current else 0,
        drift=drift(current, coverage.roster, coverage.rule_set) if current else None,
        current=plan.already_current or not plan.has_change,
    )
