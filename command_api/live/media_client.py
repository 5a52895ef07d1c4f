"""Reads access units from an ingest worker's media socket (kernel/media.py)."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from kernel.config.camera import StreamName
from kernel.errors import LookoutError
from kernel.media import (
    HEADER_BYTES,
    LONGEST_LINE_BYTES,
    AccessUnit,
    MediaHello,
    MediaProtocolError,
    MediaRequest,
    parse_header,
)

HELLO_TIMEOUT_S = 3.0


class MediaUnavailableError(LookoutError):
    """The stream cannot be had now; the text says why."""


class MediaConnection:
    """An open connection whose hello has been read.

    Attributes:
        hello: what the stream is.
    """

    def __init__(self, hello: MediaHello, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.hello = hello
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, socket_path: Path, camera_id: str, stream: StreamName) -> Self:
        """Connect and ask for a stream.

        Raises:
            MediaUnavailableError: no worker there, no answer in HELLO_TIMEOUT_S, or the worker has no such picture.
        """
        try:
            async with asyncio.timeout(HELLO_TIMEOUT_S), contextlib.AsyncExitStack() as undo:
                reader, writer = await asyncio.open_unix_connection(str(socket_path), limit=LONGEST_LINE_BYTES)
                undo.callback(writer.close)
                writer.write(MediaRequest(camera_id=camera_id, stream=stream).model_dump_json().encode() + b"\n")
                hello = _parse_hello(await reader.readline())
                undo.pop_all()
        except TimeoutError as error:
            raise MediaUnavailableError(f"ingest does not answer within {HELLO_TIMEOUT_S:g} s") from error
        except (OSError, ValueError) as error:
            raise MediaUnavailableError(f"ingest is not reachable ({type(error).__name__})") from error
        return cls(hello, reader, writer)

    async def units(self) -> AsyncIterator[AccessUnit]:
        """Access units in order, until the worker closes.

        Raises:
            MediaProtocolError: the peer sent something that is no record.
        """
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                header = parse_header(await self._reader.readexactly(HEADER_BYTES))
                yield AccessUnit.from_parts(header, await self._reader.readexactly(header.payload_bytes))

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


def _parse_hello(line: bytes) -> MediaHello:
    try:
        fields = json.loads(line)
        if isinstance(fields, dict) and "problem" in fields:
            raise MediaUnavailableError(str(fields["problem"]))
        return MediaHello.model_validate(fields)
    except (json.JSONDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise MediaProtocolError(f"media socket: no hello but {line[:80]!r}") from error
