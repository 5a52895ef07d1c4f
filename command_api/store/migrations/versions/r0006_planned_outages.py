"""Planned outages.

Revision ID: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "planned_outages",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("camera_ids", sa.JSON, nullable=False),
        sa.Column("begins_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
        sa.Column("announced_end_at", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("approver", sa.String(80), nullable=False),
        sa.Column("filed_by", sa.String(64), nullable=False),
        sa.Column("filed_at", sa.BigInteger, nullable=False),
        sa.Column("ended_by", sa.String(64), nullable=False),
        sa.Column("config_key", sa.String(64), nullable=False),
    )
    op.create_index("ix_planned_outages_ends_at", "planned_outages", ["ends_at"])
