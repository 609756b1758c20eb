"""The last counted numbers say whether there was any rule."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Makes room for it. Numbers from before are counted anew with the next change of roster or rules."""
    op.add_column("district_counts", sa.Column("ruled", sa.Integer, nullable=False, server_default="1"))
