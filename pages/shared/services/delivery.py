"""Where rosters are committed to, what is in force there, and what a commit or a restore would do."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import pandas as pd
import streamlit as st

from pages.shared.access import actor, require_access, while_signed_in
from pages.shared.services.rules import saved_rules
from pages.shared.services.server import made, note, now, settings, store
from pages.shared.services.window import approved_changes, window_of
from roster_core.adapters.launching import drift_since
from roster_core.adapters.oneroster_tables import oneroster_zip
from roster_core.adapters.selweb import EmbeddedTarget
from roster_core.adapters.selweb_http import HttpTarget
from roster_core.commit import Receipt, Target
from roster_core.coverage import Coverage
from roster_core.errors import InputError
from roster_core.onboarding import profile_of
from roster_core.open_window import unapproved
from roster_core.plan import CommitPlan, CurrentRoster, plan_restore, written_rows
from roster_core.preflight import PreflightReport, plan_and_check
from roster_core.roster import Roster
from roster_core.settings import Profile
from roster_core.spreadsheet import guarded

#: (all that readiness depends on beside the coverage, what makes it in whatever thread).
Readiness = tuple[Hashable, Callable[[], tuple[CommitPlan, PreflightReport]]]


def target() -> Target:
    """Where rosters are committed to: SELweb's roster service where the settings name one, else the app's own store."""
    require_access("committer")
    return _target(began=store().activity.newest())


def target_name() -> str:
    """The name under which receipts of this target are kept."""
    require_access()
    return _target().name


def destination() -> str:
    """Where a committed roster is, for people: `recorded here, not yet in SELweb`."""
    require_access()
    return _target().where


def receipts(district_id: str) -> list[Receipt]:
    """What was committed for a district, newest first."""
    require_access()
    return store().ledger.receipts(district_id)


def committed_file(receipt: Receipt, ending: str) -> Callable[[], bytes]:
    """What makes a committed roster's file, as `csv` or `zip` (OneRoster 1.1), and writes down who took it.

    It is called when the file is asked for, in a thread without a session, so the right to it is checked now.
    """
    require_access("reviewer")
    held, who = store(), actor()
    written = {"csv": _csv_file, "zip": oneroster_zip}[ending]

    def made() -> bytes:
        rows = held.ledger.rows(receipt.receipt_id)
        taken = {"receipt": receipt.receipt_id, "rows": len(rows), "as": ending}
        held.activity.add(now(), who, receipt.district_id, "download-rows", taken)
        return written(receipt, rows)

    return while_signed_in(made)


def is_connected() -> bool:
    """Whether commits leave this app, for SELweb's roster service."""
    require_access()
    return bool(settings().selweb_url)


def receipt_in_force(district_id: str) -> Receipt | None:
    """The receipt of the roster in force at the target, as recorded here, without its rows; None for none."""
    require_access()
    wanted = _target().name
    return next((r for r in store().ledger.current_receipts(district_id) if r.target == wanted), None)


def profile(district_id: str) -> Profile:
    """What the preflight asks of a district: the settings, with its own expected headcounts where it has any."""
    require_access()
    return profile_of(settings().profile, store().onboarding.get(district_id).onboarding)


def roster_in_force(roster: Roster) -> CurrentRoster | None:
    """The committed roster of this one's district, with its rows; None for none. Raises `InputError` where purged."""
    require_access()
    receipt = receipt_in_force(roster.district.id)
    if receipt is None:
        return None
    return made().committed(roster, receipt.receipt_id, store().ledger.committed)


def readiness(coverage: Coverage, approval: str) -> tuple[CommitPlan, PreflightReport]:
    """What a commit would do, and whether it may, as of this hour; made once for every session that asks.

    Raises `ServiceError` where the target cannot say what is in force.
    """
    require_access()
    if is_connected():
        _record_in_force(coverage.roster.district.id, f"{now():%FT%H:%M}")
    key, make = readiness_to_make(coverage, approval)
    plan, report = made().checked(coverage, key, make)
    # The digest says which district, roster and rules; fetched again, the same tables are as old as they are now.
    _noted((report.digest, coverage.roster.fetched_at, key), coverage.rule_set.to_json(), plan, report)
    return plan, report


def readiness_to_make(coverage: Coverage, approval: str, *, windowed: bool = True) -> Readiness:
    """What readiness depends on, and what makes it. Raises `InputError` where what is kept of a launch is wrong.

    `windowed`: an open window holds moves and removals back; else none does, as in what is told to a district.
    """
    require_access()
    roster = coverage.roster
    district, asked = roster.district.id, profile(roster.district.id)
    current = receipt_in_force(district)
    receipt_id = "" if current is None else current.receipt_id
    # In an open window whoever would move or leave stays, but for those somebody approved.
    approved = approved_changes(district, receipt_id) if windowed and receipt_id and window_of(district) else None
    held, ledger, name, moment = made(), store().ledger, _target().name, now()

    def make() -> tuple[CommitPlan, PreflightReport]:
        return plan_and_check(
            coverage,
            district_id=district,
            target=name,
            current=held.committed(roster, receipt_id, ledger.committed) if receipt_id else None,
            profile=asked,
            as_of=moment,
            approval=approval,
            stays=lambda plan: frozenset() if approved is None else unapproved(plan, approved),
            families=held.families(roster),
        )

    listed = "closed" if approved is None else repr(sorted(approved))
    return (receipt_id, approval, repr(asked.expected), listed, f"{moment:%FT%H}"), make


def drift_to_make(roster: Roster) -> Callable[[], bool | None]:
    """What tells, in whatever thread, whether changes since the newest commit need a person; None: none was made."""
    require_access()
    district, held, kept = roster.district.id, made(), store()
    receipts = kept.ledger.current_receipts(district)
    key = ("drift needs a person", receipts[0].receipt_id if receipts else "")

    def read(receipt_id: str) -> CurrentRoster:
        return held.committed(roster, receipt_id, kept.ledger.committed)

    return lambda: held.beside(roster, key, lambda: drift_since(kept, district, roster, read))


def restore_plan(receipt_id: str) -> CommitPlan:
    """What restoring an earlier receipt would do. Raises `InputError` where its rows were purged."""
    require_access("committer")
    receipt = store().ledger.receipt(receipt_id)
    if receipt is None:
        raise InputError(f"There is no receipt {receipt_id} here.")
    current = receipt_in_force(receipt.district_id)
    window = window_of(receipt.district_id)
    return _restore_plan(receipt_id, "" if current is None else current.receipt_id, window)


def let_go_of_restores() -> None:
    """Lets go of every earlier roster that was read to be restored, for they hold children's names.

    Also called where nobody is at the screen any more.
    """
    _restore_plan.clear()


def _target(began: int | None = None) -> Target:
    chosen = settings()
    if chosen.selweb_url:
        return HttpTarget(store(), chosen.selweb_url, chosen.selweb_token, product=chosen.product_name)
    return EmbeddedTarget(store(), product=chosen.product_name, began=began)


def _csv_file(receipt: Receipt, rows: pd.DataFrame) -> bytes:
    return guarded(written_rows(rows)).to_csv(index=False).encode()


@st.cache_resource(show_spinner="Asking what is in force …", max_entries=64)
def _record_in_force(district_id: str, minute: str) -> None:
    """Asks the target what is in force, which it records here; once a minute, since every repaint asks."""
    _target().current(district_id)


@st.cache_resource(show_spinner=False, max_entries=64)
def _noted(key: Hashable, rules: str, _plan: CommitPlan, _report: PreflightReport) -> None:
    """Writes down, once, that somebody looked at this preflight."""
    saved = saved_rules(_plan.district_id)
    version = saved.version if saved is not None and saved.rule_set.to_json() == rules else 0
    counts = {"blockers": _report.blockers, "warnings": _report.warnings}
    seen = {"fingerprint": _plan.fingerprint, "rules_version": version, "digest": _report.digest}
    note(_plan.district_id, "preflight", {**seen, **counts})


@st.cache_resource(show_spinner="Reading the earlier roster …", max_entries=2)
def _restore_plan(receipt_id: str, current_receipt_id: str, window: str) -> CommitPlan:
    receipt, rows, to = store().ledger.receipt(receipt_id), store().ledger.rows(receipt_id), _target()
    earlier = CurrentRoster(
        receipt_id, rows, receipt.rule_set_json, receipt.digest, receipt.fingerprint, receipt.district_name
    )
    return plan_restore(
        earlier,
        district_id=receipt.district_id,
        target=to.name,
        current=to.current(receipt.district_id),
        profile=settings().profile,
        window=window,
    )
