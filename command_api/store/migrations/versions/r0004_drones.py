"""Flights, runs of patrols, dispatches to alerts, and orders to drones.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _flights()
    _runs()
    _dispatches_and_orders()


def _flights() -> None:
    op.create_table(
        "flights",
        sa.Column("flight_id", sa.String(40), primary_key=True),
        sa.Column("change", sa.Integer, nullable=False),
        sa.Column("drone_id", sa.String(63), nullable=False),
        sa.Column("patrol_id", sa.String(63)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("outcome", sa.String(20)),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("ix_flights_drone_id", "flights", ["drone_id", "flight_id"])
    op.create_index("ix_flights_patrol_id", "flights", ["patrol_id", "flight_id"])
    op.create_table(
        "flight_changes",
        sa.Column("flight_id", sa.String(40), primary_key=True),
        sa.Column("change", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )


def _runs() -> None:
    op.create_table(
        "patrol_runs",
        sa.Column("run_id", sa.String(200), primary_key=True),
        sa.Column("patrol_id", sa.String(63), nullable=False),
        sa.Column("drone_id", sa.String(63)),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("decided_at", sa.BigInteger, nullable=False),
        sa.Column("decision", sa.String(20), nullable=False),
        sa.Column("confirm_until", sa.BigInteger),
        sa.Column("flight_id", sa.String(40)),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("ix_patrol_runs_due_at", "patrol_runs", ["due_at"])


def _dispatches_and_orders() -> None:
    op.create_table(
        "dispatch_steps",
        sa.Column("alert_id", sa.String(40), primary_key=True),
        sa.Column("at", sa.BigInteger, primary_key=True),
        sa.Column("stage", sa.String(20), primary_key=True),
        sa.Column("drone_id", sa.String(63), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "drone_orders",
        sa.Column("command_id", sa.String(40), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("order", sa.Text),
        sa.Column("answer", sa.Text),
    )
    op.create_index("ix_drone_orders_at", "drone_orders", ["at"])
