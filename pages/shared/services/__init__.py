"""Caches and wiring, a module a subject; the only modules of the pages that know adapters and caches.

Nothing here can be reached without the access check: each function that gives data or changes
something asks it itself, with the role it needs.
"""

from __future__ import annotations

from pages.shared.access import (
    actor,
    current_role,
    may,
    only,
    require_access,
    sign_out,
    signs_in,
)
from pages.shared.jobs import (
    Job,
)
from pages.shared.services.delivery import (
    committed_file,
    destination,
    is_connected,
    profile,
    readiness,
    receipt_in_force,
    receipts,
    restore_plan,
    roster_in_force,
    target,
)
from pages.shared.services.rules import (
    keep_draft,
    save_rules,
    saved_rules,
    saved_versions,
    stored_draft,
)
from pages.shared.services.server import (
    SAMPLE_ID,
    beside,
    cancel_job,
    clever,
    coverage,
    families,
    first_seen,
    job,
    jobs,
    note,
    now,
    put_away_job,
    read_uploads,
    roster,
    roster_info,
    rosters,
    settings,
    start_job,
    store,
)
from roster_core.adapters.store import (
    DistrictRecord,
    Draft,
    RosterInfo,
    SavedRuleSet,
)

__all__ = [
    "DistrictRecord",
    "Draft",
    "Job",
    "RosterInfo",
    "SAMPLE_ID",
    "SavedRuleSet",
    "actor",
    "beside",
    "cancel_job",
    "clever",
    "committed_file",
    "coverage",
    "current_role",
    "destination",
    "families",
    "first_seen",
    "is_connected",
    "job",
    "jobs",
    "keep_draft",
    "may",
    "note",
    "now",
    "only",
    "profile",
    "put_away_job",
    "read_uploads",
    "readiness",
    "receipt_in_force",
    "receipts",
    "require_access",
    "restore_plan",
    "roster",
    "roster_in_force",
    "roster_info",
    "rosters",
    "save_rules",
    "saved_rules",
    "saved_versions",
    "settings",
    "sign_out",
    "signs_in",
    "start_job",
    "store",
    "stored_draft",
    "target",
]
