"""Real servers for the integration tests."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.bus.embedded import EmbeddedServer
from kernel.runtime import RuntimePaths


@pytest.fixture(scope="session", autouse=True)
def _signals_as_in_a_terminal() -> Iterator[None]:
    """Tests run in the background, or by nohup, inherit ignored signals; the services they start would too."""
    ignored = [one for one in (signal.SIGHUP, signal.SIGINT) if signal.getsignal(one) is signal.SIG_IGN]
    for one in ignored:
        signal.signal(one, signal.default_int_handler if one is signal.SIGINT else signal.SIG_DFL)
    yield
    for one in ignored:
        signal.signal(one, signal.SIG_IGN)


@pytest.fixture
def paths() -> Iterator[RuntimePaths]:
    """Paths of an installation in a directory short enough for its sockets."""
    with tempfile.TemporaryDirectory(prefix="lookout-") as directory:
        yield RuntimePaths(Path(directory))


@pytest.fixture
def bus(paths: RuntimePaths) -> Iterator[EmbeddedServer]:
    """A running Redis server of the installation at `paths`."""
    server = EmbeddedServer(paths)
    server.start()
    yield server
    server.stop()
