"""The first schema: users, sessions, alerts, camera states, audit.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table, and the triggers that keep the audit trail append-only."""
    _people()
    _alerts()
    _states()
    _audit()


def _people() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.Integer, nullable=False),
    )
    op.execute("INSERT INTO counters (name, value) VALUES ('alert_seq', 0)")
    op.create_table(
        "users",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("display_name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("unit", sa.String(200), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("must_change_password", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("password_changed_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("token_sha256", sa.String(64), primary_key=True),
        sa.Column("user_name", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_used_at", sa.BigInteger, nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
    )
    op.create_index("ix_sessions_user_name", "sessions", ["user_name"])


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("camera_id", sa.String(63), nullable=False),
        sa.Column("camera_name", sa.String(200), nullable=False),
        sa.Column("rule_id", sa.String(63), nullable=False),
        sa.Column("rule_name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("class_name", sa.String(60), nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_seen_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("triggers", sa.Integer, nullable=False),
        sa.Column("confidence", sa.Float),
        sa.Column("box_xyxy", sa.JSON),
        sa.Column("track_id", sa.Integer),
        sa.Column("place", sa.JSON),
        sa.Column("snapshot_path", sa.String(300)),
        sa.Column("snapshot_sha256", sa.String(64)),
        sa.Column("snapshot_seen_at", sa.BigInteger),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("acknowledged_by", sa.String(64)),
        sa.Column("acknowledged_at", sa.BigInteger),
        sa.Column("undo_until", sa.BigInteger),
        sa.Column("false_alarm_reason", sa.String(20)),
    )
    op.create_index("ix_alerts_seq", "alerts", ["seq"], unique=True)
    op.create_index("ix_alerts_camera_id_seq", "alerts", ["camera_id", "seq"])
    op.create_index("ix_alerts_state_seq", "alerts", ["state", "seq"])
    op.create_table(
        "alert_steps",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("alert_id", sa.String(40), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_index("ix_alert_steps_alert_id", "alert_steps", ["alert_id"])
    op.create_table(
        "clips",
        sa.Column("alert_id", sa.String(40), primary_key=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("path", sa.String(300)),
        sa.Column("sha256", sa.String(64)),
        sa.Column("duration_s", sa.Float),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("requested_at", sa.BigInteger),
    )


def _states() -> None:
    op.create_table(
        "stream_status",
        sa.Column("camera_id", sa.String(63), primary_key=True),
        sa.Column("stream", sa.String(10), primary_key=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("cause", sa.String(30), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("codec", sa.String(20), nullable=False),
        sa.Column("width_px", sa.Integer, nullable=False),
        sa.Column("height_px", sa.Integer, nullable=False),
        sa.Column("last_packet_at", sa.BigInteger),
        sa.Column("worker", sa.String(40), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
    )
    op.create_table(
        "state_intervals",
        sa.Column("camera_id", sa.String(63), primary_key=True),
        sa.Column("stream", sa.String(10), primary_key=True),
        sa.Column("start_s", sa.Float, primary_key=True),
        sa.Column("end_s", sa.Float, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("cause", sa.String(30), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("is_probing", sa.Boolean, nullable=False),
    )
    op.create_index("ix_state_intervals_end_s", "state_intervals", ["end_s"])
    op.create_table(
        "watched_spans",
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("camera_id", sa.String(63), primary_key=True),
        sa.Column("stream", sa.String(10), primary_key=True),
        sa.Column("start_s", sa.Float, primary_key=True),
        sa.Column("end_s", sa.Float, nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
    )
    op.create_index("ix_watched_spans_end_s", "watched_spans", ["end_s"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_refuses_{verb.lower()} BEFORE {verb} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
        )
