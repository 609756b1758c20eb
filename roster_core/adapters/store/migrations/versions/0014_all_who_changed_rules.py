"""Drafts, saved rules and approvals name everybody who changed the rules, not the last one alone."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Makes room for them. Drafts that were discarded, which no version does any more, go."""
    for table in ("drafts", "rule_set_versions"):
        op.add_column(table, sa.Column("authors", sa.Text, nullable=False, server_default="[]"))
    op.execute("DELETE FROM drafts WHERE rule_set_json IS NULL")
    op.execute("ALTER TABLE approvals RENAME COLUMN author TO authors")
    connection = op.get_bind()
    for (author,) in connection.execute(sa.text("SELECT DISTINCT authors FROM approvals")).all():
        named = json.dumps([author] if author else [])
        renewed = sa.text("UPDATE approvals SET authors = :named WHERE authors = :author")
        connection.execute(renewed, {"named": named, "author": author})
