"""What an alert tells more is kept in each language by itself.

It was one text, `中文 / English`, cut where it was shown; alerts about drones had Chinese alone.

Revision ID: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_CUT = """
UPDATE alerts SET
  detail_en = substr(detail, instr(detail, ' / ') + 3),
  detail = substr(detail, 1, instr(detail, ' / ') - 1)
WHERE instr(detail, ' / ') > 0 AND kind NOT LIKE 'drone@_%' ESCAPE '@'
"""


def upgrade() -> None:
    """Add the column, and cut what is there as it was cut so far."""
    op.add_column("alerts", sa.Column("detail_en", sa.Text, nullable=False, server_default=""))
    op.execute(_CUT)
