"""Where a district stands on its way to Ready To Assess. Imported as `launch` by its pages; reads only."""

from __future__ import annotations

from datetime import date, tzinfo

from pages.shared.access import require_access
from pages.shared.services import delivery, server
from roster_core.adapters import launching
from roster_core.adapters.gathered import gather
from roster_core.adapters.store import KeptOnboarding
from roster_core.dates import DateWarning, Pause, WindowDates, calendar_file, date_warnings, propose_launch
from roster_core.launch_requests import Answer, count_answer, sections_asked
from roster_core.new_window import EndedTerm, Promotion, ended_terms, headcounts, promotion
from roster_core.onboarding import Evidence, Onboarding, Request
from roster_core.rules import RuleSet

__all__ = ["KeptOnboarding"]


def names() -> dict[str, str]:
    """Every district that is known, with or without a roster: id -> name, by name."""
    require_access()
    return launching.names(server.store())


def kept(district_id: str) -> KeptOnboarding:
    """The district's current window with its revision. Raises `InputError` where it cannot be read."""
    require_access()
    return server.store().onboarding.get(district_id)


def windows(district_id: str) -> list[Onboarding]:
    """The windows before the current one, newest first."""
    require_access()
    return server.store().onboarding.windows(district_id)


def evidence(district_id: str, zone: tzinfo) -> Evidence:
    """What is seen of one district today: its newest roster under the rules colleagues see, checked and compared.

    Raises `ServiceError` where the target cannot say what is in force.
    """
    require_access()
    examined = _examined(district_id)
    return launching.evidence(server.store(), district_id, examined, settings=server.settings(), zone=zone)


def glimpse(district_id: str, zone: tzinfo) -> tuple[Onboarding, Evidence]:
    """The current window, and what is known of the district without opening its roster.

    Raises `InputError` where what is kept of its launch cannot be read.
    """
    require_access()
    today = server.now().astimezone(zone).date()
    seen = launching.glimpses(gather(server.store()), [district_id], settings=server.settings(), zone=zone, today=today)
    return kept(district_id).onboarding, seen[district_id]


def counted_answer(district_id: str, request: Request) -> Answer | None:
    """What arrived of a request, counted from the rosters; None where it cannot be, or no newer roster is here."""
    require_access()
    roster = server.roster(district_id)
    if not request.fingerprint or roster is None or roster.fingerprint == request.fingerprint:
        return None
    stored = {info.fingerprint for info in server.store().rosters.history(district_id)}
    if request.fingerprint not in stored:
        return None
    rule_set = RuleSet.from_json(request.rule_set_json)
    before = server.store().rosters
    return server.beside(
        roster,
        ("answer", request.fingerprint, request.rule_set_json),
        lambda: count_answer(before.load(request.fingerprint, district_id), rule_set, roster),
    )


def sections_to_ask(district_id: str) -> int | None:
    """How many sections a revision by the rules in use asks for; None without a roster, or where they ask for none."""
    require_access()
    return sections_asked(server.roster(district_id), launching.rules_in_use(server.store(), district_id))


def proposed_launch(onboarding: Onboarding, dates: WindowDates) -> date | None:
    """The launch date to propose for these dates; None while nobody knows when the window opens."""
    require_access()
    opens = dates.opens
    lead = server.settings().launch.lead_days
    return None if opens is None else propose_launch(opens, lead, onboarding.days_off)


def warnings(
    onboarding: Onboarding, dates: WindowDates, seen: Evidence, today: date
) -> tuple[DateWarning, ...]:
    """What speaks against these dates, saved or not, for a district's window."""
    require_access()
    pause: Pause | None = launching.pause_of(seen)
    lead = server.settings().launch.lead_days
    return date_warnings(dates, today, lead_days=lead, days_off=onboarding.days_off, pause=pause)


def calendar(district_id: str, name: str, told: KeptOnboarding) -> bytes:
    """The dates of a window as an iCalendar file."""
    require_access()
    title = f"{name}, {told.onboarding.window}" if told.onboarding.window else name
    return calendar_file(
        told.onboarding.dates, district_id=district_id, window=told.onboarding.number, title=title,
        product=server.settings().product_name, now=server.now(), version=told.revision,
    )  # fmt: skip


def current_headcounts(district_id: str) -> tuple[dict[str, int], dict[str, int]]:
    """The students of the newest roster who are assessed, by school id and by grade; empty without a roster."""
    require_access()
    roster = server.roster(district_id)
    return ({}, {}) if roster is None else headcounts(roster, launching.rules_in_use(server.store(), district_id))


def school_names(district_id: str) -> dict[str, str]:
    """The names of the schools of the newest roster, by id; empty without a roster."""
    require_access()
    roster = server.roster(district_id)
    if roster is None:
        return {}
    return dict(zip(roster.schools["school_id"], roster.schools["school_name"], strict=True))


def moved_up(district_id: str, onboarding: Onboarding) -> Promotion | None:
    """How those committed in the last window stand in the newest roster; None where there is nothing to compare.

    Raises `InputError` where the committed rows were purged.
    """
    require_access()
    roster, receipt_id = server.roster(district_id), onboarding.previous_receipt_id
    if roster is None or not receipt_id:
        return None
    ledger, assessed = server.store().ledger, launching.rules_in_use(server.store(), district_id)
    key = ("promotion", receipt_id, assessed.assessed_grades)
    return server.beside(roster, key, lambda: promotion(ledger.rows(receipt_id), roster, assessed))


def terms_that_ended(district_id: str, today: date) -> list[EndedTerm]:
    """The rules in use that ask only for terms which have ended."""
    require_access()
    roster = server.roster(district_id)
    return [] if roster is None else ended_terms(launching.rules_in_use(server.store(), district_id), roster, today)


def _examined(district_id: str) -> launching.Examined | None:
    roster = server.roster(district_id)
    if roster is None:
        return None
    coverage = server.coverage(roster, launching.rules_in_use(server.store(), district_id))
    plan, report = delivery.readiness(coverage, "")
    return launching.Examined(roster, coverage, plan, report, delivery.drift_to_make(roster)())
