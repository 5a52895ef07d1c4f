"""A camera analysed in tiles beside one that is not, in a detector as the supervisor starts it."""

from __future__ import annotations

from typing import Any, cast

import pytest

from kernel.bus.embedded import EmbeddedServer
from kernel.bus.names import tracks_channel
from kernel.events import AnalysisHeartbeat, TracksUpdate
from kernel.runtime import RuntimePaths
from tests.integration.detector_room import Bus, detector, eventually, playing, write_config
from tests.unit.detect.tiny_models import bright_walker_model

pytestmark = pytest.mark.integration


def test_a_frame_in_tiles_costs_its_pictures_and_is_told_as_one(bus: EmbeddedServer, paths: RuntimePaths) -> None:
    """The tiny model sees somebody at the same place of every picture: three of them on a frame of 2x1 tiles."""
    config = write_config(paths, bright_walker_model(paths.data_dir / "walker.onnx"))
    config.write_text(config.read_text().replace("    name: cam-01\n", "    name: cam-01\n    tiles: 2x1\n"))
    events = Bus(f"unix://{paths.bus_socket}")
    listener = cast("Any", events.connection).pubsub()
    listener.subscribe(tracks_channel("cam-01"))

    def both_analysed() -> AnalysisHeartbeat | None:
        beats = events.heartbeats()
        is_there = beats and all(not pulse.cause and pulse.analysed_fps > 2 for pulse in beats[-1].cameras)
        return beats[-1] if is_there else None

    def three_found() -> TracksUpdate | None:
        message = listener.get_message(timeout=0.1)
        if message is None or message["type"] != "message":
            return None
        update = TracksUpdate.model_validate_json(message["data"])
        return update if len(update.tracks) >= 3 else None

    with playing(paths) as cameras, detector(config):
        cameras.brightness["cam-01"] = 0.3
        assert eventually(both_analysed).wanted_fps == 5.0 * (3 + 1)
        lefts = sorted(track.box_xyxy[0] for track in eventually(three_found).tracks)
    assert lefts[0] < lefts[1] < 0.5 < lefts[2]
