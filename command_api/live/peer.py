"""A WebRTC connection answered by this gateway, closed when it never connects, fails, or is no longer wanted.

new --answered--> connecting --ICE and DTLS done--> connected --failed, closed by either side--> closed
                       +-- CONNECT_TIMEOUT_S ------------------------------------------------------^
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError
from aiortc.rtcconfiguration import RTCBundlePolicy

from command_api.live.problems import OfferRejectedError

CONNECT_TIMEOUT_S = 10.0

_closing: set[asyncio.Task[None]] = set()


class Peer:
    """One connection to one browser.

    Attributes:
        id: unguessable name of the session.
        user: who asked for it.
        sign_in: under which of their sign-ins; ends with it.
    """

    def __init__(self, user: str, on_closed: Callable[[Peer], None], sign_in: str = "") -> None:
        self.id = secrets.token_urlsafe(18)
        self.user = user
        self.sign_in = sign_in
        self.close_reason = ""
        self._on_closed = on_closed
        self._is_closed = False
        # An empty list on purpose: the default asks a public STUN server and stalls where there is no internet.
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._connect_timer: asyncio.TimerHandle | None = None
        self.connection.on("connectionstatechange", self._on_state)

    @property
    def state(self) -> str:
        """aiortc's connection state."""
        return str(self.connection.connectionState)

    async def answer(self, offer_sdp: str) -> str:
        """Answer an offer that was checked, with all our host candidates in it.

        Raises:
            OfferRejectedError: nothing in common with the offer.
        """
        try:
            await self.connection.setRemoteDescription(RTCSessionDescription(sdp=offer_sdp, type="offer"))
            self.prepare_answer()
            await self.connection.setLocalDescription()
        except OperationError as error:
            raise OfferRejectedError("no codec in common: H.264 constrained baseline, packetization-mode 1") from error
        except (ValueError, KeyError, IndexError, InvalidAccessError, InvalidStateError) as error:
            raise OfferRejectedError(f"the offer cannot be answered: {error}") from error
        self._connect_timer = asyncio.get_running_loop().call_later(CONNECT_TIMEOUT_S, self._on_connect_timeout)
        return str(self.connection.localDescription.sdp)

    def prepare_answer(self) -> None:
        """Hook between the offer and the answer."""

    def end(self, reason: str) -> None:
        """Close in the background."""
        if not self._is_closed:
            self.close_reason = self.close_reason or reason
            in_background(self.close())

    async def close(self) -> None:
        """Close and tell the owner, once."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._connect_timer is not None:
            self._connect_timer.cancel()
        self._on_closed(self)
        await self.connection.close()

    def _on_state(self) -> None:
        if self.state == "connected" and self._connect_timer is not None:
            self._connect_timer.cancel()
            self.on_connected()
        elif self.state in ("failed", "closed"):
            self.end(self.state)

    def on_connected(self) -> None:
        """Hook: media or messages can flow."""

    def _on_connect_timeout(self) -> None:
        if self.state != "connected":
            self.end("never connected")


def in_background(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end without being waited for."""
    task = asyncio.ensure_future(work)
    _closing.add(task)
    task.add_done_callback(_closing.discard)


async def wait_for_background() -> None:
    """Wait for all of it, at shutdown."""
    if _closing:
        await asyncio.wait(_closing, timeout=5.0)
