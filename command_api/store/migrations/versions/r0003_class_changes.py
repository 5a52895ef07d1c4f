"""Alerts tell how often their class was corrected.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what there is was never corrected."""
    op.add_column("alerts", sa.Column("class_changes", sa.Integer, nullable=False, server_default="0"))
