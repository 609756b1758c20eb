"""Gathers what the store and a roster say of a district's launch. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo

from roster_core.adapters.gathered import Gathered, gather
from roster_core.adapters.store import Store, rules_digest
from roster_core.commit import Target
from roster_core.coverage import Coverage, evaluate
from roster_core.dates import Pause
from roster_core.drift import drift
from roster_core.gathering import (
    as_told,
    blocking,
    covered_by,
    covered_from,
    has_drifted,
    in_force,
    is_listed,
)
from roster_core.onboarding import Evidence, profile_of
from roster_core.open_window import open_window
from roster_core.plan import CommitPlan, CurrentRoster
from roster_core.preflight import PreflightReport, plan_and_check
from roster_core.roster import District, Roster
from roster_core.rules import RuleSet
from roster_core.settings import Settings

# What numbers are counted by where nobody has made a rule yet.
_NO_RULES = rules_digest(RuleSet().to_json())


@dataclass(frozen=True, eq=False)
class Examined:
    """A district's newest roster as it was looked at today: what the rules leave, what a commit would do, the drift.

    drift: whether what changed since the commit needs a person; None where nothing was committed.
    """

    roster: Roster
    coverage: Coverage
    plan: CommitPlan
    report: PreflightReport
    drift: bool | None


def names(store: Store) -> dict[str, str]:
    """Every district that is known: id -> name, by name.

    It has a roster or something in force, was added by its name, or Clever connects it.
    """
    found = {state.district_id: state.name for state in store.known.clever().values() if state.listed}
    found |= {receipt.district_id: receipt.district_name for receipt in reversed(store.ledger.current_receipts())}
    found |= {record.id: record.name for record in store.districts.list()}
    found |= {info.district_id: info.district_name for info in store.rosters.list() if info.district_name}
    named = {key: name or key for key, name in found.items()}
    return dict(sorted(named.items(), key=lambda each: (each[1].casefold(), each[0])))


def rules_in_use(store: Store, district_id: str) -> RuleSet:
    """The rules colleagues see: the kept draft, else the newest saved ones, else none. Raises RuleError."""
    text = store.rule_sets.in_use(district_id)
    return RuleSet.from_json(text) if text else RuleSet()


def examine(store: Store, district_id: str, *, settings: Settings, target: Target, now: datetime) -> Examined | None:
    """Evaluates and checks the newest roster under the rules in use; None where there is no roster.

    Raises ServiceError where the target or the store fails.
    """
    info = store.rosters.latest(district_id)
    if info is None:
        return None
    roster = store.rosters.load(info.fingerprint, district_id)
    rules = rules_in_use(store, district_id)
    coverage = evaluate(roster, rules)
    kept = store.onboarding.get(district_id).onboarding
    plan, report = plan_and_check(
        coverage,
        district_id=district_id,
        target=target.name,
        current=target.current(district_id),
        profile=profile_of(settings.profile, kept),
        as_of=now,
        window=open_window(kept.dates, now),
    )
    return Examined(roster, coverage, plan, report, drift_since(store, district_id, roster, store.ledger.committed))


def drift_since(
    store: Store, district_id: str, roster: Roster, read: Callable[[str], CurrentRoster]
) -> bool | None:
    """Whether what changed in a roster since the newest commit needs a person; None where nothing was committed.

    Compared under the committed rules, which `read` gives with the rows of a receipt. Raises InputError where the
    committed rows were purged.
    """
    receipts = store.ledger.current_receipts(district_id)
    if not receipts:
        return None
    committed = read(receipts[0].receipt_id)
    return drift(committed, roster, RuleSet.from_json(committed.rule_set_json)).needs_person


def evidence(
    store: Store, district_id: str, examined: Examined | None, *, settings: Settings, zone: tzinfo = UTC
) -> Evidence:
    """Everything that is known of a district's launch, with what was just examined; days are those of `zone`."""
    seen = glimpses(gather(store), [district_id], settings=settings, zone=zone)[district_id]
    if examined is None:
        return seen
    plan = examined.plan
    return replace(
        seen,
        ruled=bool(examined.coverage.rule_set.rules),
        coverage=covered_by(examined.coverage),
        ready=examined.report.ready,
        blockers=blocking(examined.report),
        current=plan.already_current or not plan.has_change,
        drift=examined.drift,
        district=as_told(store.known.clever().get(district_id), examined.roster.district),
    )


def glimpses(
    gathered: Gathered,
    district_ids: Collection[str],
    *,
    settings: Settings,
    zone: tzinfo = UTC,
    today: date | None = None,
) -> dict[str, Evidence]:
    """What is known of many districts without opening a roster, by district id.

    Coverage and drift count only where they are of the newest roster and the rules in use, the preflight only where
    it was run on `today`.
    """
    return {each: _glimpse(gathered, each, settings=settings, zone=zone, today=today) for each in district_ids}


def _glimpse(held: Gathered, district_id: str, *, settings: Settings, zone: tzinfo, today: date | None) -> Evidence:
    info, state = held.infos.get(district_id), held.said.get(district_id)
    counted = held.counts[district_id] if held.is_counted(district_id) else None
    own = held.receipts_of(district_id)
    receipt = in_force(own, connected=bool(settings.selweb_url), zone=zone)
    seen = Evidence(
        connected=is_listed(state, asked=held.asked, source=info.source if info else ""),
        receipt=receipt,
        district=as_told(state, District()),
        product=settings.product_name,
    )
    if info is not None:
        fetched, drifted = info.fetched_at.astimezone(zone), held.drifts.get(district_id)
        seen = replace(seen, source=info.source, fetched_at=fetched, schools=info.schools, sections=info.sections)
        seen = replace(seen, drift=has_drifted(drifted, receipt, info.fingerprint))
        same = (info.fingerprint, held.rules.get(district_id, _NO_RULES))
        made = [(each.fingerprint, rules_digest(each.rule_set_json)) for each in own]
        # Without opening the roster it can be told that nothing changed, and that the rules did; not what of the data.
        ruled = same[1] in {rules for _, rules in made}
        seen = replace(seen, current=True if same in made else None if ruled or not made else False)
    if counted is not None:
        seen = replace(seen, coverage=covered_from(counted), ruled=counted.ruled)
        if counted.blockers is not None and counted.counted_at.astimezone(zone).date() == today:
            seen = replace(seen, ready=counted.complete, blockers=dict(counted.blockers))
    return seen


def pause_of(told: Evidence) -> Pause | None:
    """The district's pause in Clever, as far as it is known; None where there is none."""
    district = told.district
    paused = district.state == "paused"
    first, last = _day(district.pause_start), _day(district.pause_end)
    return Pause(first, last, paused) if first or last or paused else None


def _day(text: str) -> date | None:
    """The day an ISO text names; None where it names none that can be read."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
