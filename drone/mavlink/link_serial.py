"""A serial line (telemetry radio, USB), by termios alone; opened anew when the device was unplugged and is back."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import termios
from typing import Final

from drone.mavlink.link import OnBytes, Peer
from drone.mavlink.link_address import LinkAddress, LinkUnusable

_LOG = logging.getLogger(__name__)
_CHUNK_BYTES = 4096
_REOPEN_S = 1.0
_MOST_UNSENT_BYTES = 8192
_SPEEDS: Final = {
    int(name[1:]): getattr(termios, name) for name in dir(termios) if name[0] == "B" and name[1:].isdigit()
}


class SerialLink:
    """One device, raw, 8N1, without flow control."""

    is_datagram = False

    def __init__(self, address: LinkAddress, on_bytes: OnBytes) -> None:
        self.reconnects = 0
        self.dropped_packets = 0
        self._address = address
        self._on_bytes = on_bytes
        self._descriptor: int | None = None
        self._unsent = bytearray()
        self._reopening: asyncio.Task[None] | None = None

    async def open(self) -> None:
        if self._address.number not in _SPEEDS:
            raise LinkUnusable(f"{self._address}: no serial line runs at {self._address.number} baud here; try 57600")
        try:
            self._attach()
        except (OSError, termios.error) as error:
            raise LinkUnusable(
                f"cannot open {self._address}: {error.args[-1]}; is it plugged in, and may this user open it?"
            ) from error

    def send(self, packet: bytes) -> None:
        if self._descriptor is None or len(self._unsent) > _MOST_UNSENT_BYTES:
            self.dropped_packets += 1
            return
        if not self._unsent:
            asyncio.get_running_loop().add_writer(self._descriptor, self._write)
        self._unsent += packet

    def answer_to(self, peer: Peer) -> None:
        """There is one other end only."""

    async def close(self) -> None:
        if self._reopening is not None:
            self._reopening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reopening
            self._reopening = None
        self._detach()

    def _attach(self) -> None:
        descriptor = os.open(self._address.where, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            _make_raw(descriptor, _SPEEDS[self._address.number])
        except termios.error:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        asyncio.get_running_loop().add_reader(descriptor, self._read)
        _LOG.info("link up link=%s", self._address)

    def _detach(self) -> None:
        if self._descriptor is None:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._descriptor)
        loop.remove_writer(self._descriptor)
        os.close(self._descriptor)
        self._descriptor = None
        self._unsent.clear()

    def _read(self) -> None:
        assert self._descriptor is not None
        try:
            chunk = os.read(self._descriptor, _CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._lost(error.strerror or str(error))
            return
        if not chunk:
            self._lost("hung up")
            return
        self._on_bytes(chunk, None)

    def _write(self) -> None:
        assert self._descriptor is not None
        try:
            written = os.write(self._descriptor, self._unsent)
        except BlockingIOError:
            return
        except OSError as error:
            self._lost(error.strerror or str(error))
            return
        del self._unsent[:written]
        if not self._unsent:
            asyncio.get_running_loop().remove_writer(self._descriptor)

    def _lost(self, why: str) -> None:
        _LOG.warning("link down link=%s why=%s", self._address, why)
        self._detach()
        self._reopening = asyncio.create_task(self._reopen(), name=f"link {self._address}")

    async def _reopen(self) -> None:
        while True:
            await asyncio.sleep(_REOPEN_S)
            with contextlib.suppress(OSError, termios.error):
                self._attach()
                self.reconnects += 1
                return


def _make_raw(descriptor: int, speed: int) -> None:
    """No echo, no translation, no signals: bytes as they are (termios(3), cfmakeraw)."""
    _iflag, _oflag, _cflag, _lflag, _ispeed, _ospeed, control = termios.tcgetattr(descriptor)
    control[termios.VMIN], control[termios.VTIME] = 1, 0
    cflag = termios.CS8 | termios.CREAD | termios.CLOCAL
    termios.tcsetattr(descriptor, termios.TCSANOW, [0, 0, cflag, 0, speed, speed, control])
    termios.tcflush(descriptor, termios.TCIOFLUSH)
