"""Real servers for the integration tests."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.bus.embedded import EmbeddedServer
from kernel.runtime import RuntimePaths


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
