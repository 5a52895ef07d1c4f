"""Users from the console of the machine, where nobody has to be signed in: the way back in when a password was lost.

    lookout users add | disable | enable | reset-password --one transaction--> users, sessions, audit trail

Whoever may write the store's file may do this. It works while the service runs (SQLite lets one write after the other,
and the service reads users anew for each request) and while it does not.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from command_api.access.passwords import hash_password, random_password
from command_api.roles import Role
from command_api.store import audit, people
from command_api.store.database import database_url, newest_revision, open_engine, remedy_for, revision_of
from kernel.config.lookout import LookoutConfig
from kernel.errors import BadInputError, CannotRunError
from kernel.runtime import RuntimePaths

USER_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
UNIT = r"^[^/\s][^/]*(/[^/]+)*$"
LONGEST_UNIT = 200
LONGEST_DISPLAY_NAME = 80


class UserRefused(BadInputError):
    """A user cannot be changed as wanted."""


@contextlib.contextmanager
def opened_store(config: LookoutConfig, *, writing: bool) -> Iterator[Connection]:
    """A transaction on the store of an installation, committed at the end of the block where it writes.

    Raises:
        BadInputError: the store belongs to another user of this machine.
        CannotRunError: there is no store yet, it is of another version, or it cannot be written.
    """
    url = database_url(RuntimePaths.of(config).database, config.store.url)
    path = Path(url.database or "")
    if not path.is_file():
        raise CannotRunError(f"store {path}: there is none yet; start `lookout up` once")
    _refuse_strangers(path)
    engine = open_engine(url, writing=writing)
    try:
        with engine.begin() as connection:
            if revision_of(connection) != newest_revision():
                raise CannotRunError(f"store {path}: made by another version of Lookout; start `lookout up` once")
            yield connection
    except DBAPIError as error:
        raise CannotRunError(f"store {path}: {error.orig}; {remedy_for(str(error.orig))}") from error
    finally:
        engine.dispose()


def _refuse_strangers(path: Path) -> None:
    """What root writes beside the file (SQLite's log) the service's own user could not open afterwards."""
    owner = path.stat().st_uid
    if owner != os.geteuid():
        name = _name_of(owner)
        raise BadInputError(
            f"store {path}: belongs to user {name}; run this as that user, e.g. sudo -u {name} lookout …"
        )


def console_actor() -> str:
    """Who did it, for the audit trail: the user of this machine."""
    return f"console:{_name_of(os.getuid())}"[:64]


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid-{uid}"


def added(
    connection: Connection, name: str, role: Role, unit: str, display_name: str, now: datetime
) -> tuple[people.User, str]:
    """A new user, and their one-time password.

    Raises:
        UserRefused: the name or unit has the wrong form, or the name is taken.
    """
    if not re.match(USER_NAME, name):
        raise UserRefused(f"user {name!r}: the name needs 1 to 63 letters, digits, '.', '-' or '_'; choose another")
    if not re.match(UNIT, unit) or len(unit) > LONGEST_UNIT:
        raise UserRefused(f"user {name}: {unit!r} is no unit; write one like bureau/kuangshanlu")
    if not 1 <= len(display_name) <= LONGEST_DISPLAY_NAME:
        raise UserRefused(f"user {name}: the display name needs 1 to {LONGEST_DISPLAY_NAME} characters; shorten it")
    if people.get_user(connection, name) is not None:
        raise UserRefused(f"user {name}: there is one already; choose another name, or use reset-password")
    password = random_password()
    user = people.User(name, display_name, role, unit, hash_password(password), True, now, now)
    people.add_user(connection, user)
    _record(connection, audit.Action.USER_CREATED, name, now, f"role={role} unit={unit}")
    return user, password


def with_new_password(connection: Connection, name: str, now: datetime) -> tuple[people.User, str]:
    """A user and their new one-time password; ends their sessions, and lets them try at once if they were locked out.

    Raises:
        UserRefused: there is no such user.
    """
    password = random_password()
    user = replace(
        _user(connection, name),
        password_hash=hash_password(password),
        must_change_password=True,
        password_changed_at=now,
    )
    people.replace_user(connection, user)
    people.end_sessions_of(connection, name)
    _record(connection, audit.Action.PASSWORD_RESET, name, now)
    return user, password


def disabled(connection: Connection, name: str, now: datetime) -> people.User:
    """A user who may no longer sign in; ends their sessions, keeps what they did.

    Raises:
        UserRefused: there is no such user, or nobody else may administer.
    """
    user = _user(connection, name)
    if user.disabled:
        return user
    if people.is_last_admin(connection, name):
        raise UserRefused(f"user {name}: this is the last admin; add another first")
    user = replace(user, disabled=True)
    people.replace_user(connection, user)
    people.end_sessions_of(connection, name)
    _record(connection, audit.Action.USER_DISABLED, name, now)
    return user


def enabled(connection: Connection, name: str, now: datetime) -> people.User:
    """A user who may sign in again.

    Raises:
        UserRefused: there is no such user.
    """
    user = _user(connection, name)
    if not user.disabled:
        return user
    user = replace(user, disabled=False)
    people.replace_user(connection, user)
    _record(connection, audit.Action.USER_ENABLED, name, now)
    return user


def _user(connection: Connection, name: str) -> people.User:
    user = people.get_user(connection, name)
    if user is None:
        names = ", ".join(user.name for user in people.all_users(connection))
        raise UserRefused(f"user {name!r}: there is none; the users are: {names}")
    return user


def _record(connection: Connection, action: audit.Action, name: str, now: datetime, detail: str = "") -> None:
    audit.append(connection, audit.Entry(now, console_actor(), "", action, name, detail))
