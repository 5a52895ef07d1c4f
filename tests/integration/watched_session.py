"""A camera session in a thread, and the changes of state it reports."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ingest.backoff import RetryPolicy
from ingest.gop_ring import GopRing
from ingest.live import LiveStream
from ingest.logins import Logins
from ingest.monitor import StreamMonitor
from ingest.session import CameraSession, StreamPlan
from kernel.clock import Clock, SystemClock
from kernel.config.camera import CameraConfig, StreamName
from kernel.events import CameraState, CameraStateChanged


class Watched:
    """One stream's session thread and the changes of state it reports."""

    def __init__(
        self,
        url: str,
        username: str = "",
        password: str = "",
        timeout_s: float = 1.0,
        read_timeout_s: float | None = None,
        retry_max_s: float = 60.0,
        policy: RetryPolicy | None = None,
        logins: Logins | None = None,
        *,
        by_ffmpeg: bool = False,
        clock: Clock | None = None,
    ) -> None:
        limits = {"open_timeout_s": timeout_s, "read_timeout_s": read_timeout_s or timeout_s}
        camera = CameraConfig.model_validate(
            {
                "id": "cam-01",
                "name": "gate",
                "unit": "bureau",
                "username": username,
                "password": password,
                "streams": {"main": {"url": url} | limits},
            }
        )
        self.changes: list[CameraStateChanged] = []
        self._changed = threading.Condition()
        clock = clock or SystemClock()
        monitor = StreamMonitor("cam-01", StreamName.MAIN, "ingest-0", "run", clock, self._note)
        plan = StreamPlan(camera, StreamName.MAIN, camera.streams.main, None, by_ffmpeg=by_ffmpeg)
        self.session = CameraSession(
            plan,
            monitor,
            LiveStream(GopRing()),
            policy or RetryPolicy(retry_max_s, 600.0),
            clock,
            logins or Logins(clock, 600.0),
        )

    def _note(self, change: CameraStateChanged) -> None:
        with self._changed:
            self.changes.append(change)
            self._changed.notify_all()

    def until(self, wanted: Callable[[CameraStateChanged], bool], within_s: float = 10.0) -> CameraStateChanged:
        """Start where needed, and wait for a change of that kind."""
        if not self.session.is_alive():
            self.session.start()
        with self._changed:
            seen = self._changed.wait_for(lambda: any(wanted(change) for change in self.changes), within_s)
            assert seen, f"only {[(change.state.value, change.cause.value) for change in self.changes]}"
            return next(change for change in self.changes if wanted(change))

    def changes_again(self, within_s: float) -> bool:
        """Whether anything more is reported in that time."""
        with self._changed:
            count = len(self.changes)
            return self._changed.wait_for(lambda: len(self.changes) > count, within_s)

    def end(self) -> None:
        """Stop the session and wait for its thread."""
        self.session.stop()
        self.session.join(5)
        assert not self.session.is_alive()

    def failure(self) -> CameraStateChanged:
        """The first failed try."""
        try:
            return self.until(lambda change: change.state is CameraState.BACKOFF)
        finally:
            self.session.stop()
