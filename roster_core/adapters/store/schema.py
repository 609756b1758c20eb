"""The tables. A change here comes with a migration; a test compares the two.

Moments are UTC text of one width, ids are text as the source gave them, and what is only ever
read whole (rule sets, details of an activity) is JSON text.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, Table, Text, UniqueConstraint

from roster_core.adapters.store.schema_log import activity as activity
from roster_core.adapters.store.schema_log import activity_head as activity_head
from roster_core.adapters.store.schema_log import approvals as approvals
from roster_core.adapters.store.schema_log import messages as messages
from roster_core.adapters.store.schema_log import notes as notes
from roster_core.adapters.store.schema_log import told_findings as told_findings
from roster_core.adapters.store.tables import count, later, text
from roster_core.adapters.store.tables import metadata as metadata
from roster_core.plan import ROW_COLUMNS

districts = Table(
    "districts",
    metadata,
    text("id", key=True),
    text("name"),
    text("source"),
    text("state"),
    text("created_at"),
    text("updated_at"),
)

rosters = Table(
    "rosters",
    metadata,
    Column("id", Integer, primary_key=True),
    text("district_id"),
    text("fingerprint"),
    count("saved"),
    text("source"),
    text("fetched_at"),
    text("district_name"),
    text("district_state"),
    text("district_error"),
    text("district_pause_start"),
    text("district_pause_end"),
    text("district_last_sync"),
    count("schools"),
    count("teachers"),
    count("sections"),
    count("students"),
    count("enrollments"),
    count("findings"),
    count("size"),
    # Students whose details are not held, the scopes that was decided by (JSON), and the proof of what is stored then.
    later("withheld", Integer, "0"),
    later("scopes", Text, ""),
    later("stored_sha256", Text, ""),
    UniqueConstraint("district_id", "fingerprint"),
)

roster_chunks = Table(
    "roster_chunks",
    metadata,
    Column("roster_id", ForeignKey(rosters.c.id), primary_key=True),
    text("part", key=True),
    Column("number", Integer, primary_key=True),
    text("sha256"),
    Column("data", LargeBinary, nullable=False),
)

# What is shown of a district without opening its roster: counts and sentences with counts, no child's data.
district_counts = Table(
    "district_counts",
    metadata,
    text("district_id", key=True),
    text("fingerprint"),
    text("rules"),
    *(count(name) for name in ("in_scope", "one", "none", "several", "excused", "to_follow")),
    Column("blockers", Text),
    text("counted_at"),
    later("ruled", Integer, "1"),
)

district_changes = Table(
    "district_changes",
    metadata,
    text("district_id", key=True),
    text("fingerprint"),
    text("since"),
    text("at"),
    text("sentences"),
)

district_drifts = Table(
    "district_drifts",
    metadata,
    text("district_id", key=True),
    text("receipt_id"),
    text("fingerprint"),
    text("at"),
    count("changes"),
    count("needs_person"),
    text("sentences"),
)

# What Clever said of each district, and when its list of districts was last asked for. No token is kept.
clever_states = Table(
    "clever_states",
    metadata,
    text("district_id", key=True),
    *(text(name) for name in ("name", "state", "error", "pause_start", "pause_end", "last_sync", "trouble")),
    count("listed"),
    text("asked_at"),
)

clever_lists = Table("clever_lists", metadata, text("asked_at", key=True), text("trouble"))

# Against the roster of that receipt: the student may go to that section, or leave where it is empty.
window_approvals = Table(
    "window_approvals",
    metadata,
    *(text(name, key=True) for name in ("district_id", "receipt_id", "student_id", "to_section_id")),
    text("approved_by"),
    text("approved_at"),
)

# Up to which of Clever's events the roster of that fingerprint knows everything.
event_cursors = Table(
    "event_cursors",
    metadata,
    text("district_id", key=True),
    text("event_id"),
    text("event_at"),
    text("pulled_at"),
    text("fingerprint"),
)

rule_set_versions = Table(
    "rule_set_versions",
    metadata,
    text("district_id", key=True),
    Column("version", Integer, primary_key=True),
    text("rule_set_json"),
    text("saved_at"),
    text("saved_by"),
    # JSON: everybody who changed the rules since the version before; [] in rows of an earlier program.
    later("authors", Text, "[]"),
)

drafts = Table(
    "drafts",
    metadata,
    text("district_id", key=True),
    Column("rule_set_json", Text),
    count("based_on_version"),
    count("revision"),
    text("edited_at"),
    text("edited_by"),
    later("authors", Text, "[]"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("number", Integer, primary_key=True),
    text("receipt_id"),
    text("digest"),
    text("district_id"),
    text("district_name"),
    text("target"),
    text("where"),
    text("committed_at"),
    text("committed_by"),
    count("students"),
    count("added"),
    count("moved"),
    count("updated"),
    count("removed"),
    text("fingerprint"),
    text("rule_set_json"),
    # The id of the note that holds the reason; '' where none was asked for.
    text("approval"),
    text("previous_receipt_id"),
    text("kind"),
    UniqueConstraint("receipt_id"),
    UniqueConstraint("district_id", "target", "digest"),
)

current_rosters = Table(
    "current_rosters",
    metadata,
    text("district_id", key=True),
    text("target", key=True),
    Column("receipt_id", ForeignKey(receipts.c.receipt_id), nullable=False),
)

# The key says it in the database's own words: one row a student in each committed roster.
rostered_rows = Table(
    "rostered_rows",
    metadata,
    Column("receipt_number", ForeignKey(receipts.c.number), primary_key=True),
    *(text(column, key=column == "student_id") for column in ROW_COLUMNS),
    sqlite_with_rowid=False,
)

# One document a district, for it is only ever read whole.
onboarding = Table(
    "onboarding",
    metadata,
    text("district_id", key=True),
    text("document"),
    count("revision"),
    text("edited_at"),
    text("edited_by"),
)

onboarding_windows = Table(
    "onboarding_windows",
    metadata,
    text("district_id", key=True),
    Column("number", Integer, primary_key=True),
    text("document"),
    text("archived_at"),
    text("archived_by"),
)

# What reviewers said of families of section names; the keys are words of section names, as JSON text.
family_choices = Table(
    "family_choices",
    metadata,
    text("district_id", key=True),
    text("keys", key=True),
    count("merged"),
    text("said_at"),
    text("said_by"),
)
