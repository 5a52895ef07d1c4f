"""What is decoded, and when: all of it in time for the next look, nothing that nobody needs, nothing that is old."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ingest.decode_queue import BEHIND_AFTER_US, LONGEST_NOTICE_US, MOST_HELD, STILL_SHORT_S, DecodeQueue, Shortage
from ingest.session_state import SessionState
from kernel.events import CameraState
from kernel.media import AccessUnit

START = datetime(2026, 1, 1, tzinfo=UTC)
STEP_US, STEP_PTS = 40_000, 3_600
GOP = 50


@dataclass
class Camera:
    """25 pictures a second, a keyframe every two seconds."""

    queue: DecodeQueue = field(default_factory=DecodeQueue)
    number: int = 0
    now_us: int = 1_000_000_000

    def send(self, next_look_us: int = 0, *, waited_for: bool = True, took_us: int = STEP_US) -> list[int]:
        """Numbers of the pictures decoded when the next one comes."""
        key = self.number % GOP == 0
        unit = AccessUnit(b"", self.number * STEP_PTS, self.number * STEP_PTS, self.number, key)
        self.now_us += took_us
        self.number += 1
        ready = self.queue.take(
            unit, begins_anew=key, waited_for=waited_for, now_us=self.now_us, next_look_us=next_look_us
        )
        return [one.arrived_at_us for one in ready]


def test_without_a_reader_that_says_when_it_looks_each_picture_is_decoded_at_once() -> None:
    camera = Camera()
    assert [camera.send() for _ in range(4)] == [[0], [1], [2], [3]]


def test_pictures_wait_for_the_last_one_before_the_next_look() -> None:
    camera = Camera()
    camera.send()
    camera.send()
    look_us = camera.now_us + 5 * STEP_US + 1_000
    assert [camera.send(look_us) for _ in range(7)] == [[], [], [], [], [2, 3, 4, 5, 6], [7], [8]]


def test_what_nobody_looked_at_before_a_keyframe_is_never_decoded() -> None:
    camera = Camera(number=GOP - 3)
    camera.send()
    camera.send()
    look_us = camera.now_us + 3 * STEP_US + 1_000
    assert [camera.send(look_us) for _ in range(3)] == [[], [], [GOP, GOP + 1]]
    assert camera.queue.passed_over == 0


def test_a_look_too_far_ahead_is_no_word_to_rely_on() -> None:
    """A reader that ended, or a clock that was set."""
    camera = Camera()
    camera.send()
    assert camera.send(camera.now_us + 2 * LONGEST_NOTICE_US) == [1]
    held = [len(camera.send(camera.now_us + LONGEST_NOTICE_US)) for _ in range(2 * MOST_HELD)]
    assert [count for count in held if count] == [MOST_HELD, MOST_HELD]


def test_who_does_not_keep_up_leaves_out_the_rest_of_the_gop_and_says_so() -> None:
    camera = Camera(number=3)
    camera.send()
    slow = [camera.send(waited_for=False, took_us=BEHIND_AFTER_US // 2) for _ in range(4)]
    assert slow == [[4], [], [], []]
    caught_up = [camera.send(waited_for=True) for _ in range(GOP - 8)]
    assert caught_up == [[]] * (GOP - 8)
    assert camera.queue.passed_over == GOP - 5
    assert [camera.send(waited_for=True) for _ in range(2)] == [[GOP], [GOP + 1]]


def test_a_burst_that_is_decoded_quickly_is_no_falling_behind() -> None:
    """A network that held pictures back for a second hands them on all at once."""
    camera = Camera(number=1)
    camera.send(took_us=1_000_000)
    burst = [camera.send(waited_for=False, took_us=4_000) for _ in range(25)]
    assert all(len(one) == 1 for one in burst)
    assert BEHIND_AFTER_US > 25 * 4_000
    assert camera.queue.passed_over == 0


def test_keyframes_are_decoded_however_short_the_processor_is() -> None:
    camera = Camera()
    decoded = [one for _ in range(3 * GOP) for one in camera.send(waited_for=False, took_us=BEHIND_AFTER_US // 2)]
    assert {0, GOP, 2 * GOP} <= set(decoded)
    assert len(decoded) <= 3 * 3


def test_a_clock_set_back_holds_nothing_up() -> None:
    camera = Camera(number=1)
    camera.send()
    camera.now_us -= 3_600_000_000
    assert [camera.send(waited_for=False) for _ in range(3)] == [[2], [3], [4]]


def test_a_short_processor_makes_one_change_of_state_and_not_one_a_second() -> None:
    """Regression: cameras went to and fro between streaming and degraded, each change a row in the store for good."""
    shortage, state = Shortage(), SessionState()
    state.packet(START)
    changes = []
    for second in range(600):
        passed_over = 7 * min(second // 3, 100)  # every three seconds, for five minutes
        change = state.assessed(START + timedelta(seconds=second), shortage.told(passed_over, float(second)))
        if change is not None:
            changes.append((second, change.state, change.detail))
    assert changes == [
        (3, CameraState.DEGRADED, "the processor is short: 7 pictures of the last second were passed over"),
        (300 + STILL_SHORT_S, CameraState.STREAMING, ""),
    ]


def test_a_clock_set_back_is_forgotten_once_it_falls_behind() -> None:
    """The hour that the clock was set back is no hour of grace."""
    camera = Camera(number=1)
    camera.send()
    camera.now_us -= 3_600_000_000
    late = [camera.send(waited_for=False, took_us=BEHIND_AFTER_US // 2) for _ in range(4)]
    assert late == [[2], [3], [], []]


def test_pictures_that_were_held_back_count_as_passed_over_with_the_rest() -> None:
    camera = Camera(number=1)
    camera.send()
    camera.send()
    look_us = camera.now_us + LONGEST_NOTICE_US
    assert [camera.send(look_us) for _ in range(3)] == [[], [], []]
    assert camera.send(look_us, waited_for=False, took_us=BEHIND_AFTER_US) == []
    assert camera.queue.passed_over == 4


def test_a_jump_of_the_times_tells_no_rhythm() -> None:
    """A camera's clock that is set makes no picture of a second's length, which nothing could be held back for."""
    camera = Camera()
    camera.send()
    camera.send()
    jumped = AccessUnit(b"", 10**9, 10**9, 99, keyframe=False, discontinuity=True)
    soon_us = camera.now_us + 3 * STEP_US
    ready = camera.queue.take(jumped, begins_anew=False, waited_for=True, now_us=camera.now_us, next_look_us=soon_us)
    assert ready == [], "the next one comes in time for that look"
