"""The tables. A change here comes with a migration; a test compares the two.

Moments are UTC text of one width, ids are text as the source gave them, and what is only ever
read whole (rule sets, details of an activity) is JSON text.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from roster_core.plan import ROW_COLUMNS

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)


def _text(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, Text, nullable=False, primary_key=key)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _later(name: str, kind: type[Integer] | type[Text], default: str) -> Column:
    """A column that came with a later version: rows from before have the default."""
    return Column(name, kind, nullable=False, server_default=default)


districts = Table(
    "districts",
    metadata,
    _text("id", key=True),
    _text("name"),
    _text("source"),
    _text("state"),
    _text("created_at"),
    _text("updated_at"),
)

rosters = Table(
    "rosters",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("district_id"),
    _text("fingerprint"),
    _count("saved"),
    _text("source"),
    _text("fetched_at"),
    _text("district_name"),
    _text("district_state"),
    _text("district_error"),
    _text("district_pause_start"),
    _text("district_pause_end"),
    _text("district_last_sync"),
    _count("schools"),
    _count("teachers"),
    _count("sections"),
    _count("students"),
    _count("enrollments"),
    _count("findings"),
    _count("size"),
    # Students whose details are not held, the scopes that was decided by (JSON), and the proof of what is stored then.
    _later("withheld", Integer, "0"),
    _later("scopes", Text, ""),
    _later("stored_sha256", Text, ""),
    UniqueConstraint("district_id", "fingerprint"),
)

roster_chunks = Table(
    "roster_chunks",
    metadata,
    Column("roster_id", ForeignKey(rosters.c.id), primary_key=True),
    _text("part", key=True),
    Column("number", Integer, primary_key=True),
    _text("sha256"),
    Column("data", LargeBinary, nullable=False),
)

# What is shown of a district without opening its roster: counts and sentences with counts, no child's data.
district_counts = Table(
    "district_counts",
    metadata,
    _text("district_id", key=True),
    _text("fingerprint"),
    _text("rules"),
    *(_count(name) for name in ("in_scope", "one", "none", "several", "excused", "to_follow")),
    Column("blockers", Text),
    _text("counted_at"),
)

district_changes = Table(
    "district_changes",
    metadata,
    _text("district_id", key=True),
    _text("fingerprint"),
    _text("since"),
    _text("at"),
    _text("sentences"),
)

district_drifts = Table(
    "district_drifts",
    metadata,
    _text("district_id", key=True),
    _text("receipt_id"),
    _text("fingerprint"),
    _text("at"),
    _count("changes"),
    _count("needs_person"),
    _text("sentences"),
)

# What Clever said of each district, and when its list of districts was last asked for. No token is kept.
clever_states = Table(
    "clever_states",
    metadata,
    _text("district_id", key=True),
    *(_text(name) for name in ("name", "state", "error", "pause_start", "pause_end", "last_sync", "trouble")),
    _count("listed"),
    _text("asked_at"),
)

clever_lists = Table("clever_lists", metadata, _text("asked_at", key=True), _text("trouble"))

# Up to which of Clever's events the roster of that fingerprint knows everything.
event_cursors = Table(
    "event_cursors",
    metadata,
    _text("district_id", key=True),
    _text("event_id"),
    _text("event_at"),
    _text("pulled_at"),
    _text("fingerprint"),
)

rule_set_versions = Table(
    "rule_set_versions",
    metadata,
    _text("district_id", key=True),
    Column("version", Integer, primary_key=True),
    _text("rule_set_json"),
    _text("saved_at"),
    _text("saved_by"),
)

# A discarded draft keeps its row and revision, without rules: a revision number never means two things.
drafts = Table(
    "drafts",
    metadata,
    _text("district_id", key=True),
    Column("rule_set_json", Text),
    _count("based_on_version"),
    _count("revision"),
    _text("edited_at"),
    _text("edited_by"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("number", Integer, primary_key=True),
    _text("receipt_id"),
    _text("digest"),
    _text("district_id"),
    _text("district_name"),
    _text("target"),
    _text("where"),
    _text("committed_at"),
    _text("committed_by"),
    _count("students"),
    _count("added"),
    _count("moved"),
    _count("updated"),
    _count("removed"),
    _text("fingerprint"),
    _text("rule_set_json"),
    # The id of the note that holds the reason; '' where none was asked for.
    _text("approval"),
    _text("previous_receipt_id"),
    _text("kind"),
    UniqueConstraint("receipt_id"),
    UniqueConstraint("district_id", "target", "digest"),
)

# What people wrote. An erased note has neither text nor salt; its hash stays, and is in the activity log.
notes = Table(
    "notes",
    metadata,
    _text("id", key=True),
    _text("district_id"),
    _text("text"),
    _text("salt"),
    _text("hash"),
    _text("at"),
    _text("by"),
)

current_rosters = Table(
    "current_rosters",
    metadata,
    _text("district_id", key=True),
    _text("target", key=True),
    Column("receipt_id", ForeignKey(receipts.c.receipt_id), nullable=False),
)

# The key says it in the database's own words: one row a student in each committed roster.
rostered_rows = Table(
    "rostered_rows",
    metadata,
    Column("receipt_number", ForeignKey(receipts.c.number), primary_key=True),
    *(_text(column, key=column == "student_id") for column in ROW_COLUMNS),
    sqlite_with_rowid=False,
)

# One document a district, for it is only ever read whole.
onboarding = Table(
    "onboarding",
    metadata,
    _text("district_id", key=True),
    _text("document"),
    _count("revision"),
    _text("edited_at"),
    _text("edited_by"),
)

onboarding_windows = Table(
    "onboarding_windows",
    metadata,
    _text("district_id", key=True),
    Column("number", Integer, primary_key=True),
    _text("document"),
    _text("archived_at"),
    _text("archived_by"),
)

activity = Table(
    "activity",
    metadata,
    Column("number", Integer, primary_key=True),
    _text("at"),
    _text("actor"),
    _text("district_id"),
    _text("action"),
    _text("detail"),
    _text("previous_hash"),
    _text("hash"),
    Index("ix_activity_district_id", "district_id"),
)

# The newest entry of the log once more, in the one row of this table, so that an end cut off is noticed.
activity_head = Table(
    "activity_head",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    _count("number"),
    _text("hash"),
)

# Recipients are addresses of staff, as JSON; of the text only its digest is kept. The message id is what a repeated
# send is known by.
messages = Table(
    "messages",
    metadata,
    Column("number", Integer, primary_key=True),
    _text("district_id"),
    _text("kind"),
    _text("at"),
    _text("actor"),
    _text("recipients"),
    _text("subject"),
    _text("outcome"),
    _text("message_id"),
    _text("digest"),
    UniqueConstraint("message_id"),
    Index("ix_messages_district_id", "district_id"),
)

# What SELweb said of a district's students, as it was brought in: a JSON list of findings without names.
told_findings = Table(
    "told_findings",
    metadata,
    _text("district_id", key=True),
    _text("at"),
    _text("actor"),
    _text("findings"),
)

# One a plan. A reason is free text, so it stands here and never in the log.
approvals = Table(
    "approvals",
    metadata,
    _text("district_id", key=True),
    _text("digest", key=True),
    _text("author"),
    _text("asked_by"),
    _text("asked_at"),
    _text("approved_by"),
    _text("approved_at"),
    _text("reason"),
)
