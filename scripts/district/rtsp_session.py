"""One RTSP connection: its requests answered, its session set up, its packets written."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.district.rtp_packets import PacketizedUnit, interleaved, rtp_packet, sender_report
from scripts.district.rtsp_auth import Verdict
from scripts.district.rtsp_media import AUDIO_HZ, AUDIO_TYPE, MediaPath
from scripts.district.rtsp_message import MessageError, Request, RequestReader, Response, parse_transport
from scripts.district.sent_log import RUN_GAP_S, SendingRun

if TYPE_CHECKING:
    from scripts.district.rtsp_server import DistrictServer

MAX_BACKLOG_BYTES = 4_000_000
REPORT_EVERY_S = 5.0
METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN"


@dataclass
class Leg:
    """How one track reaches the client: interleaved channels, or UDP sockets with the client's addresses."""

    channels: tuple[int, int] | None = None
    sockets: tuple[asyncio.DatagramTransport, asyncio.DatagramTransport] | None = None
    packets: int = 0
    octets: int = 0


class Session:
    """A connection and its (single) media session."""

    def __init__(self, server: DistrictServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._requests = RequestReader()
        self.id = secrets.token_hex(8)
        self.path: MediaPath | None = None
        self.user_agent = ""
        self._legs: dict[int, Leg] = {}
        self.playing = False
        self._wants_keyframe = True
        self._reported_at_s = float("-inf")
        self._run: SendingRun | None = None
        self._runs = 0
        self._logged_at_s = 0.0

    async def serve(self) -> None:
        """Answers requests until the client or the server closes."""
        try:
            while data := await self._reader.read(65536):
                for request in self._requests.feed(data):
                    response = await self._answer(request)
                    self._writer.write(response.encode())
                    await self._writer.drain()
                    if request.method == "TEARDOWN":
                        return
        except (MessageError, ConnectionError) as error:
            if isinstance(error, MessageError):
                self._writer.write(Response(400, "0").encode())
            else:
                self._writer.transport.abort()
        finally:
            self.close()

    def close(self) -> None:
        """Ends the session and its connection."""
        self.playing = False
        self._end_run()
        for leg in self._legs.values():
            for socket in leg.sockets or ():
                socket.close()
        self._legs.clear()
        self._server.forget(self)
        self._writer.close()

    def abort(self) -> None:
        """Ends the connection without a farewell, as a camera that loses power."""
        self.close()
        self._writer.transport.abort()

    async def _answer(self, request: Request) -> Response:
        self.user_agent = request.headers.get("user-agent", self.user_agent)
        if request.method == "OPTIONS":
            return Response(200, request.sequence, [("Public", METHODS)])
        path = self._server.path(request.path)
        if path is None:
            return Response(404, request.sequence)
        if self._server.cuts_off(path):
            raise ConnectionResetError(f"{path.name} cuts connections off for now")
        refused = self._check(request, path)
        if refused is not None:
            return refused
        if request.method == "DESCRIBE":
            return await self._describe(request, path)
        if request.method == "SETUP":
            return await self._setup(request, path)
        if request.method not in METHODS:
            return Response(501, request.sequence)
        if request.headers.get("session", "").partition(";")[0] not in (self.id, ""):
            return Response(454, request.sequence)
        return self._control(request)

    def _check(self, request: Request, path: MediaPath) -> Response | None:
        gate = self._server.gate(path)
        verdict = gate.check(request.method, request.headers.get("authorization"), self._server.wall_s())
        if verdict is Verdict.GRANTED and not self._server.password_refused(path):
            return None
        challenge = gate.challenge(self._server.wall_s(), verdict is Verdict.STALE)
        return Response(401, request.sequence, [("WWW-Authenticate", challenge)])

    async def _describe(self, request: Request, path: MediaPath) -> Response:
        quirks = path.quirks
        if quirks.describe_delay_s:
            await asyncio.sleep(quirks.describe_delay_s)
        if self._server.still_missing(path):
            return Response(404, request.sequence)
        if quirks.redirect_to:
            return Response(quirks.redirect_status, request.sequence, [("Location", quirks.redirect_to)])
        host = self._writer.get_extra_info("sockname")[0]
        headers = [("Content-Base", request.url.rstrip("/") + "/"), ("Content-Type", "application/sdp")]
        return Response(200, request.sequence, headers, path.sdp(host))

    async def _setup(self, request: Request, path: MediaPath) -> Response:
        transport = parse_transport(request.headers.get("transport", ""))
        if transport is None:
            return Response(461, request.sequence)
        if self.path not in (None, path):
            return Response(455, request.sequence)
        self.path = path
        track = request.track or 0
        ssrc = f"ssrc={path.loop.ssrc:08X}"
        if transport.channels is not None:
            self._legs[track] = Leg(channels=transport.channels)
            low, high = transport.channels
            line = f"RTP/AVP/TCP;unicast;interleaved={low}-{high};{ssrc}"
        else:
            assert transport.client_ports is not None
            sockets = await self._udp(transport.client_ports)
            self._legs[track] = Leg(sockets=sockets)
            ports = [socket.get_extra_info("sockname")[1] for socket in sockets]
            low, high = transport.client_ports
            line = f"RTP/AVP;unicast;client_port={low}-{high};server_port={ports[0]}-{ports[1]};{ssrc}"
        return Response(200, request.sequence, [("Transport", line), ("Session", f"{self.id};timeout=60")])

    async def _udp(self, client_ports: tuple[int, int]) -> tuple[asyncio.DatagramTransport, asyncio.DatagramTransport]:
        loop = asyncio.get_running_loop()
        here, there = self._writer.get_extra_info("sockname")[0], self._writer.get_extra_info("peername")[0]
        pair = [
            (
                await loop.create_datagram_endpoint(
                    asyncio.DatagramProtocol, local_addr=(here, 0), remote_addr=(there, port)
                )
            )[0]
            for port in client_ports
        ]
        return pair[0], pair[1]

    def _control(self, request: Request) -> Response:
        headers = [("Session", self.id)]
        if request.method == "PLAY":
            if self.path is None:
                return Response(455, request.sequence)
            sequence, timestamp = self._server.position(self.path)
            base = request.url.rstrip("/")
            headers += [("Range", "npt=now-"), ("RTP-Info", f"url={base}/trackID=0;seq={sequence};rtptime={timestamp}")]
            self.playing = self._wants_keyframe = True
        elif request.method == "PAUSE":
            self.playing = False
            self._end_run()
        return Response(200, request.sequence, headers)

    def send(self, unit: PacketizedUnit, stamped: bytearray, timestamp: int, now_s: float) -> None:
        """Writes one picture; the first one after PLAY is a keyframe."""
        leg = self._legs.get(0)
        if not self.playing or leg is None or (self._wants_keyframe and not unit.keyframe):
            return
        if self._writer.transport.get_write_buffer_size() > MAX_BACKLOG_BYTES:
            self.abort()
            return
        self._wants_keyframe = False
        assert self.path is not None
        if leg.channels is not None:
            self._writer.write(stamped if leg.channels[0] == 0 else unit.on_channel(stamped, leg.channels[0]))
        else:
            for datagram in unit.datagrams(stamped):
                self._write(leg, 0, datagram)
        leg.packets += len(unit.offsets)
        leg.octets += len(stamped) - 16 * len(unit.offsets)
        if now_s - self._reported_at_s >= REPORT_EVERY_S:
            self._reported_at_s = now_s
            self._write(leg, 1, sender_report(self.path.loop.ssrc, now_s, timestamp, leg.packets, leg.octets))
        self._log(now_s)

    def send_audio(self, frame: int, fps: int) -> None:
        """Writes the silence that goes with one picture, where the client set up the audio track."""
        leg = self._legs.get(1)
        if not self.playing or leg is None:
            return
        start, end = frame * AUDIO_HZ // fps, (frame + 1) * AUDIO_HZ // fps
        assert self.path is not None
        self._write(
            leg, 0, rtp_packet(AUDIO_TYPE, leg.packets, start, self.path.loop.ssrc ^ 1, b"\xd5" * (end - start))
        )
        leg.packets += 1

    def _write(self, leg: Leg, which: int, packet: bytes) -> None:
        if leg.channels is not None:
            self._writer.write(interleaved(leg.channels[which], packet))
        elif leg.sockets is not None:
            leg.sockets[which].sendto(packet)

    def _log(self, now_s: float) -> None:
        run, path = self._run, self.path
        assert path is not None
        if run is None or now_s - run.last_s > RUN_GAP_S:
            self._end_run()
            self._runs += 1
            run = SendingRun(path.camera_id, path.stream, self.id, self.user_agent, self._runs, now_s, now_s)
            self._logged_at_s = float("-inf")
        self._run = SendingRun(run.camera_id, run.stream, run.session, run.user_agent, run.number, run.first_s, now_s)
        if now_s - self._logged_at_s >= 1.0:
            self._logged_at_s = now_s
            self._server.log.run(self._run)

    def _end_run(self) -> None:
        if self._run is not None:
            self._server.log.run(self._run)
            self._run = None
