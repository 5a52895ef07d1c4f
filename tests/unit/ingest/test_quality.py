from __future__ import annotations

from ingest.quality import Quality, StreamMeter
from kernel.events import OfflineCause


def run(meter: StreamMeter, from_s: float, to_s: float, fps: float, error_every: int = 0, pictures: int = 1) -> Quality:
    """Feed packets of 1000 bytes and judge once a second; the last answer."""
    quality = meter.assess(from_s)
    count = round((to_s - from_s) * fps)
    judged_s = from_s
    for number in range(1, count + 1):
        now_s = from_s + number / fps
        meter.packet(now_s, 1000, errors=int(bool(error_every) and number % error_every == 0))
        meter.decoding(now_s, pictures)
        if now_s >= judged_s + 1:
            judged_s = now_s
            quality = meter.assess(now_s)
    return quality


def test_a_steady_stream_has_its_rates_and_no_problem() -> None:
    quality = run(StreamMeter(0.0), 0, 30, 15)
    assert abs(quality.fps - 15) < 0.5
    assert abs(quality.bitrate_bits_s - 15 * 8000) < 4000
    assert quality.problem == ""


def test_half_of_the_frames_missing_is_a_problem_until_they_are_back() -> None:
    meter = StreamMeter(0.0)
    run(meter, 0, 30, 15)
    slow = run(meter, 30, 38, 5)
    assert "instead of about" in slow.problem
    assert slow.cause is OfflineCause.NONE
    assert run(meter, 38, 50, 15).problem == ""


def test_a_slower_rate_that_stays_becomes_normal() -> None:
    meter = StreamMeter(0.0)
    run(meter, 0, 60, 25)
    assert run(meter, 60, 70, 8).problem
    assert run(meter, 70, 300, 8).problem == ""


def test_pictures_that_do_not_decode_are_a_problem_with_its_cause() -> None:
    quality = run(StreamMeter(0.0), 0, 10, 15, error_every=5)
    assert quality.cause is OfflineCause.NOT_DECODABLE
    assert "20%" in quality.problem
    assert run(StreamMeter(0.0), 0, 10, 15, error_every=60).problem == ""


def test_packets_without_any_picture_are_undecodable_after_two_windows() -> None:
    meter = StreamMeter(0.0)
    assert not run(meter, 0, 8, 15, pictures=0).undecodable
    assert run(meter, 8, 12, 15, pictures=0).undecodable


def test_a_stream_that_is_not_decoded_is_never_undecodable() -> None:
    meter = StreamMeter(0.0)
    for number in range(300):
        meter.packet(number / 15, 1000, errors=0)
    assert not meter.assess(20.0).undecodable


def test_a_wait_for_a_picture_ends_with_the_picture() -> None:
    meter = StreamMeter(0.0)
    run(meter, 0, 8, 15, pictures=0)
    assert not run(meter, 8, 30, 15).undecodable
