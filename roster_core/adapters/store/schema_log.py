"""The tables of who did what and what was written about it; `schema` has the others."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, UniqueConstraint

from roster_core.adapters.store.tables import count, metadata, text

# What people wrote. An erased note has neither text nor salt; its hash stays, and is in the activity log.
notes = Table(
    "notes",
    metadata,
    text("id", key=True),
    text("district_id"),
    text("text"),
    text("salt"),
    text("hash"),
    text("at"),
    text("by"),
)

activity = Table(
    "activity",
    metadata,
    Column("number", Integer, primary_key=True),
    text("at"),
    text("actor"),
    text("district_id"),
    text("action"),
    text("detail"),
    text("previous_hash"),
    text("hash"),
    Index("ix_activity_district_id", "district_id"),
)

# The newest entry of the log once more, in the one row of this table, so that an end cut off is noticed.
activity_head = Table(
    "activity_head",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    count("number"),
    text("hash"),
)

# Recipients are addresses of staff, as JSON; of the text only its digest is kept. The message id is what a repeated
# send is known by.
messages = Table(
    "messages",
    metadata,
    Column("number", Integer, primary_key=True),
    text("district_id"),
    text("kind"),
    text("at"),
    text("actor"),
    text("recipients"),
    text("subject"),
    text("outcome"),
    text("message_id"),
    text("digest"),
    UniqueConstraint("message_id"),
    Index("ix_messages_district_id", "district_id"),
)

# What SELweb said of a district's students, as it was brought in: a JSON list of findings without names.
told_findings = Table(
    "told_findings",
    metadata,
    text("district_id", key=True),
    text("at"),
    text("actor"),
    text("findings"),
)

# One a plan. `authors`: a JSON list of who changed its rules; `reason`: the id of the note that holds it.
approvals = Table(
    "approvals",
    metadata,
    text("district_id", key=True),
    text("digest", key=True),
    text("authors"),
    text("asked_by"),
    text("asked_at"),
    text("approved_by"),
    text("approved_at"),
    text("reason"),
)
