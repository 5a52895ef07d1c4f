from __future__ import annotations

from ingest.gop_ring import GopRing
from ingest.live import LiveStream, UnitQueue
from kernel.config.camera import StreamName
from kernel.media import AccessUnit, MediaHello

HELLO = MediaHello(
    camera_id="cam-01", stream=StreamName.MAIN, codec="h264", width_px=640, height_px=360, has_b_frames=False
)


def unit(number: int, *, keyframe: bool = False, size: int = 10) -> AccessUnit:
    return AccessUnit(bytes(size), number, number, number, keyframe)


class Watcher:
    """A subscriber that keeps what it gets."""

    def __init__(self) -> None:
        self.got: list[int] = []
        self.ended = False

    def replay(self, units: tuple[AccessUnit, ...]) -> None:
        self.got.extend(unit.pts for unit in units)

    def offer(self, unit: AccessUnit) -> None:
        self.got.append(unit.pts)

    def end(self) -> None:
        self.ended = True


def taken(queue: UnitQueue) -> list[int]:
    return [unit.pts for unit in iter(queue.take, None)]


def test_a_queue_hands_units_out_in_order() -> None:
    queue = UnitQueue()
    for number in range(5):
        queue.put(unit(number, keyframe=number == 0))
    assert taken(queue) == [0, 1, 2, 3, 4]
    assert queue.dropped == 0


def test_a_full_queue_starts_again_at_the_next_keyframe() -> None:
    queue = UnitQueue(largest_units=4)
    for number in range(12):
        queue.put(unit(number, keyframe=number in (0, 8)))
    assert taken(queue) == [8, 9, 10, 11]
    assert queue.dropped == 8


def test_a_keyframe_that_meets_a_full_queue_replaces_it() -> None:
    queue = UnitQueue(largest_units=4)
    for number in range(5):
        queue.put(unit(number, keyframe=number in (0, 4)))
    assert taken(queue) == [4]


def test_bytes_count_too() -> None:
    queue = UnitQueue(largest_bytes=100)
    for number in range(4):
        queue.put(unit(number, keyframe=number == 0, size=40))
    assert len(queue) == 0
    queue.put(unit(9, keyframe=True, size=400))
    assert taken(queue) == [9]


def test_a_subscriber_gets_the_newest_gop_then_live_units() -> None:
    live, watcher = LiveStream(GopRing()), Watcher()
    assert live.subscribe(watcher, watcher.replay) is None
    live.announce(HELLO)
    for number in range(6):
        live.publish(unit(number, keyframe=number % 4 == 0))
    assert live.subscribe(watcher, watcher.replay) == HELLO
    live.publish(unit(6))
    live.unsubscribe(watcher)
    live.publish(unit(7))
    assert watcher.got == [4, 5, 6]


def test_subscribers_end_when_the_stream_becomes_another_one_only() -> None:
    live, watcher = LiveStream(GopRing()), Watcher()
    live.announce(HELLO)
    live.subscribe(watcher, watcher.replay)
    live.announce(HELLO)
    assert not watcher.ended
    live.announce(HELLO.model_copy(update={"width_px": 1280}))
    assert watcher.ended
    live.publish(unit(1, keyframe=True))
    assert watcher.got == []


def test_footage_of_another_codec_is_dropped() -> None:
    """A clip across a change from H.264 to H.265 was written as if all of it were the new one, and failed."""
    live = LiveStream(GopRing())
    live.announce(HELLO)
    live.publish(unit(1, keyframe=True))
    live.announce(HELLO.model_copy(update={"width_px": 1920}))
    assert live.ring.held_bytes == 10
    live.announce(HELLO.model_copy(update={"codec": "hevc"}))
    assert live.ring.held_bytes == 0
    assert live.ring.current_gop() == ()
