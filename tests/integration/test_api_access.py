"""Sign-in, lock-out, roles, users and the audit trail, against a running service."""

from __future__ import annotations

import os
import re
import stat

import httpx
import pytest

from command_api.roles import ROUTES, Door, Role
from kernel.bus.embedded import EmbeddedServer
from kernel.clock import ManualClock
from kernel.config.lookout import LookoutConfig
from kernel.runtime import RuntimePaths
from tests.integration.api_room import PASSWORD, START, add_users, config_of, read_first_admin, running

pytestmark = pytest.mark.integration

USERS = {
    "li": (Role.OPERATOR, "bureau"),
    "zhao": (Role.VIEWER, "bureau"),
    "guan": (Role.MAINTAINER, "bureau/kuangshanlu"),
    "root": (Role.ADMIN, "bureau"),
    "shen": (Role.AUDITOR, "bureau"),
}


def _somewhere(path: str) -> str:
    """An address on a route."""
    address = path.replace("{alert_id}", "01JDA0T6J4Q2V0S3M8R7K5C9XN").replace("{camera_id}", "cam-01")
    return re.sub(r"\{[^}]+\}", "some", address)


async def test_the_first_start_makes_an_admin_whose_password_only_the_owner_reads(
    paths: RuntimePaths, bus: EmbeddedServer
) -> None:
    config = config_of(paths.data_dir)
    async with running(config) as room:
        file = paths.data_dir / "run" / "first-admin"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        password = read_first_admin(config)
        token = await room.token("admin", password)
        async with room.client(token) as client:
            session = (await client.get("/api/session")).json()
            assert session["user"] == {"name": "admin", "display_name": "管理员", "role": "admin", "unit": "bureau"}
            assert session["must_change_password"] is True
            weak = await client.post("/api/session/password", json={"old": password, "new": "admin-admin-1"})
            assert (weak.status_code, weak.json()["error"]) == (422, "weak_password")
            wrong = await client.post("/api/session/password", json={"old": "nonsense", "new": PASSWORD})
            assert (wrong.status_code, wrong.json()["error"]) == (403, "wrong_password")
            done = await client.post("/api/session/password", json={"old": password, "new": PASSWORD})
            assert done.status_code == 204
            assert (await client.get("/api/session")).json()["must_change_password"] is False
    file.unlink()
    async with running(config) as room:
        assert not file.exists(), "a second start makes no second admin"
        await room.token("admin", PASSWORD)
        async with room.client() as client:
            old = await client.post("/api/session", json={"username": "admin", "password": password})
            assert old.status_code == 401


async def test_a_browser_session_needs_the_cookie_and_for_changes_the_header(
    paths: RuntimePaths, bus: EmbeddedServer
) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, room.client() as client:
        answer = await client.post("/api/session", json={"username": "li", "password": PASSWORD})
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert "path=/" in cookie
        assert (await client.get("/api/cameras")).status_code == 200
        refused = await client.delete("/api/session")
        assert (refused.status_code, refused.json()["error"]) == (403, "csrf_header_missing")
        assert (await client.delete("/api/session", headers={"X-Lookout": "1"})).status_code == 204
        client.cookies.set("lookout_session", answer.json()["token"])
        assert (await client.get("/api/cameras")).status_code == 401, "signed out on the server, not only here"


async def test_failed_sign_ins_lock_out_for_a_growing_time_known_user_or_not(
    paths: RuntimePaths, bus: EmbeddedServer
) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    clock = ManualClock(START)
    async with running(config, clock) as room, room.client() as client:
        for name in ("li", "nobody"):
            wrong = {"username": name, "password": "not-the-password"}
            answers = [await client.post("/api/session", json=wrong) for _ in range(6)]
            assert [answer.status_code for answer in answers] == [401] * 5 + [429]
            assert {answer.json()["error"] for answer in answers[:5]} == {"wrong_credentials"}
            assert answers[5].headers["retry-after"] == "5"
        locked = await client.post("/api/session", json={"username": "li", "password": PASSWORD})
        assert locked.status_code == 429, "the right password does not get round the lock"
        clock.advance(5)
        assert (await client.post("/api/session", json={"username": "li", "password": "wrong"})).status_code == 401
        again = await client.post("/api/session", json={"username": "li", "password": PASSWORD})
        assert (again.status_code, again.headers["retry-after"]) == (429, "10")
        clock.advance(10)
        assert (await client.post("/api/session", json={"username": "li", "password": PASSWORD})).status_code == 200


async def test_a_session_ends_when_unused_and_survives_a_restart(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    clock = ManualClock(START)
    async with running(config, clock) as room:
        token = await room.token("li")
    async with running(config, clock) as room, room.client(token) as client:
        clock.advance(config.web.session_timeout_s - 1)
        assert (await client.get("/api/session")).status_code == 200
        clock.advance(config.web.session_timeout_s - 1)
        assert (await client.get("/api/session")).status_code == 200, "use keeps it alive"
        clock.advance(config.web.session_timeout_s)
        assert (await client.get("/api/session")).status_code == 401


async def test_every_route_refuses_strangers_and_wrong_roles(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room:
        clients = {role: await room.signed_in(name) for name, (role, _unit) in USERS.items()}
        async with room.client() as stranger:
            for (method, path), access in ROUTES.items():
                if access.door is Door.OPEN:
                    continue
                headers = {"X-Forwarded-For": "10.1.1.1"}  # as through a proxy: not from this machine
                answer = await stranger.request(method, _somewhere(path), headers=headers)
                assert answer.status_code == 401, (method, path)
                assert set(answer.json()) == {"error", "message", "message_en"}
                for role, client in clients.items():
                    if role not in access.roles:
                        refused = await client.request(method, _somewhere(path), headers=headers)
                        assert (refused.status_code, refused.json()["error"]) == (403, "forbidden"), (path, role)
        for client in clients.values():
            await client.aclose()


async def test_beyond_this_machine_a_one_time_password_opens_nothing_but_its_change(
    paths: RuntimePaths, bus: EmbeddedServer
) -> None:
    config = config_of(paths.data_dir)
    exposed = config.model_copy(update={"web": config.web.model_copy(update={"host": "0.0.0.0"})})
    async with running(exposed) as room:
        token = await room.token("admin", read_first_admin(config))
        async with room.client(token) as client:
            refused = await client.get("/api/cameras")
            assert (refused.status_code, refused.json()["error"]) == (403, "password_change_required")
            assert (await client.get("/api/session")).status_code == 200


async def test_users_are_made_changed_and_removed_within_ones_unit(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    new = {"name": "chen", "display_name": "陈", "role": "operator", "unit": "bureau/kuangshanlu/gate"}
    async with running(config) as room, await room.signed_in("guan") as guan, await room.signed_in("root") as root:
        made = await guan.post("/api/users", json=new)
        assert made.status_code == 201
        one_time = made.json()["one_time_password"]
        assert (await guan.post("/api/users", json=new)).status_code == 409
        for field, value in (("unit", "bureau"), ("role", "admin")):
            refused = await guan.post("/api/users", json={**new, "name": "other", field: value})
            assert refused.status_code == 403, field
        assert [user["name"] for user in (await guan.get("/api/users")).json()["users"]] == ["chen", "guan"]
        assert (await guan.patch("/api/users/root", json={"role": "viewer"})).status_code == 404
        token = await room.token("chen", one_time)
        changed = await guan.patch("/api/users/chen", json={"role": "viewer"})
        assert changed.json()["role"] == "viewer"
        async with room.client(token) as chen:
            assert (await chen.get("/api/session")).status_code == 401, "new rights hold at once"
        assert (await root.patch("/api/users/root", json={"role": "viewer"})).json()["error"] == "last_admin"
        assert (await root.delete("/api/users/root")).json()["error"] == "own_account"
        assert (await guan.delete("/api/users/chen")).status_code == 204
        async with room.client() as client:
            gone = await client.post("/api/session", json={"username": "chen", "password": one_time})
            assert gone.status_code == 401


async def test_what_was_done_is_on_record_and_no_password_is(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("shen") as shen, await room.signed_in("root") as root:
        await _wrong_sign_in(config, root)
        password = "another-secret-9"
        new = {"name": "chen", "display_name": "陈", "role": "viewer", "unit": "bureau", "password": password}
        await root.post("/api/users", json=new)
        page = (await shen.get("/api/audit")).json()
        assert page["is_intact"] is True
        actions = [(record["actor"], record["action"], record["subject"]) for record in page["records"]]
        assert actions == [
            ("shen", "sign_in", "shen"),
            ("root", "sign_in", "root"),
            ("li", "sign_in_failed", "li"),
            ("root", "user_created", "chen"),
        ]
        rest = (await shen.get("/api/audit", params={"after": page["records"][1]["id"]})).json()
        assert rest["records"] == page["records"][2:]
        assert rest["is_intact"] is True
    written = b"".join(
        file.read_bytes() for file in paths.data_dir.rglob("*") if file.is_file() and "bus" not in file.parts
    )
    for secret in (password, PASSWORD, "camera-secret"):
        assert os.fsencode(secret) not in written


async def _wrong_sign_in(_config: LookoutConfig, client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/session", json={"username": "li", "password": "wrong"})
    assert answer.status_code == 401
