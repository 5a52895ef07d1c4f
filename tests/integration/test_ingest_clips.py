"""Requests for clips on a real bus."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.clips import ClipService, ClipSource
from ingest.gop_ring import GopRing
from ingest.live import LiveStream
from ingest.mask import PrivacyMask
from kernel.bus.embedded import EmbeddedServer
from kernel.bus.keyvalue import HashTable
from kernel.bus.publisher import DurablePublisher
from kernel.clock import SystemClock
from kernel.events import ClipRequested
from kernel.runtime import RuntimePaths

pytestmark = pytest.mark.integration


async def test_request_is_on_the_bus_before_it_is_acknowledged(
    bus: EmbeddedServer, paths: RuntimePaths, tmp_path: Path
) -> None:
    """It was queued beside the acknowledgement: a kill in between lost it, and the clip stayed pending for ever."""
    now = datetime.now(UTC)
    request = ClipRequested(
        alert_id="01A", camera_id="cam-01", from_at=now, to_at=now + timedelta(seconds=60), clip_path="01A.mp4"
    )
    stuck = DurablePublisher(f"unix://{tmp_path}/nobody.sock", SystemClock())
    sources = {"cam-01": ClipSource(LiveStream(GopRing()), PrivacyMask(()))}
    clips = ClipService(bus.address, "ingest-0", sources, paths.evidence_dir, stuck, SystemClock())
    await clips.handle([("1-0", request)])
    table = HashTable(bus.address, "clips:ingest-0")
    assert table.load() == {"01A": request.model_dump_json()}
    table.close()
    await clips.close()
    stuck.close(0.1)
