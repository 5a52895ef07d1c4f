"""The first start has no user: make an `admin` with a random password and leave it where the supervisor finds it.

There is no default password. The file is readable by the owner only; the supervisor prints the password once and
deletes the file. The password stays valid until it is changed, which the page asks for.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from sqlalchemy import Connection

from command_api.access.passwords import hash_password, random_password
from command_api.roles import Role
from command_api.store import audit, people
from command_api.store.database import Store
from kernel.clock import Clock
from kernel.errors import BadInputError

_LOGGER = logging.getLogger(__name__)
FIRST_ADMIN = "admin"


async def ensure_first_admin(store: Store, clock: Clock, password_file: Path, root_unit: str) -> None:
    """Create `admin` where there is no user yet.

    The file is written before the user, so a kill between the two makes a new password, never one nobody knows.

    Args:
        store: where users are.
        clock: time.
        password_file: gets the password, one line, mode 0600.
        root_unit: unit of the first user.

    Raises:
        BadInputError: the file cannot be written.
    """
    if await store.read(people.count_users) > 0:
        return
    password = random_password()
    _write_for_owner(password_file, password + "\n")
    now = clock.now()
    user = people.User(
        name=FIRST_ADMIN,
        display_name="管理员",
        role=Role.ADMIN,
        unit=root_unit,
        password_hash=hash_password(password),
        must_change_password=True,
        created_at=now,
        password_changed_at=now,
    )

    def work(connection: Connection) -> None:
        people.add_user(connection, user)
        audit.append(connection, audit.Entry(now, "system", "", audit.Action.FIRST_ADMIN, FIRST_ADMIN))

    await store.write(work)
    _LOGGER.info("first user made name=%s password_file=%s", FIRST_ADMIN, password_file)


def _write_for_owner(path: Path, text: str) -> None:
    fresh = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        fresh.replace(path)
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror}; make the data directory writable") from error
