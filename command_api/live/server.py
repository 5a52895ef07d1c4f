"""The gateway as a running service: HTTP on a private Unix socket, the alert push, the watch for dead viewers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import uvicorn

from command_api.live import webrtc
from command_api.live.alerts import AlertPush
from command_api.live.app import make_app
from command_api.live.gateway import Gateway
from kernel.errors import CannotRunError

_GRACE_S = 2


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the service's stop event ends it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(
    gateway: Gateway,
    push: AlertPush,
    alert_messages: AsyncIterator[tuple[str, bytes]],
    socket_path: Path,
    stop: asyncio.Event,
) -> None:
    """Run until `stop` is set, then end every session and remove the socket.

    Raises:
        CannotRunError: the socket cannot be made.
    """
    webrtc.install()
    listener = bind_private(socket_path)
    config = uvicorn.Config(
        make_app(gateway),
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_GRACE_S,
        server_header=False,
    )
    server = _Server(config)
    running = [
        asyncio.create_task(push.forward(alert_messages), name="alert push"),
        asyncio.create_task(push.ping(), name="ping"),
        asyncio.create_task(gateway.close_dead_viewers(), name="dead viewers"),
        asyncio.create_task(server.serve(sockets=[listener]), name="http"),
    ]
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait([*running, stopping], return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await gateway.close()
    finally:
        await _end(running, stopping)
        listener.close()
        _remove(socket_path)


async def _end(running: list[asyncio.Task[None]], stopping: asyncio.Task[bool]) -> None:
    *others, http = running
    for task in (*others, stopping):
        task.cancel()
    await asyncio.wait([*running, stopping], timeout=_GRACE_S + 2)
    for task in (*others, http):
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            raise error


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def bind_private(path: Path) -> socket.socket:
    """A listening Unix socket that only this user can use; a dead one in its place is removed.

    Raises:
        CannotRunError: another gateway answers there, or the directory cannot be written.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_dead(path)
        before = os.umask(0o177)
        try:
            listener.bind(str(path))
        finally:
            os.umask(before)
        listener.listen(128)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise CannotRunError(
            f"live socket {path}: {error.strerror or error}; stop what uses it or choose another data_dir"
        ) from error
    return listener


def _remove_dead(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except FileNotFoundError:
            return
        except ConnectionRefusedError:
            path.unlink()
            return
    raise OSError(0, "another live gateway answers there")
