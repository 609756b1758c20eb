"""A stored roster may lack the details of students outside the scope, and says so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Makes room for it. Rosters stored before are whole, until the next change of rules or the next purge."""
    op.add_column("rosters", sa.Column("withheld", sa.Integer, nullable=False, server_default="0"))
    for name in ("scopes", "stored_sha256"):
        op.add_column("rosters", sa.Column(name, sa.Text, nullable=False, server_default=""))
