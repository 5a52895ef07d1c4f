"""Alerts tell how sure their place is, or why they have none.

Revision ID: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; of the alerts that are there nothing of it is known."""
    op.add_column("alerts", sa.Column("place_error_m", sa.Float))
    op.add_column("alerts", sa.Column("unplaced", sa.String(30), nullable=False, server_default=""))
