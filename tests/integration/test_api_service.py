"""The service around the API: the page, its headers, metrics, health of the service, the live gateway behind it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import uvicorn
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from command_api.access.guard import GuardedRoute
from command_api.app import ROUTERS, build_app
from command_api.live.gateway import SOURCE_TIMEOUT_S
from command_api.roles import Role
from command_api.service import LIVE_ANSWERS_WITHIN_S, live_client, opened_context
from kernel.bus.embedded import EmbeddedServer
from kernel.bus.names import ALERTS
from kernel.clock import SystemClock
from kernel.runtime import RuntimePaths
from tests.integration.api_room import PASSWORD, add_users, alert_of, config_of, next_event, running, server_sent_events

pytestmark = pytest.mark.integration

USERS = {"li": (Role.OPERATOR, "bureau/kuangshanlu"), "guan": (Role.MAINTAINER, "bureau")}
OFFER = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
SDP = {"Content-Type": "application/sdp"}


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


@contextlib.asynccontextmanager
async def gateway_at(paths: RuntimePaths) -> AsyncIterator[list[tuple[str, str, dict[str, str], bytes]]]:
    """A peer on the gateway's socket that answers as the live gateway's contract says, and keeps what it was asked."""
    asked: list[tuple[str, str, dict[str, str], bytes]] = []

    async def note(request: Request) -> Response:
        asked.append((request.method, str(request.url.path), dict(request.headers), await request.body()))
        if request.method == "DELETE":
            return Response(status_code=200)
        if request.url.path == "/whep/cam-02":
            body = {"error": "camera_offline", "message": "离线", "message_en": "offline"}
            return JSONResponse(body, 409, {"Retry-After": "7"})
        return Response("answer", 201, {"Location": f"{request.url.path}/abc123"}, "application/sdp")

    routes = [
        Route("/whep/{camera}", note, methods=["POST"]),
        Route("/whep/{camera}/{session}", note, methods=["DELETE"]),
        Route("/events", note, methods=["POST"]),
        Route("/events/{session}", note, methods=["DELETE"]),
    ]
    config = uvicorn.Config(Starlette(routes=routes), uds=str(paths.live_socket), log_config=None, lifespan="off")
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(20):
        while not server.started:  # noqa: ASYNC110  # uvicorn has no event to wait for
            await asyncio.sleep(0.01)
    try:
        yield asked
    finally:
        server.should_exit = True
        await serving


async def test_live_views_are_forwarded_under_the_public_path(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("li") as li, gateway_at(paths) as asked:
        watched = await li.post("/whep/cam-01?stream=main", content=OFFER, headers=SDP)
        assert (watched.status_code, watched.text) == (201, "answer")
        assert watched.headers["location"] == "/whep/cam-01/abc123"
        assert watched.headers["content-type"].startswith("application/sdp")
        method, path, headers, body = asked[-1]
        assert (method, path, body.decode()) == ("POST", "/whep/cam-01", OFFER)
        assert headers["x-lookout-user"] == "li"
        assert (await li.delete(watched.headers["location"])).status_code == 200
        assert asked[-1][:2] == ("DELETE", "/whep/cam-01/abc123")
        channel = await li.post("/api/events/webrtc", content=OFFER, headers=SDP)
        assert channel.headers["location"] == "/api/events/webrtc/abc123"
        assert asked[-1][2]["x-lookout-units"] == '["bureau/kuangshanlu"]'
        assert (await li.delete(channel.headers["location"])).status_code == 200
        assert asked[-1][:2] == ("DELETE", "/events/abc123")
        offline = await li.post("/whep/cam-02", content=OFFER, headers=SDP)
        assert (offline.status_code, offline.headers["retry-after"]) == (409, "7")
        assert offline.json()["error"] == "camera_offline"
        forwarded = len(asked)
        assert (await li.post("/whep/cam-03", content=OFFER, headers=SDP)).status_code == 404, "another unit's"
        assert (await li.post("/whep/cam-09", content=OFFER, headers=SDP)).status_code == 404
        assert (await li.post("/whep/cam-01?stream=sub", content=OFFER, headers=SDP)).status_code == 404
        assert (await li.post("/whep/cam-01", json={})).status_code == 415
        assert (await li.post("/whep/cam-01", content=b"", headers=SDP)).status_code == 400
        assert (await li.post("/whep/cam-01", content="v" * 300_000, headers=SDP)).status_code == 413
        assert (await li.patch("/whep/cam-01", content="")).status_code == 405
        assert (await li.options("/whep/cam-01")).headers["accept-post"] == "application/sdp"
        assert len(asked) == forwarded, "what is refused does not reach the gateway"


async def test_without_the_gateway_a_live_view_says_when_to_come_back(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("li") as li:
        answer = await li.post("/whep/cam-01", content=OFFER, headers=SDP)
        assert (answer.status_code, answer.json()["error"]) == (503, "live_gateway_down")
        assert answer.headers["retry-after"] == "2"


async def test_a_gateway_that_hangs_is_told_as_one_that_is_down(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    """One that was stopped in its tracks took the question, and the page waited 15 seconds for a picture."""
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    with socket.socket(socket.AF_UNIX) as hung:
        hung.bind(str(paths.live_socket))
        hung.listen()
        async with opened_context(config, paths, SystemClock(), asyncio.Event()) as context:
            assert context.live.timeout == httpx.Timeout(LIVE_ANSWERS_WITHIN_S)
            context = replace(context, live=live_client(paths.live_socket, 0.05))
            transport = httpx.ASGITransport(build_app(context))
            async with httpx.AsyncClient(transport=transport, base_url="http://page") as page, context.live:
                signed_in = await page.post("/api/session", json={"username": "li", "password": PASSWORD})
                headers = {**SDP, "Authorization": f"Bearer {signed_in.json()['token']}"}
                for address in ("/whep/cam-01", "/api/events/webrtc"):
                    answer = await page.post(address, content=OFFER, headers=headers)
                    assert (answer.status_code, answer.json()["error"]) == (503, "live_gateway_down")
                    assert answer.headers["retry-after"] == "2"
    assert SOURCE_TIMEOUT_S < LIVE_ANSWERS_WITHIN_S == 3.0, "the gateway's own refusal comes first"


async def test_no_question_goes_into_a_connection_that_the_gateway_is_closing(paths: RuntimePaths) -> None:
    """One in five seconds was asked over a connection kept for five seconds: some were lost, told as a gateway down."""
    rests: asyncio.Queue[bytes] = asyncio.Queue()

    async def answer_and_keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        rests.put_nowait(await reader.read(1))  # nothing: the client closes
        writer.close()

    paths.live_socket.parent.mkdir(parents=True, exist_ok=True)
    server = await asyncio.start_unix_server(answer_and_keep, paths.live_socket)
    async with server, live_client(paths.live_socket, 5.0) as client:
        for _ in range(2):
            assert (await client.get("/status")).json() == {}
        async with asyncio.timeout(10):
            assert [await rests.get(), await rests.get()] == [b"", b""]


async def test_the_question_for_a_data_channel_waits_for_a_gateway_that_restarts(
    paths: RuntimePaths, bus: EmbeddedServer
) -> None:
    """Pages learn from its answer that pictures can be had again."""
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("li") as li:
        asked = asyncio.create_task(li.post("/api/events/webrtc", content=OFFER, headers=SDP))
        refused = await li.post("/whep/cam-01", content=OFFER, headers=SDP)
        assert refused.status_code == 503, "tiles are told at once: a browser has few connections"
        assert not asked.done()
        async with gateway_at(paths):
            assert (await asked).status_code == 201


async def test_the_service_says_when_the_bus_is_away_and_comes_back(paths: RuntimePaths) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    server = EmbeddedServer(paths)
    server.start()
    async with running(config) as room, await room.signed_in("li") as li:
        well = await li.get("/healthz")
        assert (well.status_code, well.json()) == (200, {"status": "ok", "bus": "ok", "store": "ok"})
        server.stop()
        away = await li.get("/healthz")
        assert (away.status_code, away.json()["bus"]) == (503, "away")
        server.start()
        raised = alert_of()
        await room.append(ALERTS, raised)
        async with li.stream("GET", "/api/events", params={"after": 0}) as stream:
            told = await next_event(server_sent_events(stream.aiter_lines()), "alert")
        assert told.data["id"] == raised.id
    server.stop()


async def test_head_says_what_get_says_without_its_body(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("li") as li, room.client() as stranger:
        for client, path, status in (
            (stranger, "/healthz", 200),
            (stranger, "/metrics", 200),
            (stranger, "/nothing.js", 404),
            (stranger, "/api/cameras", 401),
            (li, "/api/cameras", 200),
            (li, "/api/users", 403),
        ):
            told, head = await client.get(path), await client.head(path)
            assert (told.status_code, head.status_code, head.content) == (status, status, b""), path
            assert head.headers["content-type"] == told.headers["content-type"]
            assert head.headers["content-security-policy"] == told.headers["content-security-policy"]
            if path != "/metrics":  # counts the requests in between
                assert head.headers["content-length"] == str(len(told.content)), path
        page = await stranger.head("/")
        assert page.status_code in (200, 503), "503 where the page is not built"
        assert (await li.head("/api/session/password")).status_code == 404, "no GET there: the address is unknown"
        metrics = (await stranger.get("/metrics")).text
        assert 'method="HEAD",route="/healthz",status="200"' in metrics


async def test_head_of_the_event_stream_ends(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("li") as li:
        for _ in range(40):  # more than a user may have open at once
            head = await li.head("/api/events")
            assert head.status_code == 200
            assert head.headers["content-type"].startswith("text/event-stream")


async def test_metrics_are_for_this_machine_and_maintainers(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("guan") as guan, room.client() as scraper:
        await room.append(ALERTS, alert_of())
        async with guan.stream("GET", "/api/events", params={"after": 0}) as stream:
            await next_event(server_sent_events(stream.aiter_lines()), "alert")
        answer = await scraper.get("/metrics")
        families = {family.name: family for family in text_string_to_metric_families(answer.text)}
        alerts = {tuple(sample.labels.values()): sample.value for sample in families["lookout_alerts"].samples}
        assert alerts == {("red", "new"): 1.0}
        assert "lookout_http_latency_seconds" in families
        (lag,) = families["lookout_bus_lag_seconds"].samples
        assert lag.labels == {"stream": "alerts"}
        assert 0 <= lag.value < 60
        (taken,) = (sample for sample in families["lookout_bus_events"].samples if sample.name.endswith("_total"))
        assert taken.value == 1.0
        through_proxy = {"X-Forwarded-For": "10.1.1.1"}
        assert (await scraper.get("/metrics", headers=through_proxy)).status_code == 401
        assert (await guan.get("/metrics", headers=through_proxy)).status_code == 200


async def test_every_answer_carries_the_security_headers(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    async with running(config) as room, room.client() as client:
        for path in ("/", "/api/session", "/healthz", "/nothing/here.js", "/api/nothing"):
            headers = (await client.get(path)).headers
            assert "default-src 'self'" in headers["content-security-policy"], path
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert "server" not in headers
        assert (await client.get("/api/nothing")).json()["error"] == "not_found"
        assert (await client.get("/..%2f..%2fetc%2fpasswd")).status_code in (200, 404, 503)
        assert "root:" not in (await client.get("/..%2f..%2f..%2f..%2fetc%2fpasswd")).text


async def test_the_schema_tells_the_truth_about_sign_in(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("li") as li:
        schema = (await li.get("/openapi.json")).json()
    assert schema["openapi"].startswith("3.")
    assert schema["paths"]["/api/alerts"]["get"]["security"]
    assert "security" not in schema["paths"]["/api/session"]["post"]
    assert "/api/alerts/{alert_id}/acknowledge" in schema["paths"]
    errors = schema["paths"]["/api/alerts"]["get"]["responses"]["422"]
    assert errors["content"]["application/json"]["schema"]["$ref"].endswith("/ErrorBody")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/alerts/01JDA0T6J4Q2V0S3M8R7K5C9XN/false_alarm", {"reason": "boredom"}),
        ("POST", "/api/alerts/01JDA0T6J4Q2V0S3M8R7K5C9XN/false_alarm", {"reason": "test", "extra": 1}),
        ("POST", "/api/alerts/not-a-ulid/acknowledge", {}),
        ("GET", "/api/alerts?after=-1", None),
        ("GET", "/api/alerts?limit=100000", None),
        ("GET", "/api/alerts?state=lost", None),
        ("POST", "/api/session", {"username": "x" * 65, "password": "y"}),
        ("POST", "/api/session", {"username": "x", "password": "y" * 300}),
    ],
)
async def test_bad_values_are_named_in_one_shape(
    paths: RuntimePaths, bus: EmbeddedServer, method: str, path: str, body: Any
) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("li") as li:
        answer = await li.request(method, path, json=body)
    assert answer.status_code == 422
    assert answer.json()["error"] == "invalid_request"


async def test_the_service_stops_at_once_with_pages_open(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with contextlib.AsyncExitStack() as pages:
        async with running(config) as room:
            for _ in range(5):
                client = await pages.enter_async_context(await room.signed_in("li"))
                stream = await pages.enter_async_context(client.stream("GET", "/api/events"))
                await next_event(server_sent_events(stream.aiter_lines()), "ping")
            began_s = time.monotonic()
        assert time.monotonic() - began_s < 3.0


async def test_the_app_has_only_guarded_routes(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    """Walks the app itself, included routers and all."""
    config = config_of(paths.data_dir)
    async with opened_context(config, paths, SystemClock(), asyncio.Event()) as context:
        app = build_app(context)
    included = [getattr(route, "original_router", route) for route in app.routes]
    assert included == list(ROUTERS)
    assert all(isinstance(route, GuardedRoute) for router in ROUTERS for route in router.routes)
