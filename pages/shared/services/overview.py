"""Districts at a glance: the facts about each from the store, and keeping them known without opening every roster."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime, timedelta, tzinfo

import streamlit as st

from pages.shared.access import actor, may, require_access
from pages.shared.jobs import Job
from pages.shared.services.delivery import target_name
from pages.shared.services.server import SAMPLE_ID, now, settings, start_job, store
from roster_core.adapters.gathered import gather
from roster_core.adapters.glancing import facts
from roster_core.adapters.keeping import Keeper, list_clever, numbers_of, refresh_all
from roster_core.coverage import Coverage
from roster_core.errors import InputError, Refusal
from roster_core.overview import Limits, Row, overview
from roster_core.preflight import PreflightReport
from roster_core.roster import Progress

__all__ = [
    "COUNTING",
    "add_district",
    "clever_asked",
    "clever_is_due",
    "count_uncounted",
    "district_names",
    "keeper",
    "link_district",
    "list_clever",
    "refresh_all",
    "remember",
    "remove_named",
    "remove_sample",
    "rows",
]

#: The kind of the job that counts districts whose numbers are not known.
COUNTING = "count"

#: How old Clever's last answer may be before a visit of the page has it asked again.
ASK_AGAIN = timedelta(minutes=10)


def district_names() -> dict[str, str]:
    """Every district that has a roster, was added by its name, or is connected in Clever: id -> name, by name."""
    require_access()
    gathered = gather(store())
    named = {each: gathered.name(each) for each in gathered.ids}
    return dict(sorted(named.items(), key=lambda each: (each[1].casefold(), each[0])))


def rows(zone: tzinfo) -> list[Row]:
    """Every district, those that want attention first; days are those of `zone`. Opens no roster.

    Raises `InputError` where what is kept of a launch cannot be read.
    """
    require_access()
    chosen, moment = settings(), now().astimezone(zone)
    known = facts(store(), target_name(), settings=chosen, zone=zone, today=moment.date())
    return overview(known, moment, Limits(chosen.profile.stale_hours, chosen.profile.sync_old_days))


def remember(coverage: Coverage, report: PreflightReport | None = None) -> None:
    """Keeps the numbers of a district for the list, where they are of its rules as they are kept for everybody."""
    require_access()
    district_id = coverage.roster.district.id
    seen = (coverage.roster.fingerprint, coverage.rule_set, "" if report is None else report.digest)
    known = _remembered().get(district_id, ())
    # Numbers that were kept with what blocks a commit are not told again without.
    if known == seen or (report is None and known[:2] == seen[:2]):
        return
    if store().rule_sets.in_use(district_id) == coverage.rule_set.to_json():
        store().known.keep_counts(district_id, numbers_of(coverage, now(), report=report))
        _remembered()[district_id] = seen


def keeper() -> Keeper:
    """What keeps a fresh roster with all that is shown of it; safe in a job, for it asks for no session."""
    require_access("reviewer")
    return Keeper(store(), actor(), target_name(), settings().profile, now, store().activity.newest())


def clever_asked() -> tuple[datetime, str] | None:
    """When Clever's list of districts was last asked for, and why it failed ('' where it did not); None for never."""
    require_access()
    return store().known.clever_asked()


def clever_is_due() -> bool:
    """Whether Clever's list is to be asked for at this visit: it can be, and the last answer is old."""
    require_access()
    if not (settings().clever.configured and may("reviewer")):
        return False
    asked = clever_asked()
    return asked is None or now() - asked[0] > ASK_AGAIN


def count_uncounted() -> Job | None:
    """Starts counting the districts whose numbers are not of their newest roster and rules; each is tried once.

    Gives None where there is nothing to count, or nobody who may.
    """
    require_access()
    if not may("reviewer"):
        return None
    gathered = gather(store())
    wanted = [each for each in gathered.uncounted() if gathered.stands(each) not in _tried()]
    if not wanted:
        return None
    _tried().update(gathered.stands(each) for each in wanted)
    kept = keeper()
    return start_job(COUNTING, "", lambda progress: _count(kept, wanted, progress))


def add_district(name: str, us_state: str) -> str:
    """Adds a district by its name, before Clever knows it, and gives its id.

    Raises `InputError` for a name without letters or digits, `Refusal` where a district has it already.
    """
    require_access("reviewer")
    return store().districts.add_named(name, state=us_state, actor=actor(), now=now()).id


def link_district(placeholder_id: str, district_id: str) -> None:
    """Moves all that was made of a district added by its name to the one Clever connects.

    Raises `InputError` where Clever connects none of that id, `Refusal` where both have something that cannot be one.
    """
    require_access("reviewer")
    said = store().known.clever().get(district_id)
    if said is None:
        raise InputError(f"Clever connects no district {district_id}. Ask Clever again, then choose it.")
    if store().districts.get(district_id) is None:
        store().districts.save(district_id, name=said.name or district_id, source="clever", now=now())
    store().districts.link(placeholder_id, district_id, actor=actor(), now=now())


def remove_named(district_id: str) -> None:
    """Takes a district that was added by its name out again. Raises `Refusal` where it has a roster."""
    require_access("reviewer")
    record = store().districts.get(district_id)
    if record is None or record.source != "named" or store().rosters.latest(district_id) is not None:
        raise Refusal("Only a district that was added by its name, and has no roster, can be taken out here.")
    store().districts.delete(district_id, actor=actor(), now=now())


def remove_sample() -> None:
    """Takes the made-up district out of the store. Raises `InputError` where it is not there.

    Where rosters were committed under its id, which may be anybody's, that is an admin's: else raises `Refusal`.
    """
    require_access("reviewer")
    if store().ledger.receipts(SAMPLE_ID) and not may("admin"):
        raise Refusal("Rosters were committed for this district. An admin deletes it, on the Activity page.")
    store().districts.delete(SAMPLE_ID, actor=actor(), now=now())


def _count(kept: Keeper, wanted: list[str], progress: Progress) -> int:
    for done, district_id in enumerate(wanted):
        progress("Counting districts", done, len(wanted))
        info = kept.store.rosters.latest(district_id)
        if info is not None:
            kept.count(kept.store.rosters.load(info.fingerprint, district_id))
    return len(wanted)


@st.cache_resource(show_spinner=False, max_entries=1)
def _remembered() -> dict[str, tuple[Hashable, ...]]:
    """What the numbers last kept of each district were counted of, so that a repaint writes nothing."""
    return {}


@st.cache_resource(show_spinner=False, max_entries=1)
def _tried() -> set[tuple[str, str, str]]:
    """What this server has counted or tried to: what fails is not tried again at every visit."""
    return set()
