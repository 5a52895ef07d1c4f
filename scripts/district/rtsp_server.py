"""The district's RTSP server: every path on its loop clock, every session fed from the same stamped packets."""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from scripts.district.faults import OFFLINE, Fault, FaultSpan, fault_at
from scripts.district.rtsp_auth import Credentials, Gate
from scripts.district.rtsp_media import Loop, MediaPath
from scripts.district.rtsp_session import Session
from scripts.district.sent_log import SentLog

CATCH_UP_FRAMES = 15


class DistrictServer:
    """Serves every path on one port; the camera `faulty_camera` fails by the timetable `spans`.

    `on_sent` is called for every frame that goes out, with its path, its number and the instant (epoch seconds).
    The wall clock is read once; from then on instants are that reading plus the monotonic clock, so a step of the
    system's clock does not move frames.
    """

    def __init__(
        self,
        paths: list[MediaPath],
        credentials: Credentials,
        log: SentLog,
        *,
        faulty_camera: str = "",
        spans: tuple[FaultSpan, ...] = (),
        seed: int = 0,
        on_sent: Callable[[MediaPath, int, float], None] | None = None,
    ) -> None:
        self._on_sent = on_sent
        self._paths: Mapping[str, MediaPath] = {path.name: path for path in paths}
        secret = secrets.token_bytes(16)
        self._gates = {path.name: Gate(path.quirks.scheme, credentials, secret) for path in paths}
        self._misses = {path.name: path.quirks.missing_first for path in paths}
        self._positions = {path.name: (secrets.randbelow(65536), secrets.randbits(32)) for path in paths}
        self._sessions: set[Session] = set()
        self._server: asyncio.Server | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._serving: set[asyncio.Task[None]] = set()
        self._faulty, self._spans, self._seed = faulty_camera, spans, seed
        self.log = log
        self._epoch_s = 0.0
        self._epoch_monotonic_s = 0.0

    @property
    def epoch_s(self) -> float:
        """When every loop began, epoch seconds."""
        return self._epoch_s

    @property
    def port(self) -> int:
        """The port listened on."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self, host: str, port: int) -> None:
        """Listens and begins every loop.

        Raises:
            OSError: an address is in use or not ours.
        """
        self._server = await asyncio.start_server(self._connected, host, port)
        self._epoch_s, self._epoch_monotonic_s = time.time(), asyncio.get_running_loop().time()
        for path in self._paths.values():
            header = path.loop.header
            if path.stream == "main":
                self.log.epoch(path.camera_id, self._epoch_s, self._seed, header.frames / header.fps, header.fps)
            self._tasks.append(asyncio.create_task(self._play(path), name=f"play {path.name}"))
        if self._faulty:
            self._tasks.append(asyncio.create_task(self._misbehave(self._spans), name="faults"))

    async def stop(self) -> None:
        """Closes listeners, sessions and tasks."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        if self._server is not None:
            self._server.close()
        for session in list(self._sessions):
            session.abort()
        if self._serving:
            await asyncio.wait(self._serving)
        self.log.close()

    def wall_s(self) -> float:
        """Now, epoch seconds."""
        return self._epoch_s + self.loop_s()

    def loop_s(self) -> float:
        """Seconds since the loops began."""
        return asyncio.get_running_loop().time() - self._epoch_monotonic_s

    def path(self, name: str) -> MediaPath | None:
        return self._paths.get(name)

    def is_watched(self, path: MediaPath) -> bool:
        """Whether any session plays this path now."""
        return any(session.path is path and session.playing for session in self._sessions)

    def gate(self, path: MediaPath) -> Gate:
        return self._gates[path.name]

    def position(self, path: MediaPath) -> tuple[int, int]:
        """RTP sequence number and time of the next packet."""
        return self._positions[path.name]

    def still_missing(self, path: MediaPath) -> bool:
        """Whether this DESCRIBE is answered 404: one of the first ones, or during that fault."""
        if self.fault_of(path) is Fault.MISSING:
            return True
        left = self._misses[path.name]
        self._misses[path.name] = max(left - 1, 0)
        return left > 0

    def cuts_off(self, path: MediaPath) -> bool:
        """Whether a client that names this path loses its connection."""
        return self.fault_of(path) in (Fault.DROP, Fault.REFUSE)

    def password_refused(self, path: MediaPath) -> bool:
        return self.fault_of(path) is Fault.PASSWORD

    def fault_of(self, path: MediaPath) -> Fault | None:
        """The fault in force at this path."""
        return fault_at(self._spans, self.loop_s()) if path.camera_id == self._faulty else None

    def fail(self, fault: Fault, after_s: float, for_s: float) -> FaultSpan:
        """Has the failing camera fail from `after_s` seconds on, beside its timetable; returns the span."""
        from_s = self.loop_s() + after_s
        span = FaultSpan(fault, from_s, from_s + for_s)
        self._spans = (*self._spans, span)
        self._tasks.append(asyncio.create_task(self._misbehave((span,)), name="faults"))
        return span

    def forget(self, session: Session) -> None:
        self._sessions.discard(session)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        session = Session(self, reader, writer)
        self._sessions.add(session)
        await session.serve()

    async def _play(self, path: MediaPath) -> None:
        """Sends each frame when it is due, to everybody who plays this path."""
        fps = path.loop.header.fps
        clock = asyncio.get_running_loop().time
        sequence, base = self._positions[path.name]
        begin_s = self._epoch_monotonic_s + path.phase_s
        frame, showing = 0, path.loop
        while True:
            await asyncio.sleep(max(begin_s + frame / fps - clock(), 0))
            late = int((clock() - begin_s) * fps) - frame
            if late > CATCH_UP_FRAMES:
                frame += late - late % CATCH_UP_FRAMES
            fault = self.fault_of(path)
            number = path.first_frame + frame
            if path.loop.unit(number).keyframe:
                showing = self._shown(path, fault)
            unit = showing.unit(number)
            timestamp = (base + frame * path.loop.ticks_per_frame) & 0xFFFFFFFF
            if fault not in OFFLINE:
                now_s = self.wall_s()
                stamped = unit.stamped(sequence, timestamp)
                playing = [session for session in self._sessions if session.path is path and session.playing]
                if playing and self._on_sent is not None:
                    self._on_sent(path, number, now_s)
                for session in playing:
                    session.send(unit, stamped, timestamp, now_s)
                    if path.quirks.audio:
                        session.send_audio(frame, fps)
                sequence = (sequence + len(unit.offsets)) & 0xFFFF
            frame += 1
            self._positions[path.name] = (sequence, (base + frame * path.loop.ticks_per_frame) & 0xFFFFFFFF)

    @staticmethod
    def _shown(path: MediaPath, fault: Fault | None) -> Loop:
        if fault is Fault.FREEZE and path.frozen is not None:
            return path.frozen
        if fault is Fault.COVER and path.covered is not None:
            return path.covered
        return path.loop

    async def _misbehave(self, spans: tuple[FaultSpan, ...]) -> None:
        """Begins and ends the failing camera's faults."""
        for span in spans:
            await asyncio.sleep(max(span.from_s - self.loop_s(), 0))
            from_s = self._epoch_s + span.from_s
            self.log.fault(self._faulty, span.fault.value, from_s, math.inf)
            if span.fault in (Fault.DROP, Fault.REFUSE, Fault.MISSING, Fault.PASSWORD):
                self._cut()
            await asyncio.sleep(max(span.to_s - self.loop_s(), 0))
            self.log.fault(self._faulty, span.fault.value, from_s, self._epoch_s + span.to_s)

    def _cut(self) -> None:
        for session in list(self._sessions):
            if session.path is not None and session.path.camera_id == self._faulty:
                session.abort()
