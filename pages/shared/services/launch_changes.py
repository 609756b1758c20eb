"""What people change on a district's way to Ready To Assess. Imported as `launch_changes` by its pages.

Each change is made on the revision that the person has seen; where a colleague was faster it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, tzinfo
from typing import Literal

from pages.shared.access import actor, require_access
from pages.shared.services import delivery, launch, server
from roster_core.adapters import launching
from roster_core.dates import DayOff, WindowDates
from roster_core.gathering import receipt_in_force
from roster_core.launch_requests import ask, chase, made_from, request_of
from roster_core.new_window import new_window
from roster_core.onboarding import Contact, Onboarding, SyncAnswer, answer, expecting, tick, untick, with_dates
from roster_core.onboarding_record import RequestKind, RequestOutcome


def tick_step(district_id: str, revision: int, key: str, on: date, note: str, zone: tzinfo) -> None:
    """A person's word that a step is done. Raises `Refusal` where the data contradicts it."""
    require_access("reviewer")
    today = server.now().astimezone(zone).date()
    seen = launch.evidence(district_id, zone)
    _change(
        district_id, revision, lambda told: tick(told, key, seen, on=on, by=actor(), today=today, note=note),
        "tick-step", {"step": key}, note,
    )  # fmt: skip


def untick_step(district_id: str, revision: int, key: str) -> None:
    """Takes a person's word about a step back."""
    require_access("reviewer")
    _change(district_id, revision, lambda told: untick(told, key), "untick-step", {"step": key})


def send_request(
    district_id: str,
    revision: int,
    kind: RequestKind,
    *,
    sent: date,
    chase_on: date | None = None,
    asked_sections: int | None = None,
    note: str = "",
) -> None:
    """Writes down that a request was sent; a revision keeps what it was made from, so that its answer is counted."""
    require_access("reviewer")
    rules = launching.rules_in_use(server.store(), district_id)
    fingerprint, text = made_from(kind, server.roster(district_id), rules)
    basis = {"fingerprint": fingerprint, "rule_set_json": text}
    days = server.settings().launch.chase_days
    about = {"sent": sent, "by": actor(), "chase_days": days, "chase_on": chase_on, "note": note}
    _change(
        district_id, revision, lambda told: ask(told, kind, asked_sections=asked_sections, **about, **basis),
        "send-request", {"kind": kind}, note,
    )  # fmt: skip


def chase_request(district_id: str, revision: int, number: int, today: date) -> None:
    """Writes down that a request was chased today, and when to do so again."""
    require_access("reviewer")
    kind = request_of(launch.kept(district_id).onboarding, number).kind
    days = server.settings().launch.chase_days
    _change(
        district_id, revision, lambda told: chase(told, number, today=today, chase_days=days),
        "chase-request", {"kind": kind},
    )  # fmt: skip


def answer_request(
    district_id: str,
    revision: int,
    number: int,
    outcome: RequestOutcome,
    *,
    on: date,
    arrived: int | None = None,
    extra: int | None = None,
    note: str = "",
    zone: tzinfo,
) -> None:
    """Writes down how a request ended, or that it waits again; an approval is the word about its step too."""
    require_access("reviewer")
    kind = request_of(launch.kept(district_id).onboarding, number).kind
    seen, about = launch.evidence(district_id, zone), {"on": on, "by": actor()}
    counts = {"arrived": arrived, "extra": extra, "note": note}
    _change(
        district_id, revision, lambda told: answer(told, number, outcome, seen, **about, **counts),
        "answer-request", {"kind": kind, "outcome": outcome}, note,
    )  # fmt: skip


def set_dates(district_id: str, revision: int, dates: WindowDates, window: str) -> None:
    """Keeps the assessment window and the launch date. Raises `InputError` where they cannot be."""
    require_access("reviewer")
    _change(district_id, revision, lambda told: with_dates(told, dates, window), "set-dates", {})


def set_people(district_id: str, revision: int, sel_lead: Contact, clever_admin: Contact, colleague: str) -> None:
    """Keeps who is to be reached at the district, and who of us looks after it."""
    require_access("reviewer")
    people = {"sel_lead": sel_lead, "clever_admin": clever_admin, "looked_after_by": colleague.strip()}
    _change(district_id, revision, lambda told: replace(told, **people), "set-people", {})


def set_sync_answer(district_id: str, revision: int, answer: SyncAnswer) -> None:
    """Keeps what the district answered about its sync settings."""
    require_access("reviewer")
    _change(district_id, revision, lambda told: replace(told, sync_answer=answer), "set-sync-answer", {}, answer.text)


def set_method(district_id: str, revision: int, method: Literal["", "clever", "files"]) -> None:
    """Keeps how the district rosters."""
    require_access("reviewer")
    _change(district_id, revision, lambda told: replace(told, method=method), "set-method", {})


def set_days_off(district_id: str, revision: int, days_off: tuple[DayOff, ...]) -> None:
    """Keeps the days on which the district's schools are closed."""
    require_access("reviewer")
    ordered = tuple(sorted(days_off, key=lambda each: (each.first, each.last)))
    _change(district_id, revision, lambda told: replace(told, days_off=ordered), "set-days-off", {})


def set_expected(
    district_id: str, revision: int, schools: Mapping[str, int], grades: Mapping[str, int], on: date
) -> None:
    """Keeps the headcounts the district is expected to share; the preflight compares them."""
    require_access("reviewer")
    _change(district_id, revision, lambda told: expecting(told, schools, grades, on), "set-expected", {})


def start_window(district_id: str, revision: int, name: str, today: date) -> None:
    """Archives the current window and starts the next, with the rules carried over without pins."""
    require_access("reviewer")
    held, receipts = launch.kept(district_id), server.store().ledger.current_receipts(district_id)
    receipt = receipt_in_force(receipts, connected=delivery.is_connected())
    following = new_window(held.onboarding, name, today=today, receipt_id="" if receipt is None else receipt.receipt_id)
    server.store().onboarding.start_window(
        district_id, following, expected_revision=revision, actor=actor(), now=server.now()
    )


def _change(
    district_id: str,
    revision: int,
    change: Callable[[Onboarding], Onboarding],
    action: str,
    detail: Mapping[str, str],
    note: str = "",
) -> None:
    held = launch.kept(district_id)
    # A colleague's change is not looked at here: the store compares revisions inside its transaction.
    changed = change(held.onboarding)
    server.store().onboarding.save(
        district_id, changed, expected_revision=revision, actor=actor(), now=server.now(), action=action,
        detail=detail, note=note,
    )  # fmt: skip
