"""The board: what the page is told of a camera at this moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from command_api.cameras.board import CameraBoard
from command_api.cameras.model import Camera
from command_api.register import Register
from detect.pulse import NotAnalysed
from kernel.config.camera import StreamName
from kernel.config.lookout import LookoutConfig
from kernel.events import (
    AnalysisHeartbeat,
    AnalysisPulse,
    CameraState,
    CameraStateChanged,
    ObserverHeartbeat,
    OfflineCause,
    StreamPulse,
)
from kernel.ledger import LedgerFold
from tests.integration.api_room import config_of

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


class Wall:
    """A board fed through the ledger, as the service feeds it."""

    def __init__(self, config: LookoutConfig, opened_at: datetime = START - timedelta(minutes=1)) -> None:
        self.config = config
        self.board = CameraBoard(Register(config), opened_at)
        self.fold = LedgerFold()

    def change(self, second: float, state: CameraState, cause: OfflineCause, detail: str = "", codec: str = "") -> None:
        event = CameraStateChanged(
            camera_id="cam-01",
            stream=StreamName.MAIN,
            state=state,
            cause=cause,
            detail=detail,
            changed_at=START + timedelta(seconds=second),
            worker="ingest-0",
            run_id="r1",
            codec=codec,
            width_px=1280 if codec else 0,
            height_px=720 if codec else 0,
        )
        for row in self.fold.apply(event).intervals:
            if row.is_open:
                self.board.changed(event, row)

    def beat(self, second: float, state: CameraState = CameraState.STREAMING) -> None:
        at = START + timedelta(seconds=second)
        pulse = StreamPulse(
            camera_id="cam-01",
            stream=StreamName.MAIN,
            state=state,
            cause=OfflineCause.NONE,
            last_packet_at=at,
            bitrate_bits_s=1e6,
            fps=15.0,
        )
        event = ObserverHeartbeat(worker="ingest-0", run_id="r1", beat_at=at, streams=(pulse,))
        self.fold.apply(event)
        self.board.beat(event)

    def analysed(self, second: float, last: float | None, cause: str = "") -> None:
        pulse = AnalysisPulse(
            camera_id="cam-01",
            analysed_fps=5.0,
            wanted_fps=5.0,
            last_analysed_at=None if last is None else START + timedelta(seconds=last),
            dropped=0,
            age_p50_ms=1.0,
            age_p95_ms=2.0,
            cause=cause,
        )
        self.board.analysed(
            AnalysisHeartbeat(
                run_id="d1",
                beat_at=START + timedelta(seconds=second),
                engine="e",
                model="m",
                capacity_fps=80.0,
                wanted_fps=5.0,
                cameras=(pulse,),
            )
        )

    def camera(self, second: float) -> Camera:
        return self.board.camera(self.config.cameras[0], START + timedelta(seconds=second))


@pytest.fixture
def wall(tmp_path: Path) -> Wall:
    return Wall(config_of(tmp_path))


def test_a_stream_is_unobserved_before_the_first_and_after_the_last_heartbeat(wall: Wall) -> None:
    assert wall.camera(0).state == "unobserved"
    wall.change(0, CameraState.STREAMING, OfflineCause.NONE, codec="h264")
    wall.beat(1)
    assert wall.camera(6).state == "streaming"
    silent = wall.camera(6.1)
    assert (silent.state, silent.streams["main"].fps) == ("unobserved", 0.0)
    assert silent.since == START + timedelta(seconds=1)
    assert silent.last_packet_at == START + timedelta(seconds=1), "the last known packet is still told"


def test_an_outage_dated_back_before_the_newest_online_state_is_shown(wall: Wall) -> None:
    """The last packet came at 8 s, 'degraded' was said at 10 s, 'stalled' at 13 s and dated by that packet."""
    wall.change(0, CameraState.STREAMING, OfflineCause.NONE, codec="h264")
    wall.beat(9)
    wall.change(10, CameraState.DEGRADED, OfflineCause.NONE)
    wall.change(8, CameraState.STALLED, OfflineCause.NO_PACKETS)
    wall.beat(14, CameraState.STALLED)
    camera = wall.camera(14)
    assert (camera.state, camera.cause, camera.since) == ("stalled", "no_packets", START + timedelta(seconds=8))


def test_what_arrives_twice_changes_nothing(wall: Wall) -> None:
    wall.change(0, CameraState.STREAMING, OfflineCause.NONE, codec="h264")
    wall.change(5, CameraState.STALLED, OfflineCause.NO_PACKETS)
    wall.change(20, CameraState.STREAMING, OfflineCause.NONE, codec="h264")
    wall.change(0, CameraState.STREAMING, OfflineCause.NONE, codec="h264")
    wall.change(5, CameraState.STALLED, OfflineCause.NO_PACKETS)
    wall.beat(21)
    assert (wall.camera(21).state, wall.camera(21).since) == ("streaming", START + timedelta(seconds=20))


def test_the_page_learns_from_which_confidence_on_detections_count(tmp_path: Path) -> None:
    """It drew a box around everything the detector half believed in."""
    fields = config_of(tmp_path).model_dump()
    fields["cameras"][0]["rules"][0]["min_confidence"] = 0.55
    fields["detect"]["min_confidence"] = 0.15
    wall = Wall(LookoutConfig.model_validate(fields))
    camera = wall.camera(0)
    assert [rule.min_confidence for rule in camera.rules] == [0.55]
    assert camera.analysed.min_confidence == 0.15


def test_the_cause_stays_through_the_tries_to_reconnect(wall: Wall) -> None:
    wall.change(0, CameraState.STREAMING, OfflineCause.NONE, codec="hevc")
    wall.change(5, CameraState.BACKOFF, OfflineCause.WRONG_PASSWORD, "401 from 127.0.0.1:9")
    wall.change(15, CameraState.CONNECTING, OfflineCause.NONE)
    wall.beat(16, CameraState.CONNECTING)
    camera = wall.camera(16)
    assert (camera.state, camera.cause) == ("connecting", "wrong_password")
    assert camera.streams["main"].detail == "401 from 127.0.0.1:9"
    assert (camera.streams["main"].width_px, camera.transcoded) == (1280, True), "the picture's size is still known"


def test_not_analysed_has_a_cause(wall: Wall) -> None:
    assert wall.camera(0).analysed.cause == "detector_silent"
    wall.analysed(1, None)
    assert wall.camera(1).analysed.cause == "no_frame_yet"
    wall.analysed(2, 1.9)
    assert (wall.camera(2).analysed.state, wall.camera(2).analysed.cause) == ("analysed", "")
    wall.analysed(6, 1.9)
    assert (wall.camera(6).analysed.state, wall.camera(6).analysed.cause) == ("not_analysed", "no_new_frames")
    wall.analysed(7, 6.9, cause="overloaded")
    assert wall.camera(7).analysed.cause == "overloaded"
    assert wall.camera(13).analysed.cause == "detector_silent"


def test_what_nobody_told_yet_is_unknown_and_no_failure_until_it_has_taken_too_long(tmp_path: Path) -> None:
    """Just after the start every tile said 'not analysed'."""
    wall = Wall(config_of(tmp_path), opened_at=START)

    def analysed(second: float) -> tuple[str, str]:
        camera = wall.camera(second)
        return camera.analysed.state, camera.analysed.cause

    assert analysed(0) == ("unknown", "not_heard_yet")
    assert analysed(30) == ("unknown", "not_heard_yet")
    assert analysed(30.1) == ("not_analysed", "detector_silent"), "a detector that never comes is a failure"
    wall.analysed(31, None)
    assert analysed(31) == ("unknown", "no_frame_yet")
    assert analysed(36.1) == ("not_analysed", "detector_silent"), "one that was heard and fell silent is one at once"
    wall.analysed(37, None, cause="no_frames")
    assert analysed(37) == ("not_analysed", "no_frames")


def test_every_cause_has_words_on_the_page() -> None:
    page = Path(__file__).parents[3] / "wall" / "src" / "i18n"
    told = {"not_heard_yet", "no_frame_yet", "no_new_frames", "detector_silent", "not_reported"}
    for language in ("zh", "en"):
        words = (page / language / "cameras.ts").read_text(encoding="utf-8")
        assert [cause for cause in told | set(NotAnalysed) if f'"cause.{cause}": ' not in words] == []


def test_a_change_is_told_once(wall: Wall) -> None:
    assert [camera.id for camera in wall.board.take_changes(START)] == ["cam-01", "cam-02", "cam-03"]
    wall.change(0, CameraState.STREAMING, OfflineCause.NONE, codec="h264")
    wall.beat(1)
    told = wall.board.take_changes(START + timedelta(seconds=1))
    assert [(camera.id, camera.state) for camera in told] == [("cam-01", "streaming")]
    wall.beat(2)
    assert wall.board.take_changes(START + timedelta(seconds=2)) == []
    silent = wall.board.take_changes(START + timedelta(seconds=8))
    assert [(camera.id, camera.state) for camera in silent] == [("cam-01", "unobserved")]


def test_an_outage_lasts_since_its_first_moment_through_every_try_to_end_it() -> None:
    wall = Wall(config_of(Path("/nowhere")))

    def since() -> datetime:
        status = wall.board.status("cam-01", StreamName.MAIN)
        assert status is not None
        return status.since

    wall.change(0, CameraState.STREAMING, OfflineCause.NONE, codec="h264")
    wall.change(10, CameraState.BACKOFF, OfflineCause.REFUSED)
    wall.change(14, CameraState.CONNECTING, OfflineCause.NONE)
    wall.change(15, CameraState.BACKOFF, OfflineCause.REFUSED)
    assert since() == START + timedelta(seconds=10)
    wall.change(20, CameraState.CONNECTING, OfflineCause.NONE)
    wall.change(21, CameraState.STREAMING, OfflineCause.NONE, codec="h264")
    assert since() == START + timedelta(seconds=21)


def test_a_parked_drones_camera_is_out_of_service_and_not_missing_its_analysis(wall: Wall) -> None:
    wall.change(0, CameraState.DISABLED, OfflineCause.DRONE_ON_GROUND)
    wall.beat(5, CameraState.DISABLED)
    wall.analysed(5, None, "no_frames")
    parked = wall.camera(5)
    assert (parked.state, parked.cause) == ("disabled", "drone_on_ground")
    assert (parked.analysed.state, parked.analysed.cause) == ("not_configured", "drone_on_ground")
    wall.change(6, CameraState.CONNECTING, OfflineCause.NONE)
    wall.change(7, CameraState.STREAMING, OfflineCause.NONE, codec="h264")
    wall.beat(8)
    wall.analysed(8, 7.9)
    flying = wall.camera(8)
    assert (flying.state, flying.cause, flying.since) == ("streaming", "none", START + timedelta(seconds=7))
    assert flying.analysed.state == "analysed"
