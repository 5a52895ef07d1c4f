"""One tile in one browser: a source's access units on a WebRTC connection of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import av
from aiortc import MediaStreamTrack, RTCDataChannel
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpsender import RTCRtpSender
from aiortc.rtp import AnyRtcpPacket

from command_api.live.backlog import Backlog
from command_api.live.capture import CHANNEL_LABEL, CaptureTimes
from command_api.live.pacer import Pacer
from command_api.live.peer import Peer
from command_api.live.source import Source
from kernel.clock import Clock
from kernel.media import PTS_CLOCK_HZ, AccessUnit

REPLAY_AGAIN_AFTER_S = 0.7
DEAD_AFTER_S = 10.0
ANSWER_EVERY_S = 0.05
MOST_UNREAD_BYTES = 4096
_TIME_BASE = Fraction(1, PTS_CLOCK_HZ)
_PROFILE = "42e01f"


class UnitTrack(MediaStreamTrack):
    """Hands coded pictures to aiortc, which packetises `av.Packet`s without touching them."""

    kind = "video"

    def __init__(self, backlog: Backlog, pacer: Pacer, captures: CaptureTimes) -> None:
        super().__init__()
        self._backlog = backlog
        self._pacer = pacer
        self._captures = captures
        self._filled = asyncio.Event()
        self._sender: RTCRtpSender | None = None
        self.sent = 0

    def follow(self, sender: RTCRtpSender) -> None:
        """Who takes the pictures, and gives them RTP times that start anywhere."""
        self._sender = sender

    def wake(self) -> None:
        """The backlog has something."""
        self._filled.set()

    async def recv(self) -> av.Packet[Any]:
        self._captures.sent(_last_rtp_time(self._sender))
        while (outgoing := self._backlog.take()) is None:
            if self.readyState != "live":
                raise MediaStreamError
            self._filled.clear()
            await self._filled.wait()
        if outgoing.replayed:
            await self._pacer.take(len(outgoing.unit.payload))
        packet = av.Packet(outgoing.unit.payload)
        packet.pts = packet.dts = outgoing.pts
        packet.time_base = _TIME_BASE
        is_within_replay = outgoing.replayed and self._backlog.is_replaying
        self._captures.hand_over(outgoing.pts, None if is_within_replay else outgoing.unit.arrived_at_us)
        self.sent += 1
        return packet


def _last_rtp_time(sender: RTCRtpSender | None) -> int | None:
    """RTP time of the last packet sent; aiortc starts them at random and tells nobody where."""
    if sender is None or not sender._RTCRtpSender__packet_count:  # type: ignore[attr-defined]
        return None
    return int(sender._RTCRtpSender__rtp_timestamp)  # type: ignore[attr-defined]


class Viewer(Peer):
    """A viewer of one source; a `fanout.Sink`."""

    def __init__(
        self,
        user: str,
        source: Source,
        pacer: Pacer,
        clock: Clock,
        on_closed: Callable[[Peer], None],
        sign_in: str = "",
    ) -> None:
        super().__init__(user, on_closed, sign_in)
        self.source = source
        self._clock = clock
        self._captures = CaptureTimes()
        self._backlog = Backlog()
        self._track = UnitTrack(self._backlog, pacer, self._captures)
        self._track.on("ended", lambda: self.end("connection ended"))
        self._loop = asyncio.get_running_loop()
        self._replayed_at_s = 0.0
        self._heard_at_s = self._loop.time()
        self._offered_at_s = self._heard_at_s
        self._picture_losses = 0
        self._answered_at_s = 0.0
        self._add_transceiver()
        self.connection.on("datachannel", self._on_channel)
        source.expect(self)

    def _add_transceiver(self) -> None:
        transceiver = self.connection.addTransceiver(self._track, direction="sendonly")
        wanted = [
            codec
            for codec in RTCRtpSender.getCapabilities("video").codecs
            if codec.mimeType == "video/rtx" or codec.parameters.get("profile-level-id") == _PROFILE
        ]
        transceiver.setCodecPreferences(wanted)
        sender = transceiver.sender
        self._track.follow(sender)
        handle = sender._handle_rtcp_packet

        async def hear(packet: AnyRtcpPacket) -> None:
            self._heard_at_s = self._loop.time()
            await handle(packet)

        # aiortc has no public hook for either: it ignores picture losses for packets, and tells nobody of reports.
        sender._handle_rtcp_packet = hear  # type: ignore[method-assign]
        sender._send_keyframe = self._on_picture_loss  # type: ignore[method-assign]

    def on_connected(self) -> None:
        self._heard_at_s = self._loop.time()
        self._replayed_at_s = self._loop.time()
        self.source.attach(self)

    def replay(self, units: Sequence[AccessUnit]) -> None:
        self._backlog.replay(units)
        self._track.wake()

    def offer(self, unit: AccessUnit) -> None:
        self._offered_at_s = self._loop.time()
        self._backlog.offer(unit)
        self._track.wake()

    def is_dead(self) -> bool:
        """Whether pictures go out and nothing has come back for DEAD_AFTER_S (consent alone takes 31 s)."""
        now_s = self._loop.time()
        is_sending = now_s - self._offered_at_s < DEAD_AFTER_S / 2
        return self.state == "connected" and is_sending and now_s - self._heard_at_s > DEAD_AFTER_S

    def status(self) -> dict[str, Any]:
        """What `/status` shows of this viewer; the session's name is not shown."""
        return {
            "camera_id": self.source.camera_id,
            "stream": self.source.stream.value,
            "user": self.user,
            "state": self.state,
            "queued": len(self._backlog),
            "dropped": self._backlog.dropped,
            "sent": self._track.sent,
            "picture_losses": self._picture_losses,
        }

    async def close(self) -> None:
        self.source.detach(self)
        await super().close()

    def _on_channel(self, channel: RTCDataChannel) -> None:
        if channel.label != CHANNEL_LABEL:
            channel.close()
            return
        channel.on("message", lambda question: self._tell_capture(channel, question))

    def _tell_capture(self, channel: RTCDataChannel, question: str | bytes) -> None:
        now_s = self._loop.time()
        is_open = channel.readyState == "open" and channel.bufferedAmount <= MOST_UNREAD_BYTES
        if not is_open or now_s - self._answered_at_s < ANSWER_EVERY_S:
            return
        answer = self._captures.answer(question, round(self._clock.now().timestamp() * 1_000_000))
        if answer is not None:
            self._answered_at_s = now_s
            channel.send(answer)

    def _on_picture_loss(self) -> None:
        self._picture_losses += 1
        now_s = self._loop.time()
        if self._backlog.is_replaying or now_s - self._replayed_at_s < REPLAY_AGAIN_AFTER_S:
            return
        self._replayed_at_s = now_s
        self.source.replay_to(self)
