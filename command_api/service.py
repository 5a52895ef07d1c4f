"""The service: store, bus consumers, pages and HTTP, from start to a clean stop.

    start   data directory -> migrations -> first admin -> port bound -> consumers and HTTP
    stop    SIGTERM -> streams end -> HTTP ends -> consumers finish their batch -> store closed

Everything runs in one task group: a consumer that fails takes the service down, and the supervisor starts it anew,
rather than a page that looks alive while no alert reaches it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from command_api.access.first_admin import ensure_first_admin
from command_api.access.open_pages import OpenPages
from command_api.access.sign_in import SignIns
from command_api.app import build_app
from command_api.bus_out import BusOut
from command_api.cameras.board import CameraBoard
from command_api.context import ApiContext
from command_api.drones.board import DroneBoard
from command_api.drones.desk import OrderDesk
from command_api.health.outage_book import OutageBook
from command_api.intake.alerts import AlertIntake, ClipRequests
from command_api.intake.camera_states import begun_intake
from command_api.intake.flights import FlightIntake
from command_api.intake.passing import Passing
from command_api.intake.telemetry import TelemetryIntake
from command_api.metrics import Metrics
from command_api.outages import file_config_outages, read_outages
from command_api.push.announce import Announcer
from command_api.push.hub import Hub
from command_api.register import Register
from command_api.store import flights, states
from command_api.store.database import Store, StoreUnavailable, database_url
from command_api.ticker import Ticker
from kernel.bus.address import bus_address, connect_async, wait_or_stop
from kernel.bus.consumer import consume
from kernel.bus.names import ALERTS, CAMERA_STATE, FLIGHTS
from kernel.clock import Clock
from kernel.config.lookout import LookoutConfig
from kernel.config.sections import WebConfig
from kernel.errors import BadInputError, CannotRunError
from kernel.events import ALERT_EVENTS, CAMERA_STATE_EVENTS, FLIGHT_EVENTS
from kernel.runtime import RuntimePaths

_LOGGER = logging.getLogger(__name__)
GROUP = "command_api"
_GRACE_S = 2
LIVE_ANSWERS_WITHIN_S = 3.0  # a gateway that hangs is told to the page as one that is down
_END_STALE_SESSIONS_EVERY_S = 600.0
_END_LEFTOVERS_EVERY_S = 5.0
Ready = Callable[[str], None]


async def serve(config: LookoutConfig, clock: Clock, stop: asyncio.Event, ready: Ready) -> None:
    """Run until `stop` is set.

    Args:
        config: the loaded config; its data_dir is absolute.
        clock: time.
        stop: ends the service.
        ready: is told the page's address once it answers.

    Raises:
        BadInputError: the data directory cannot be written, or the store is of a newer version.
        CannotRunError: the port is taken or the disk is full.
    """
    paths = RuntimePaths.of(config)
    make_data_directory(paths)
    listening = bind(config.web)
    with contextlib.closing(listening):
        async with opened_context(config, paths, clock, stop) as context:
            await context.store.write(lambda connection: file_config_outages(connection, config, clock.now()))
            await read_outages(context)
            await ensure_first_admin(context.store, clock, first_admin_file(paths), root_unit=config.site.unit)
            url = url_of(config.web, listening)
            if context.is_exposed and config.web.tls_certificate is None:
                _LOGGER.warning("page is open to the network without TLS url=%s; set web.tls_certificate", url)
            await _run(context, listening, lambda: ready(url))


def first_admin_file(paths: RuntimePaths) -> Path:
    """Where the first start leaves the one-time password for the supervisor."""
    return paths.data_dir / "run" / "first-admin"


def make_data_directory(paths: RuntimePaths) -> None:
    """Make the directories this service writes to.

    Raises:
        BadInputError: they cannot be made.
    """
    for directory in (paths.data_dir, paths.evidence_dir, paths.data_dir / "run"):
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInputError(
                f"data_dir {directory}: {error.strerror}; make it writable or set another data_dir"
            ) from error


def bind(web: WebConfig) -> socket.socket:
    """A listening socket, taken before anything else starts.

    Raises:
        CannotRunError: the address is in use or not one of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            web.host, web.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CannotRunError(f"web.host {web.host}: {error.strerror}; set an address of this machine") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise CannotRunError(
            f"web.port {web.host}:{web.port}: {error.strerror}; stop what uses it or set another web.port"
        ) from error
    return listening


def url_of(web: WebConfig, listening: socket.socket) -> str:
    """Where a browser on this machine finds the page."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(web.host, f"[{web.host}]" if ":" in web.host else web.host)
    scheme = "https" if web.tls_certificate is not None else "http"
    return f"{scheme}://{host}:{listening.getsockname()[1]}/"


@contextlib.asynccontextmanager
async def opened_context(
    config: LookoutConfig, paths: RuntimePaths, clock: Clock, stop: asyncio.Event
) -> AsyncIterator[ApiContext]:
    """The context, with its store migrated; everything in it is closed at the end."""
    store = Store(database_url(paths.database, config.store.url))
    redis = connect_async(bus_address(config, paths))
    live = live_client(paths.live_socket, LIVE_ANSWERS_WITHIN_S)
    try:
        store.migrate()
        register = Register(config)
        hub = Hub()
        bus = BusOut(redis)
        sign_ins = SignIns(store, clock, config.web.session_timeout_s)
        await sign_ins.remember_failures()
        statuses = await store.read(states.all_statuses)
        outages = OutageBook()
        open_flights = await store.read(flights.open_flights)
        yield ApiContext(
            config=config,
            paths=paths,
            clock=clock,
            store=store,
            sign_ins=sign_ins,
            register=register,
            board=CameraBoard(register, clock.now(), statuses, outages),
            outages=outages,
            drones=DroneBoard(config, open_flights),
            desk=OrderDesk(store, bus, clock),
            hub=hub,
            open_pages=OpenPages(sign_ins, hub, live),
            announcer=Announcer(hub, bus),
            bus=bus,
            live=live,
            metrics=Metrics(),
            stopping=stop,
        )
    finally:
        await live.aclose()
        await redis.aclose()
        store.close()


def live_client(live_socket: Path, answers_within_s: float) -> httpx.AsyncClient:
    """A client of the live gateway, which looks for a camera's picture for up to `gateway.SOURCE_TIMEOUT_S`.

    No connection is kept: the gateway closes idle ones, and a question sent into that moment would be lost.
    """
    transport = httpx.AsyncHTTPTransport(uds=str(live_socket), limits=httpx.Limits(max_keepalive_connections=0))
    return httpx.AsyncClient(transport=transport, base_url="http://live", timeout=answers_within_s, trust_env=False)


async def _run(context: ApiContext, listening: socket.socket, ready: Callable[[], None]) -> None:
    stop = context.stopping
    address = bus_address(context.config, context.paths)
    clips = ClipRequests(context.store, context.bus, context.announcer, context.clock)
    alert_intake = AlertIntake(context, clips)
    state_intake = await begun_intake(context)
    flight_intake = FlightIntake(context)
    passing = Passing(context, address)
    telemetry = TelemetryIntake(context, address)
    ticker = Ticker(context)
    server = _server(context)
    async with asyncio.TaskGroup() as tasks:
        begun = [
            tasks.create_task(work)
            for work in (
                _consumed(context, consume(address, ALERTS, GROUP, GROUP, ALERT_EVENTS, alert_intake.handle, stop)),
                _consumed(
                    context,
                    consume(address, CAMERA_STATE, GROUP, GROUP, CAMERA_STATE_EVENTS, state_intake.handle, stop),
                ),
                _consumed(context, consume(address, FLIGHTS, GROUP, GROUP, FLIGHT_EVENTS, flight_intake.handle, stop)),
                clips.run(stop),
                ticker.run(stop),
                _end_stale_sessions(context),
                _end_leftovers(context),
                flight_intake.forget_old(),
            )
        ]
        endless = [tasks.create_task(work) for work in (context.bus.run(), passing.run(), telemetry.run())]
        http = tasks.create_task(server.serve([listening]))
        tasks.create_task(_tell_when_started(server, ready, stop))
        waiting = asyncio.ensure_future(stop.wait())
        await asyncio.wait({waiting, http}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        stop.set()
        context.hub.close()
        server.should_exit = True
        await http
        await asyncio.wait(begun)
        for task in endless:
            task.cancel()


class _Server(uvicorn.Server):
    """uvicorn without signal handlers of its own: the service decides when to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(context: ApiContext) -> _Server:
    web = context.config.web
    return _Server(
        uvicorn.Config(
            build_app(context),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=_GRACE_S,
            timeout_keep_alive=75,
            ssl_certfile=str(web.tls_certificate) if web.tls_certificate is not None else None,
            ssl_keyfile=str(web.tls_key) if web.tls_key is not None else None,
        )
    )


async def _tell_when_started(server: _Server, ready: Callable[[], None], stop: asyncio.Event) -> None:
    while not server.started:
        await wait_or_stop(stop, 0.02)
        if stop.is_set():
            return
    ready()


async def _consumed(context: ApiContext, consuming: Coroutine[Any, Any, None]) -> None:
    """A consumer that may end in the middle of a batch when the service stops: the bus delivers it again."""
    try:
        await consuming
    except StoreUnavailable:
        if not context.stopping.is_set():
            raise


async def _end_stale_sessions(context: ApiContext) -> None:
    while not context.stopping.is_set():
        try:
            await context.sign_ins.end_stale()
        except StoreUnavailable as error:
            _LOGGER.warning("stale sessions stay for now reason=%s", error.reason)
        await wait_or_stop(context.stopping, _END_STALE_SESSIONS_EVERY_S)


async def _end_leftovers(context: ApiContext) -> None:
    while not context.stopping.is_set():
        try:
            ended = await context.open_pages.end_leftovers()
        except StoreUnavailable as error:
            _LOGGER.warning("open pages are not looked at for now reason=%s", error.reason)
        else:
            if ended:
                _LOGGER.info("ended what was still open of sign-ins that are over count=%d", ended)
        await wait_or_stop(context.stopping, _END_LEFTOVERS_EVERY_S)
