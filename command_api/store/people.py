"""Statements on users and their sessions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from command_api.roles import Role
from command_api.store import tables

_USER = tables.users.c
_SESSION = tables.sessions.c


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in, unless disabled."""

    name: str
    display_name: str
    role: Role
    unit: str
    password_hash: str
    must_change_password: bool
    created_at: datetime
    password_changed_at: datetime
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in. Only the hash of its token is kept."""

    token_sha256: str
    user_name: str
    created_at: datetime
    last_used_at: datetime
    address: str


def count_users(connection: Connection) -> int:
    """How many users there are."""
    return connection.execute(select(func.count()).select_from(tables.users)).scalar_one()


def get_user(connection: Connection, name: str) -> User | None:
    """The user of that name."""
    row = connection.execute(select(tables.users).where(_USER.name == name)).one_or_none()
    return None if row is None else _user_of(row)


def all_users(connection: Connection) -> list[User]:
    """Every user, by name."""
    return [_user_of(row) for row in connection.execute(select(tables.users).order_by(_USER.name))]


def add_user(connection: Connection, user: User) -> None:
    """Store a new user."""
    connection.execute(insert(tables.users).values(**_user_columns(user)))


def replace_user(connection: Connection, user: User) -> None:
    """Store the changed fields of a user."""
    connection.execute(update(tables.users).where(_USER.name == user.name).values(**_user_columns(user)))


def is_last_admin(connection: Connection, name: str) -> bool:
    """Whether nobody else may administer: without an admin who can sign in there is no way back."""
    return [user.name for user in all_users(connection) if user.role is Role.ADMIN and not user.disabled] == [name]


def delete_user(connection: Connection, name: str) -> None:
    """Remove a user and their sessions."""
    end_sessions_of(connection, name)
    connection.execute(delete(tables.users).where(_USER.name == name))


def add_session(connection: Connection, session: Session) -> None:
    """Store a new sign-in."""
    connection.execute(
        insert(tables.sessions).values(
            token_sha256=session.token_sha256,
            user_name=session.user_name,
            created_at=session.created_at,
            last_used_at=session.last_used_at,
            address=session.address,
        )
    )


def get_session(connection: Connection, token_sha256: str) -> tuple[Session, User] | None:
    """The sign-in of that token and whose it is."""
    row = connection.execute(select(tables.sessions).where(_SESSION.token_sha256 == token_sha256)).one_or_none()
    if row is None:
        return None
    session = _session_of(row)
    user = get_user(connection, session.user_name)
    return None if user is None else (session, user)


def sessions_among(connection: Connection, tokens_sha256: Collection[str]) -> list[Session]:
    """The sign-ins of these tokens that there still are."""
    rows = connection.execute(select(tables.sessions).where(_SESSION.token_sha256.in_(tokens_sha256)))
    return [_session_of(row) for row in rows]


def touch_session(connection: Connection, token_sha256: str, now: datetime) -> None:
    """Note that a session was used."""
    connection.execute(update(tables.sessions).where(_SESSION.token_sha256 == token_sha256).values(last_used_at=now))


def end_session(connection: Connection, token_sha256: str) -> None:
    """Sign out."""
    connection.execute(delete(tables.sessions).where(_SESSION.token_sha256 == token_sha256))


def end_sessions_of(connection: Connection, user_name: str, but: str = "") -> None:
    """Sign a user out everywhere, except for the session of hash `but`."""
    connection.execute(delete(tables.sessions).where(_SESSION.user_name == user_name, _SESSION.token_sha256 != but))


def end_sessions_before(connection: Connection, last_used: datetime, created: datetime) -> None:
    """Remove sessions unused since `last_used` or begun before `created`."""
    connection.execute(
        delete(tables.sessions).where((_SESSION.last_used_at < last_used) | (_SESSION.created_at < created))
    )


def _user_columns(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "display_name": user.display_name,
        "role": user.role.value,
        "unit": user.unit,
        "password_hash": user.password_hash,
        "must_change_password": user.must_change_password,
        "created_at": user.created_at,
        "password_changed_at": user.password_changed_at,
        "disabled": user.disabled,
    }


def _session_of(row: Row[Any]) -> Session:
    return Session(row.token_sha256, row.user_name, row.created_at, row.last_used_at, row.address)


def _user_of(row: Row[Any]) -> User:
    return User(
        row.name,
        row.display_name,
        Role(row.role),
        row.unit,
        row.password_hash,
        row.must_change_password,
        row.created_at,
        row.password_changed_at,
        row.disabled,
    )
