"""`lookout users` on the store of a real service, while it runs and while it does not."""

from __future__ import annotations

import asyncio
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from command_api.roles import Role
from command_api.store import audit
from command_api.store.database import database_url, open_engine
from kernel.clock import ManualClock
from kernel.config.lookout import LookoutConfig
from kernel.runtime import RuntimePaths
from tests.integration.api_room import PASSWORD, START, add_users, config_of, read_first_admin, running
from tests.integration.test_supervisor import lookout

USERS = {"chief": (Role.ADMIN, "bureau"), "li": (Role.OPERATOR, "bureau/kuangshanlu")}


def file_of(config: LookoutConfig) -> Path:
    """A config file of the same installation."""
    file = config.data_dir / "room.yaml"
    file.write_text(json.dumps({"data_dir": str(config.data_dir), "site": {"unit": "bureau"}}), encoding="utf-8")
    return file


async def users(config: LookoutConfig, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One call of `lookout users`."""
    return await asyncio.to_thread(lookout, "users", command, str(file_of(config)), *arguments)


def audited(config: LookoutConfig) -> list[audit.Record]:
    """The audit trail."""
    engine = open_engine(database_url(RuntimePaths.of(config).database, ""), writing=False)
    try:
        with engine.connect() as connection:
            return audit.read(connection, 0, 1000)
    finally:
        engine.dispose()


@pytest.mark.usefixtures("bus")
async def test_who_lost_the_first_password_comes_back_in_while_the_room_runs(paths: RuntimePaths) -> None:
    """There was no way back in, and one who had tried too often had to wait on top of it."""
    config = config_of(paths.data_dir)
    stopped_clock = ManualClock(datetime.now(UTC))  # a lock-out of five seconds lasts as long as the test needs
    async with running(config, stopped_clock) as room, room.client() as client:
        for _ in range(6):
            await client.post("/api/session", json={"username": "admin", "password": "lost"})
        locked = await client.post("/api/session", json={"username": "admin", "password": read_first_admin(config)})
        assert locked.status_code == 429

        answer = await users(config, "reset-password", "admin", "--json")
        assert answer.returncode == 0, answer.stderr
        told = json.loads(answer.stdout)
        assert told["must_change_password"]
        assert "hash" not in answer.stdout
        token = await room.token("admin", told["one_time_password"])
        async with room.client(token) as admin:
            assert (await admin.get("/api/audit")).json()["is_intact"]

        again = await users(config, "reset-password", "admin")
        assert again.stdout.startswith("user admin password ")
        assert len(again.stdout.splitlines()) == 1
        async with room.client(token) as admin:
            assert (await admin.get("/api/session")).status_code == 401, "the session under the old password goes on"
    resets = [record for record in audited(config) if record.entry.action is audit.Action.PASSWORD_RESET]
    assert [(record.entry.subject, record.entry.actor.partition(":")[0]) for record in resets] == [
        ("admin", "console")
    ] * 2
    assert audit.broken_at(audited(config)) is None


@pytest.mark.usefixtures("bus")
async def test_a_disabled_user_is_out_at_once_and_back_when_enabled(paths: RuntimePaths) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("li") as li, await room.signed_in("chief") as chief:
        assert (await users(config, "disable", "li")).stdout == "user li disabled\n"
        assert (await li.get("/api/session")).status_code == 401
        credentials = {"username": "li", "password": PASSWORD}
        assert (await li.post("/api/session", json=credentials)).json()["error"] == "wrong_credentials"
        listed = (await chief.get("/api/users")).json()["users"]
        assert {user["name"]: user["disabled"] for user in listed} == {"chief": False, "li": True}

        assert (await users(config, "enable", "li")).returncode == 0
        assert (await li.post("/api/session", json=credentials)).status_code == 200

        assert (await chief.patch("/api/users/li", json={"disabled": True})).json()["disabled"]
        assert (await li.post("/api/session", json=credentials)).status_code == 401
        refused = await chief.patch("/api/users/chief", json={"disabled": True})
        assert (refused.status_code, refused.json()["error"]) == (409, "own_account")


async def test_users_are_kept_while_nothing_runs(paths: RuntimePaths) -> None:
    config = config_of(paths.data_dir)
    absent = await users(config, "list")
    assert absent.returncode == 3
    assert "start `lookout up` once" in absent.stderr
    await add_users(config, USERS)

    answer = await users(
        config, "add", "wang", "--role", "duty_officer", "--unit", "bureau/baiyun", "--display-name", "王"
    )
    assert answer.stdout.startswith("user wang added password ")
    listed = json.loads((await users(config, "list", "--json")).stdout)
    assert [(user["name"], user["role"], user["unit"]) for user in listed] == [
        ("chief", "admin", "bureau"),
        ("li", "operator", "bureau/kuangshanlu"),
        ("wang", "duty_officer", "bureau/baiyun"),
    ]
    assert [record.entry.action for record in audited(config)] == [audit.Action.USER_CREATED]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("add", "li"), "there is one already"),
        (("add", "no spaces"), "choose another"),
        (("add", "wang", "--unit", "/"), "is no unit"),
        (("disable", "chief"), "this is the last admin"),
        (("disable", "nobody"), "the users are: chief, li"),
        (("reset-password", "nobody"), "the users are: chief, li"),
    ],
)
async def test_what_cannot_be_done_is_one_line(paths: RuntimePaths, arguments: tuple[str, ...], expected: str) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    answer = await users(config, *arguments)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert len(answer.stderr.splitlines()) == 1
    assert expected in answer.stderr
    assert audited(config) == []


@pytest.mark.parametrize(
    "content", [b"", b"no database at all, but long enough to be taken for the header of one. " * 20]
)
async def test_a_store_that_is_none_is_one_line(paths: RuntimePaths, content: bytes) -> None:
    config = config_of(paths.data_dir)
    paths.database.write_bytes(content)
    answer = await users(config, "list")
    assert answer.returncode == 3
    assert len(answer.stderr.splitlines()) == 1
    assert str(paths.database) in answer.stderr


@pytest.mark.usefixtures("bus")
async def test_a_restart_forgives_no_failed_sign_in(paths: RuntimePaths) -> None:
    """Failures were counted in memory alone: who made the service restart could go on guessing."""
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    wrong = {"username": "li", "password": "wrong"}
    clock = ManualClock(START)
    async with running(config, clock) as room, room.client() as client:
        codes = [(await client.post("/api/session", json=wrong)).status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    async with running(config, clock) as room, room.client() as client:
        assert (await client.post("/api/session", json=wrong)).status_code == 429
        assert await room.token("chief"), "one user's failures lock nobody else out"
