"""Tables of the store. A change here needs a migration in `migrations/versions`; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
)

from command_api.store.columns import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Integer, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("display_name", String(80), nullable=False),
    Column("role", String(20), nullable=False),
    Column("unit", String(200), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("must_change_password", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("password_changed_at", Instant, nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=false()),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("user_name", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant, nullable=False),
    Column("address", String(64), nullable=False),
    Index("ix_sessions_user_name", "user_name"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("camera_id", String(63), nullable=False),
    Column("camera_name", String(200), nullable=False),
    Column("rule_id", String(63), nullable=False),
    Column("rule_name", String(200), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("level", String(10), nullable=False),
    Column("class_name", String(60), nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("triggers", Integer, nullable=False),
    Column("class_changes", Integer, nullable=False, server_default="0"),
    Column("confidence", Float),
    Column("box_xyxy", JSON(none_as_null=True)),
    Column("track_id", Integer),
    Column("place", JSON(none_as_null=True)),
    Column("place_error_m", Float),
    Column("unplaced", String(30), nullable=False, server_default=""),
    Column("snapshot_path", String(300)),
    Column("snapshot_sha256", String(64)),
    Column("snapshot_seen_at", Instant),
    Column("detail", Text, nullable=False),
    Column("detail_en", Text, nullable=False, server_default=""),
    Column("cameras", JSON, nullable=False, server_default="[]"),
    Column("state", String(20), nullable=False),
    Column("acknowledged_by", String(64)),
    Column("acknowledged_at", Instant),
    Column("undo_until", Instant),
    Column("false_alarm_reason", String(20)),
    Index("ix_alerts_seq", "seq", unique=True),
    Index("ix_alerts_camera_id_seq", "camera_id", "seq"),
    Index("ix_alerts_state_seq", "state", "seq"),
)

alert_steps = Table(
    "alert_steps",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("alert_id", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(20), nullable=False),
    Column("note", Text, nullable=False),
    Index("ix_alert_steps_alert_id", "alert_id"),
)

clips = Table(
    "clips",
    metadata,
    Column("alert_id", String(40), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("path", String(300)),
    Column("sha256", String(64)),
    Column("duration_s", Float),
    Column("problem", Text, nullable=False),
    Column("requested_at", Instant),
)

stream_status = Table(
    "stream_status",
    metadata,
    Column("camera_id", String(63), primary_key=True),
    Column("stream", String(10), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("cause", String(30), nullable=False),
    Column("detail", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("codec", String(20), nullable=False),
    Column("width_px", Integer, nullable=False),
    Column("height_px", Integer, nullable=False),
    Column("last_packet_at", Instant),
    Column("worker", String(40), nullable=False),
    Column("run_id", String(64), nullable=False),
)

state_intervals = Table(
    "state_intervals",
    metadata,
    Column("camera_id", String(63), primary_key=True),
    Column("stream", String(10), primary_key=True),
    Column("start_s", Float, primary_key=True),
    Column("end_s", Float, nullable=False),
    Column("state", String(20), nullable=False),
    Column("cause", String(30), nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("is_probing", Boolean, nullable=False),
    Index("ix_state_intervals_end_s", "end_s"),
)

watched_spans = Table(
    "watched_spans",
    metadata,
    Column("kind", String(10), primary_key=True),
    Column("camera_id", String(63), primary_key=True),
    Column("stream", String(10), primary_key=True),
    Column("start_s", Float, primary_key=True),
    Column("end_s", Float, nullable=False),
    Column("run_id", String(64), nullable=False),
    Index("ix_watched_spans_end_s", "end_s"),
)

planned_outages = Table(
    "planned_outages",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("camera_ids", JSON, nullable=False),
    Column("begins_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("announced_end_at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("approver", String(80), nullable=False),
    Column("filed_by", String(64), nullable=False),
    Column("filed_at", Instant, nullable=False),
    Column("ended_by", String(64), nullable=False),
    Column("config_key", String(64), nullable=False),
    Index("ix_planned_outages_ends_at", "ends_at"),
)

flights = Table(
    "flights",
    metadata,
    Column("flight_id", String(40), primary_key=True),
    Column("change", Integer, nullable=False),
    Column("drone_id", String(63), nullable=False),
    Column("patrol_id", String(63)),
    Column("state", String(20), nullable=False),
    Column("outcome", String(20)),
    Column("at", Instant, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_flights_drone_id", "drone_id", "flight_id"),
    Index("ix_flights_patrol_id", "patrol_id", "flight_id"),
)

flight_changes = Table(
    "flight_changes",
    metadata,
    Column("flight_id", String(40), primary_key=True),
    Column("change", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("body", Text, nullable=False),
)

patrol_runs = Table(
    "patrol_runs",
    metadata,
    Column("run_id", String(200), primary_key=True),
    Column("patrol_id", String(63), nullable=False),
    Column("drone_id", String(63)),
    Column("due_at", Instant, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("decision", String(20), nullable=False),
    Column("confirm_until", Instant),
    Column("flight_id", String(40)),
    Column("body", Text, nullable=False),
    Index("ix_patrol_runs_due_at", "due_at"),
)

dispatch_steps = Table(
    "dispatch_steps",
    metadata,
    Column("alert_id", String(40), primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("stage", String(20), primary_key=True),
    Column("drone_id", String(63), primary_key=True),
    Column("body", Text, nullable=False),
)

drone_orders = Table(
    "drone_orders",
    metadata,
    Column("command_id", String(40), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("action", String(20), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("order", Text),
    Column("answer", Text),
    Index("ix_drone_orders_at", "at"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
