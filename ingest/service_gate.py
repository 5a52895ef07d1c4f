"""Whether a camera is in service: turned by the event loop, waited for by the threads of its streams."""

from __future__ import annotations

import threading

from kernel.events import OfflineCause


class ServiceGate:
    """Open while the camera is in service. Each opening is a service of its own, with a number.

    Args:
        is_open: how it begins.
        cause: why the camera is out of service while it is shut.
    """

    def __init__(self, is_open: bool, cause: OfflineCause = OfflineCause.NONE) -> None:
        self.cause = cause
        self._changed = threading.Condition()
        self._service: int | None = 1 if is_open else None
        self._services = 1 if is_open else 0

    @property
    def service(self) -> int | None:
        """The service that runs, None while there is none."""
        return self._service

    @property
    def is_open(self) -> bool:
        """Whether the camera is in service."""
        return self._service is not None

    def turn(self, is_open: bool) -> bool:
        """Open or shut it; False where it was so already."""
        with self._changed:
            if is_open == self.is_open:
                return False
            self._services += is_open
            self._service = self._services if is_open else None
            self._changed.notify_all()
            return True

    def wake(self) -> None:
        """Let those who wait look at their `stop` again."""
        with self._changed:
            self._changed.notify_all()

    def wait_open(self, stop: threading.Event) -> int | None:
        """Wait until it is open; the service's number, None once `stop` is set."""
        with self._changed:
            self._changed.wait_for(lambda: self.is_open or stop.is_set())
            return None if stop.is_set() else self._service

    def wait_while(self, service: int, stop: threading.Event, longest_s: float) -> None:
        """Wait out a time, at most until that service is over or `stop` is set."""
        with self._changed:
            self._changed.wait_for(lambda: self._service != service or stop.is_set(), longest_s)
