"""Batches on their way: whose frames are away, which slots are free, which one comes back first."""

from __future__ import annotations

from detect.alerts.incidents import IncidentBook
from detect.boxes.detections import Detections
from detect.camera_analysis import CameraAnalysis
from detect.errors import EngineError
from detect.flights import Flight, Flights, Taken
from detect.models.card import ModelInput
from detect.pictures.letterbox import Letterbox
from kernel.config.camera import CameraConfig

TARGET = ModelInput(width_px=64, height_px=64)
BOX = Letterbox.fit(64, 64, TARGET)


class _Done:
    """A batch whose answers are there."""

    def wait(self, at_most_s: float) -> bool:
        return True

    def answers(self) -> list[Detections]:
        return []


class _Slow(_Done):
    def wait(self, at_most_s: float) -> bool:
        return False


class _Failed(_Done):
    def wait(self, at_most_s: float) -> bool:
        raise EngineError("tiny", "refused")


def flight(camera_id: str, station: int, underway: _Done | None = None, lane: str = "m") -> Flight:
    config = CameraConfig.model_validate(
        {"id": camera_id, "name": camera_id, "unit": "u", "streams": {"main": {"url": "rtsp://127.0.0.1/x"}}}
    )
    analysis = CameraAnalysis(config, ("person",), TARGET, IncidentBook({}, str))
    return Flight(lane, station, (Taken(analysis, BOX, 0, 0),), underway or _Done(), 0.0, is_tiled=False, pictures=1)


def test_cameras_are_away_and_slots_taken_until_the_batch_is_back() -> None:
    flights, one = Flights(), flight("cam-1", 0)
    flights.add(one)
    flights.add(flight("cam-2", 1))
    assert flights.away == {"cam-1", "cam-2"}
    assert flights.free_station("m", 2) is None
    assert flights.free_station("other", 2) == 0
    flights.remove(one)
    assert flights.away == {"cam-2"}
    assert flights.free_station("m", 2) == 0


def test_a_batch_that_is_done_comes_back_before_an_older_one_that_is_not() -> None:
    flights, quick = Flights(), flight("cam-2", 1)
    flights.add(flight("cam-1", 0, _Slow()))
    assert flights.first_done(0.0) is None
    flights.add(quick)
    assert flights.first_done(0.0) is quick


def test_a_batch_that_failed_comes_back_to_tell_why() -> None:
    flights, failed = Flights(), flight("cam-1", 0, _Failed())
    flights.add(failed)
    assert flights.first_done(0.0) is failed


class _Watched(_Done):
    """A batch that is not done, and how long it was waited for."""

    def __init__(self) -> None:
        self.waits_s: list[float] = []

    def wait(self, at_most_s: float) -> bool:
        self.waits_s.append(at_most_s)
        return False


def test_the_oldest_is_waited_for_as_long_as_it_may_be_unless_another_may_come_first() -> None:
    """Looked for every 4 ms, each batch cost the loop a dozen wake-ups."""
    flights, oldest = Flights(), _Watched()
    flights.add(flight("a", 0, oldest))
    flights.add(flight("b", 1, _Watched()))
    assert flights.first_done(0.5) is None
    assert oldest.waits_s == [0.0, 0.5]
    flights.add(flight("c", 0, _Watched(), lane="other"))
    assert flights.first_done(0.5) is None
    assert 0.0 < oldest.waits_s[-1] < 0.02
