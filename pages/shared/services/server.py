"""What one server holds for every session: settings, store, Clever, rosters with what is made of them, and jobs.

A roster is found by district and fingerprint and never hashed by value.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, datetime, timedelta

import streamlit as st

from pages.shared.access import actor, require_access
from pages.shared.held import HeldRosters, Made
from pages.shared.jobs import Job, Jobs
from roster_core.adapters.clever import CleverClient
from roster_core.adapters.loading import load_uploads
from roster_core.adapters.settings_in_force import SettingsInForce
from roster_core.adapters.store import RosterInfo, Store, open_store
from roster_core.coverage import Coverage
from roster_core.roster import Progress, Roster
from roster_core.rules import RuleSet
from roster_core.sample import sample_district
from roster_core.settings import Settings

SAMPLE_ID = "sample"

#: The kind of the job that fetches every district again.
REFRESHING = "refresh-all"

#: How much memory the rosters of one server may take; the one used longest ago goes first.
ROSTER_BYTES = 1 << 30


def settings() -> Settings:
    """The settings, read once a server, with the people its secrets file names now. Raises `SettingsError`."""
    return _settings().get()


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def store() -> Store:
    """The app's store, opened once a server; on the very first start it holds the sample district."""
    require_access()
    opened = _store()
    _retained(f"{now():%F}")
    return opened


def rosters() -> list[RosterInfo]:
    """What is known of the newest roster of each district."""
    require_access()
    return store().rosters.list()


def roster_info(district_id: str) -> RosterInfo | None:
    """What is known of the newest roster of one district; None where there is none."""
    require_access()
    return store().rosters.latest(district_id)


def roster(district_id: str) -> Roster | None:
    """The newest roster of a district, held once for every session; None where there is none."""
    require_access()
    info = roster_info(district_id)
    if info is None:
        # Somebody deleted it, here or elsewhere: what memory still has of it goes too.
        _rosters().forget(district_id)
        return None
    # Fetched again, the same tables have another age and load findings; reduced, they hold fewer names.
    mark = (info.fingerprint, info.fetched_at, info.stored_sha256)
    return _rosters().get(district_id, mark, lambda: _store().rosters.load(info.fingerprint, district_id))


def forget_district(district_id: str) -> None:
    """Lets go of a district's roster and all that was made of it, so that what is deleted is in no cache either."""
    require_access("reviewer")
    _rosters().forget(district_id)


def let_go_of_rosters() -> None:
    """Lets go of every roster, for where nobody is at the screen any more."""
    _rosters.clear()


def coverage(roster: Roster, rule_set: RuleSet) -> Coverage:
    """The coverage of a roster under these rules, held as long as the roster is the district's newest."""
    require_access()
    return _rosters().coverage(roster, rule_set)


def made() -> HeldRosters:
    """What was and can be made of the rosters held: families, twins, groups, each made once for every session."""
    require_access()
    return _rosters()


def beside(roster: Roster, key: Hashable, make: Callable[[], Made]) -> Made:
    """What `make` gives, held under `key` (all it depends on but the roster) as long as the roster is the newest."""
    require_access()
    return _rosters().beside(roster, key, make)


def read_uploads(files: Mapping[str, bytes], made: datetime, progress: Progress) -> Roster:
    """The roster in uploaded files, as old as they are. Raises `InputError`. Safe in a job: it asks for no session."""
    return load_uploads(files, now=made, progress=progress)


def clever() -> CleverClient:
    """Clever, with the settings in force. Raises `InputError` where they name no way to sign in."""
    require_access("reviewer")
    return CleverClient(settings().clever)


def first_seen(roster: Roster, section_ids: tuple[str, ...]) -> dict[str, datetime]:
    """When some sections were first seen in the stored rosters of this district. Raises `ServiceError`."""
    require_access()
    held = store().rosters
    return beside(roster, ("first seen", section_ids), lambda: held.first_seen(roster.district.id, section_ids))


def note(district_id: str, action: str, detail: dict[str, object] | None = None) -> None:
    """Writes down who did what. The detail holds no personal data."""
    require_access()
    store().activity.add(now(), actor(), district_id, action, detail or {})


def start_job(kind: str, district_id: str, work: Callable[[Progress], object], label: str = "") -> Job:
    """Starts long work that survives a closed tab; gives the running job where there is one already."""
    require_access("reviewer")
    return _jobs().start(kind, district_id, work, label)


def job(kind: str, district_id: str) -> Job | None:
    """The running or last job of this kind and district."""
    require_access()
    return _jobs().get(kind, district_id)


def jobs(kind: str) -> list[Job]:
    """Every job of this kind, running or ended."""
    require_access()
    return _jobs().all(kind)


def cancel_job(kind: str, district_id: str) -> None:
    """Asks a running job to stop."""
    require_access("reviewer")
    _jobs().cancel(kind, district_id)


def put_away_job(kind: str, district_id: str) -> None:
    """Forgets a job that has ended, once its outcome was seen."""
    require_access("reviewer")
    _jobs().put_away(kind, district_id)


def at_work(district_id: str) -> bool:
    """Whether work still runs that may write this district, its own or the refresh of all."""
    require_access()
    everywhere = _jobs().get(REFRESHING, "")
    return _jobs().at_work(district_id) or (everywhere is not None and everywhere.running)


def forget_jobs(district_id: str) -> None:
    """Forgets how work of this district ended, seen or not."""
    require_access("admin")
    _jobs().forget(district_id)


@st.cache_resource(show_spinner=False, max_entries=1)
def _settings() -> SettingsInForce:
    return SettingsInForce()


@st.cache_resource(show_spinner="Opening the store …", max_entries=1)
def _store() -> Store:
    opened = open_store(settings().database_url)
    if not opened.rosters.list():
        opened.rosters.save(sample_district(fetched_at=now()))
        opened.districts.save(SAMPLE_ID, name="Sample district (made-up)", source="sample", now=now())
    return opened


@st.cache_resource(show_spinner="Deleting what is kept no longer …", max_entries=1)
def _retained(day: str) -> int:
    """Once a day, and by nobody in particular: what a page promised to delete is deleted. Gives how many rosters."""
    before = now() - timedelta(days=settings().retention_days)
    if not _store().is_due(before):
        return 0
    # Imported here, because that module imports this one.
    from pages.shared.services.delivery import let_go_of_restores

    gone = _store().purge(before, actor="retention", now=now()).rosters
    let_go_of_rosters()
    let_go_of_restores()
    return gone


@st.cache_resource(show_spinner=False, max_entries=1)
def _rosters() -> HeldRosters:
    return HeldRosters(ROSTER_BYTES)


@st.cache_resource(show_spinner=False, max_entries=1)
def _jobs() -> Jobs:
    return Jobs()
