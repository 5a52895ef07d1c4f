"""The audit trail: append-only and hash-chained, so that a change of any earlier row shows.

Each row's hash covers its own fields and the hash of the row before it; triggers refuse UPDATE and DELETE. Somebody who
drops the triggers and edits a row breaks the chain from there on, which `broken_at` finds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, insert, select

from command_api.store import tables

_BEFORE_THE_FIRST = "0" * 64


class Action(StrEnum):
    """What is put on record."""

    FIRST_ADMIN = "first_admin"
    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_OUT = "sign_out"
    PASSWORD_CHANGED = "password_changed"
    ALERT_ACKNOWLEDGE = "alert_acknowledge"
    ALERT_UNDO = "alert_undo"
    ALERT_FALSE_ALARM = "alert_false_alarm"
    USER_CREATED = "user_created"
    USER_CHANGED = "user_changed"
    USER_DELETED = "user_deleted"
    USER_DISABLED = "user_disabled"
    USER_ENABLED = "user_enabled"
    PASSWORD_RESET = "password_reset"
    LIVE_VIEW = "live_view"
    CLIP_VIEWED = "clip_viewed"
    OUTAGE_PLANNED = "outage_planned"
    OUTAGE_ENDED = "outage_ended"
    DRONE_ORDER = "drone_order"
    DRONE_ORDER_ANSWERED = "drone_order_answered"
    DRONE_ORDER_UNANSWERED = "drone_order_unanswered"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing somebody did."""

    at: datetime
    actor: str
    address: str
    action: Action
    subject: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """An entry as it stands in the trail."""

    id: int
    entry: Entry
    previous_hash: str
    hash: str


def append(connection: Connection, entry: Entry) -> None:
    """Put an entry at the end of the trail."""
    newest = select(tables.audit.c.hash).order_by(tables.audit.c.id.desc()).limit(1)
    previous_hash = connection.execute(newest).scalar_one_or_none() or _BEFORE_THE_FIRST
    connection.execute(
        insert(tables.audit).values(
            at=entry.at,
            actor=entry.actor,
            address=entry.address,
            action=entry.action.value,
            subject=entry.subject,
            detail=entry.detail,
            previous_hash=previous_hash,
            hash=chained_hash(previous_hash, entry),
        )
    )


def chained_hash(previous_hash: str, entry: Entry) -> str:
    """SHA-256 over the hash before and the entry's fields, in hex."""
    fields = [previous_hash, entry.at.isoformat(), entry.actor, entry.address, entry.action.value]
    text = json.dumps([*fields, entry.subject, entry.detail], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read(connection: Connection, after_id: int, limit: int) -> list[Record]:
    """Records in order, from the one after `after_id`."""
    rows = connection.execute(
        select(tables.audit).where(tables.audit.c.id > after_id).order_by(tables.audit.c.id).limit(limit)
    )
    return [
        Record(
            row.id,
            Entry(row.at, row.actor, row.address, Action(row.action), row.subject, row.detail),
            row.previous_hash,
            row.hash,
        )
        for row in rows
    ]


def sign_ins_since(connection: Connection, since: datetime, limit: int) -> list[Entry]:
    """Sign-ins that worked or failed since an instant, the newest `limit` of them, in order."""
    actions = (Action.SIGN_IN.value, Action.SIGN_IN_FAILED.value)
    rows = connection.execute(
        select(tables.audit)
        .where(tables.audit.c.at >= since, tables.audit.c.action.in_(actions))
        .order_by(tables.audit.c.id.desc())
        .limit(limit)
    )
    entries = [Entry(row.at, row.actor, row.address, Action(row.action), row.subject, row.detail) for row in rows]
    return entries[::-1]


def broken_at(records: Iterable[Record], previous_hash: str = _BEFORE_THE_FIRST) -> int | None:
    """The id of the first record that does not fit the ones before it, or None where all do."""
    for record in records:
        if record.previous_hash != previous_hash or record.hash != chained_hash(previous_hash, record.entry):
            return record.id
        previous_hash = record.hash
    return None
