"""`lookout up`: start the bus and every service, say when the page answers, watch, and stop all of it in order.

directories, lock, port -> bus -> services -> page answers -> ready line -> ... -> SIGTERM -> services -> bus
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Coroutine
from pathlib import Path

import httpx

from kernel.bus.address import wait_until_answering
from kernel.bus.embedded import EmbeddedServer
from kernel.config import load_config
from kernel.config.lookout import LookoutConfig
from kernel.errors import CannotRunError
from kernel.process import stop_on_signals_async
from kernel.runtime import RuntimePaths, shard_count_for
from supervisor.bus import keep_bus_running
from supervisor.child import Child, keep_logs_small, last_line, wait_or_stop
from supervisor.gpus import detector_devices
from supervisor.preflight import check_port, note_url, page_url, prepare_directories, take_lock
from supervisor.services import service_specs

LOG = logging.getLogger(__name__)
SERVICES_STOP_S = 6.0
PAGE_ANSWERS_S = 120.0
BUS_ANSWERS_S = 10.0
MOST_TRIES = 4
FIRST_ADMIN_FILE = "first-admin"


def ready_line(url: str, first_password: str | None) -> str:
    """The one line a person waits for."""
    if first_password is None:
        return f"ready {url}"
    return f"ready {url} user admin password {first_password} (once: the page asks for a new one)"


def tell_ready(url: str, paths: RuntimePaths, say: Callable[[str], None]) -> None:
    """Say where the page is, and once the first administrator's one-time password, whose file goes with it."""
    file = paths.data_dir / "run" / FIRST_ADMIN_FILE
    try:
        text = file.read_text(encoding="utf-8")
        file.unlink()
    except FileNotFoundError:
        text = ""
    try:
        say(ready_line(url, text.strip() or None))
    except OSError as error:
        LOG.warning("nobody heard that the page is ready url=%s reason=%s", url, error.strerror)
        if text:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as again:
                again.write(text)


def clear_leavings(paths: RuntimePaths) -> None:
    """Remove sockets and frame rings of this installation; nothing runs any more."""
    for socket_file in paths.socket_dir.glob("*.sock"):
        socket_file.unlink(missing_ok=True)
    ring = paths.ring_file(0)
    for ring_file in ring.parent.glob(f"lookout-{paths.installation}-*"):
        ring_file.unlink(missing_ok=True)


async def answers(config: LookoutConfig, api: Child, stopping: asyncio.Event) -> bool:
    """Wait until the page answers; False when stopped, after PAGE_ANSWERS_S, or when its service cannot live."""
    deadline_s = time.monotonic() + PAGE_ANSWERS_S
    # The certificate may be made out to the room's own name: this asks the local service only whether it is up.
    async with httpx.AsyncClient(verify=False, timeout=2.0, trust_env=False) as client:
        while not (stopping.is_set() or time.monotonic() >= deadline_s or has_given_up(api)):
            try:
                answer = await client.get(page_url(config) + "healthz")
            except httpx.TransportError:
                await wait_or_stop(stopping, 0.1)
                continue
            if answer.status_code < 500:
                return True
            await wait_or_stop(stopping, 0.2)
    return False


def has_given_up(api: Child) -> bool:
    """Whether a service that never answered will not do so: it ended for good, or again and again."""
    return api.is_hopeless or api.restarts >= MOST_TRIES


async def run_installation(config_path: Path, say: Callable[[str], None]) -> None:
    """Run every service of a config until SIGTERM or SIGINT.

    Raises:
        BadInputError: the config or the data directory cannot be used.
        CannotRunError: the port, the data directory's lock or the bus cannot be had.
    """
    config = load_config(config_path)
    paths = RuntimePaths.of(config)
    prepare_directories(paths)
    with take_lock(paths) as lock:
        check_port(config)
        if config.bus.url:
            wait_until_answering(config.bus.url, BUS_ANSWERS_S)
        clear_leavings(paths)
        note_url(lock, page_url(config))
        devices = detector_devices(config)  # may take a while: until it is known, a signal simply ends this process
        stopping = stop_on_signals_async()
        server = None if config.bus.url else EmbeddedServer(paths)
        services = [
            Child(spec, paths.log_dir / f"{spec.name}.log")
            for spec in service_specs(
                config_path,
                shard_count_for(len(config.cameras)),
                has_fleet=bool(config.fleet),
                detector_devices=devices,
            )
        ]
        try:
            if server:
                server.start()
            announcement = announce(config, paths, services[0], stopping, say)
            await watch(server, services, stopping, announcement, keep_logs_small(paths.log_dir, stopping))
        finally:
            if server:
                server.stop()
            clear_leavings(paths)


async def watch(
    server: EmbeddedServer | None,
    services: list[Child],
    stopping: asyncio.Event,
    *others: Coroutine[None, None, None],
) -> None:
    """Keep bus, services and others running until `stopping` is set or something raises; then stop the services."""
    tasks = [asyncio.create_task(service.run(stopping)) for service in services]
    tasks += [asyncio.create_task(other) for other in others]
    if server:
        tasks.append(asyncio.create_task(keep_bus_running(server, stopping)))
    for task in tasks:
        task.add_done_callback(lambda ended: stopping.set() if not ended.cancelled() and ended.exception() else None)
    await stopping.wait()
    LOG.info("stopping services=%d", len(services))
    for service in services:
        service.ask_to_stop()
    await asyncio.gather(*(service.stopped(SERVICES_STOP_S) for service in services))
    await asyncio.gather(*tasks)


async def announce(
    config: LookoutConfig, paths: RuntimePaths, api: Child, stopping: asyncio.Event, say: Callable[[str], None]
) -> None:
    """Say the ready line once the page answers.

    Args:
        api: the service behind the page.

    Raises:
        CannotRunError: it does not answer within PAGE_ANSWERS_S, or ended MOST_TRIES times, or once where only a person
            can help; with its last words.
    """
    began_s = time.monotonic()
    if await answers(config, api, stopping):
        tell_ready(page_url(config), paths, say)
    elif not stopping.is_set():
        log = paths.log_dir / f"{api.spec.name}.log"
        if api.is_hopeless and last_line(log):
            raise CannotRunError(f"{api.spec.name}: {last_line(log)}; see {log}")
        raise CannotRunError(
            f"{page_url(config)} does not answer after {time.monotonic() - began_s:.0f} s, {api.spec.name} ended "
            f"{api.restarts} times; its last words: {last_line(log) or 'none'}; see {log}"
        )
