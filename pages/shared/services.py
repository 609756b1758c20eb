"""Caches and wiring: settings, store, rosters held once a server, coverage, jobs.

Nothing here can be reached without the access check: each function that gives data asks it
itself. A roster is found by district and fingerprint and never hashed by value.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from pages.shared.access import actor, require_access
from pages.shared.held import HeldRosters, Made
from pages.shared.jobs import Job, Jobs
from roster_core.adapters.clever import CleverClient
from roster_core.adapters.configuration import read_settings
from roster_core.adapters.loading import load_uploads
from roster_core.adapters.oneroster_tables import oneroster_zip
from roster_core.adapters.selweb import EmbeddedTarget
from roster_core.adapters.selweb_http import HttpTarget
from roster_core.adapters.store import DistrictRecord, Draft, RosterInfo, SavedRuleSet, Store, open_store
from roster_core.commit import Receipt, Target
from roster_core.coverage import Coverage
from roster_core.errors import InputError
from roster_core.families import Families
from roster_core.plan import CommitPlan, CurrentRoster, plan_commit, plan_restore
from roster_core.preflight import PreflightReport, run_preflight
from roster_core.roster import Progress, Roster
from roster_core.rules import RuleSet
from roster_core.sample import sample_district
from roster_core.settings import Settings

__all__ = ["DistrictRecord", "Draft", "Job", "RosterInfo", "SavedRuleSet", "actor", "require_access"]

SAMPLE_ID = "sample"

#: How much memory the rosters of one server may take; the one used longest ago goes first.
ROSTER_BYTES = 1 << 30


def settings() -> Settings:
    """The settings, read once a server. Raises `SettingsError` with every problem."""
    return _settings()


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def store() -> Store:
    """The app's store, opened once a server; on the very first start it holds the sample district."""
    require_access()
    return _store()


def rosters() -> list[RosterInfo]:
    """What is known of the newest roster of each district."""
    return store().rosters.list()


def roster_info(district_id: str) -> RosterInfo | None:
    """What is known of the newest roster of one district; None where there is none."""
    return store().rosters.latest(district_id)


def roster(district_id: str) -> Roster | None:
    """The newest roster of a district, held once for every session; None where there is none."""
    info = roster_info(district_id)
    if info is None:
        return None
    held = _rosters()
    return held.get(
        district_id, info.fingerprint, info.fetched_at, lambda: _store().rosters.load(info.fingerprint, district_id)
    )


def coverage(roster: Roster, rule_set: RuleSet) -> Coverage:
    """The coverage of a roster under these rules, held as long as the roster is the district's newest."""
    require_access()
    return _rosters().coverage(roster, rule_set)


def families(roster: Roster, merged: tuple[tuple[str, ...], ...] = ()) -> Families:
    """The families of a roster's section names, held as long as the roster is the district's newest.

    Families whose keys stand together in `merged` are taken as one.
    """
    require_access()
    return _rosters().families(roster, merged)


def beside(roster: Roster, key: Hashable, make: Callable[[], Made]) -> Made:
    """What `make` gives, held under `key` (all it depends on but the roster) as long as the roster is the newest."""
    require_access()
    return _rosters().beside(roster, key, make)


def read_uploads(files: Mapping[str, bytes], made: datetime, progress: Progress) -> Roster:
    """The roster in uploaded files, as old as they are. Raises `InputError`. Safe in a job: it asks for no session."""
    return load_uploads(files, now=made, progress=progress)


def clever() -> CleverClient:
    """Clever, with the settings in force. Raises `InputError` where they name no way to sign in."""
    require_access()
    return CleverClient(_settings().clever)


def target() -> Target:
    """Where rosters are committed to: SELweb's roster service where the settings name one, else the app's own store."""
    chosen = settings()
    if chosen.selweb_url:
        return HttpTarget(store(), chosen.selweb_url, chosen.selweb_token, product=chosen.product_name)
    return EmbeddedTarget(store(), product=chosen.product_name)


def is_connected() -> bool:
    """Whether commits leave this app, for SELweb's roster service."""
    return bool(settings().selweb_url)


def oneroster_file(receipt: Receipt, rows: pd.DataFrame) -> bytes:
    """A committed roster as a OneRoster 1.1 zip. Safe in a thread without a session: it gives what it was given."""
    return oneroster_zip(receipt, rows)


def receipt_in_force(district_id: str) -> Receipt | None:
    """The receipt of the roster in force at the target, as recorded here, without its rows; None for none."""
    wanted = target().name
    return next((r for r in store().ledger.current_receipts(district_id) if r.target == wanted), None)


def first_seen(roster: Roster, section_ids: tuple[str, ...]) -> dict[str, datetime]:
    """When some sections were first seen in the stored rosters of this district. Raises `ServiceError`."""
    held = store().rosters
    return beside(roster, ("first seen", section_ids), lambda: held.first_seen(roster.district.id, section_ids))


def roster_in_force(roster: Roster) -> CurrentRoster | None:
    """The committed roster of this one's district, with its rows; None for none. Raises `InputError` where purged."""
    receipt = receipt_in_force(roster.district.id)
    if receipt is None:
        return None
    return beside(roster, ("in force", receipt.receipt_id), lambda: store().ledger.committed(receipt.receipt_id))


def readiness(coverage: Coverage, approval: str) -> tuple[CommitPlan, PreflightReport]:
    """What a commit would do, and whether it may, as of this hour; made once for every session that asks.

    Raises `ServiceError` where the target cannot say what is in force.
    """
    require_access()
    roster = coverage.roster
    district = roster.district.id
    if is_connected():
        _record_in_force(district, f"{now():%FT%H:%M}")
    current = receipt_in_force(district)
    receipt_id = "" if current is None else current.receipt_id
    key = (district, roster.fingerprint, f"{roster.fetched_at:%FT%T}", receipt_id, approval, f"{now():%FT%H}")
    return _readiness(key, coverage.rule_set.to_json(), coverage, approval)


def restore_plan(receipt_id: str) -> CommitPlan:
    """What restoring an earlier receipt would do. Raises `InputError` where its rows were purged."""
    receipt = store().ledger.receipt(receipt_id)
    if receipt is None:
        raise InputError(f"There is no receipt {receipt_id} here.")
    current = receipt_in_force(receipt.district_id)
    return _restore_plan(receipt_id, "" if current is None else current.receipt_id)


def saved_rules(district_id: str) -> SavedRuleSet | None:
    """The newest saved rule set of a district; None where none was saved."""
    return store().rule_sets.get(district_id)


def saved_versions(district_id: str) -> list[SavedRuleSet]:
    """Every saved rule set of a district, newest first."""
    return store().rule_sets.versions(district_id)


def save_rules(district_id: str, rule_set: RuleSet, *, expected_version: int) -> int:
    """Saves a new version of a district's rules and gives its number. Raises `Refusal` if a colleague was faster."""
    return store().rule_sets.save(district_id, rule_set, expected_version=expected_version, actor=actor(), now=now())


def stored_draft(district_id: str) -> Draft | None:
    """The draft of a district as last kept by anybody; None where there is none."""
    return store().rule_sets.draft(district_id)


def keep_draft(district_id: str, rule_set: RuleSet, *, expected_revision: int) -> int:
    """Keeps the draft and gives its new revision. Raises `Refusal` if a colleague changed it meanwhile."""
    return store().rule_sets.save_draft(
        district_id, rule_set.to_json(), expected_revision=expected_revision, actor=actor(), now=now()
    )


def note(district_id: str, action: str, detail: dict[str, object] | None = None) -> None:
    """Writes down who did what. The detail holds no personal data."""
    store().activity.add(now(), actor(), district_id, action, detail or {})


def start_job(kind: str, district_id: str, work: Callable[[Progress], object], label: str = "") -> Job:
    """Starts long work that survives a closed tab; gives the running job where there is one already."""
    require_access()
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
    require_access()
    _jobs().cancel(kind, district_id)


def put_away_job(kind: str, district_id: str) -> None:
    """Forgets a job that has ended, once its outcome was seen."""
    require_access()
    _jobs().put_away(kind, district_id)


@st.cache_resource(show_spinner=False, max_entries=1)
def _settings() -> Settings:
    return read_settings()


@st.cache_resource(show_spinner="Opening the store …", max_entries=1)
def _store() -> Store:
    opened = open_store(_settings().database_url)
    if not opened.rosters.list():
        opened.rosters.save(sample_district(fetched_at=now()))
        opened.districts.save(SAMPLE_ID, name="Sample district (made-up)", source="sample", now=now())
    return opened


@st.cache_resource(show_spinner="Asking what is in force …", max_entries=64)
def _record_in_force(district_id: str, minute: str) -> None:
    """Asks the target what is in force, which it records here; once a minute, since every repaint asks."""
    target().current(district_id)


@st.cache_resource(show_spinner="Checking the roster …", max_entries=4)
def _readiness(
    key: tuple[str, ...], rules: str, _coverage: Coverage, _approval: str
) -> tuple[CommitPlan, PreflightReport]:
    data, profile, to = (_coverage.roster, _coverage.rule_set), _settings().profile, target()
    district = _coverage.roster.district.id
    plan = plan_commit(
        *data,
        district_id=district,
        target=to.name,
        current=to.current(district),
        profile=profile,
        coverage=_coverage,
    )
    report = run_preflight(*data, plan=plan, as_of=now(), profile=profile, approval=_approval, coverage=_coverage)
    return plan, report


@st.cache_resource(show_spinner="Reading the earlier roster …", max_entries=2)
def _restore_plan(receipt_id: str, current_receipt_id: str) -> CommitPlan:
    receipt, rows, to = store().ledger.receipt(receipt_id), store().ledger.rows(receipt_id), target()
    earlier = CurrentRoster(
        receipt_id, rows, receipt.rule_set_json, receipt.digest, receipt.fingerprint, receipt.district_name
    )
    return plan_restore(
        earlier,
        district_id=receipt.district_id,
        target=to.name,
        current=to.current(receipt.district_id),
        profile=_settings().profile,
    )


@st.cache_resource(show_spinner=False, max_entries=1)
def _rosters() -> HeldRosters:
    return HeldRosters(ROSTER_BYTES)


@st.cache_resource(show_spinner=False, max_entries=1)
def _jobs() -> Jobs:
    return Jobs()
