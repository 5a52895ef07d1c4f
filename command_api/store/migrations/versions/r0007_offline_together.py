"""Alerts name the cameras that went offline together.

Revision ID: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; the alerts that are there are of one camera each."""
    op.add_column("alerts", sa.Column("cameras", sa.JSON, nullable=False, server_default="[]"))
