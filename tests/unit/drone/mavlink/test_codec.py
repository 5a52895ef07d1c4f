"""Frames out of good, broken and foreign bytes; pymavlink's own parser is the reference on good ones."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drone.mavlink.codec import Codec
from drone.mavlink.dialect import Message, mavlink
from drone.mavlink.signing import (
    BadSigningKey,
    ClockBehind,
    SigningKey,
    TimestampReservation,
    signing_key,
    timestamp_of,
)
from kernel.errors import CannotRunError

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
KEY = bytes(range(32))


def _position(n: int) -> Message:
    return mavlink.MAVLink_global_position_int_message(n, 417694312 + n, 1099700155, 1_612_000, 60_000, 1, -2, 3, 9000)


def _vehicle_bytes(count: int, system: int = 1) -> list[bytes]:
    codec = Codec(system, component=1)
    return [codec.pack(_position(n), NOW) for n in range(count)]


def _times(codec: Codec, chunk: bytes, is_datagram: bool = False) -> list[int]:
    return [received.message.time_boot_ms for received in codec.feed(chunk, is_datagram)]


def test_what_we_send_is_mavlink_2_and_pymavlink_reads_it() -> None:
    reference = mavlink.MAVLink(None)
    frames = b"".join(_vehicle_bytes(3))
    assert frames[0] == 0xFD
    messages = reference.parse_buffer(frames)
    assert messages is not None
    assert [message.time_boot_ms for message in messages] == [0, 1, 2]
    assert [message.get_seq() for message in messages] == [0, 1, 2]


def test_mavlink_1_is_read_too() -> None:
    sender = mavlink.MAVLink(None, srcSystem=7, srcComponent=1)
    [received] = Codec(255).feed(bytes(_position(5).pack(sender, force_mavlink1=True)))
    assert (received.message.time_boot_ms, received.message.get_srcSystem()) == (5, 7)


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), most=st.integers(1, 80))
def test_frames_in_any_pieces_come_out_whole_and_once(seed: int, most: int) -> None:
    rng = random.Random(seed)
    stream, codec, got = b"".join(_vehicle_bytes(12)), Codec(255), []
    while stream:
        size = rng.randint(1, most)
        got += _times(codec, stream[:size])
        stream = stream[size:]
    assert got == list(range(12))
    assert codec.statistics.junk_bytes == 0


@settings(deadline=None)
@given(junk=st.lists(st.binary(max_size=60), min_size=4, max_size=4))
def test_junk_between_frames_costs_no_frame(junk: list[bytes]) -> None:
    frames = _vehicle_bytes(4)
    codec = Codec(255)
    got = _times(codec, b"".join(part for pair in zip(junk, frames, strict=True) for part in pair))
    assert got == [0, 1, 2, 3]


@settings(deadline=None)
@given(at=st.integers(0, 39), flip=st.integers(1, 255))
def test_a_broken_frame_costs_itself_only(at: int, flip: int) -> None:
    frames = _vehicle_bytes(3)
    broken = bytearray(frames[1])
    broken[at % len(broken)] ^= flip
    got = _times(Codec(255), frames[0] + bytes(broken) + frames[2])
    assert got[0] == 0
    assert got[-1] == 2
    assert len(got) <= 3


def test_a_stray_start_byte_does_not_hold_up_what_follows() -> None:
    """pymavlink waits for as many bytes as the stray header claims: 280 of them, minutes of heartbeats."""
    stray = bytes((0xFD, 255, 0, 0, 0, 1, 1, 0, 0, 0))
    codec = Codec(255)
    assert _times(codec, stray + _vehicle_bytes(1)[0]) == [0]
    assert codec.statistics.junk_bytes == len(stray)


def test_a_datagram_that_is_a_frame_ends_a_cut_one() -> None:
    cut, whole = _vehicle_bytes(2)
    codec = Codec(255)
    assert _times(codec, cut[:-3], is_datagram=True) == []
    assert _times(codec, whole, is_datagram=True) == [1]
    assert codec.statistics.junk_bytes == len(cut) - 3


def test_a_frame_split_over_two_datagrams_is_joined() -> None:
    frame = _vehicle_bytes(1)[0]
    codec = Codec(255)
    assert _times(codec, frame[:20], is_datagram=True) == []
    assert _times(codec, frame[20:], is_datagram=True) == [0]


def test_endless_junk_is_not_kept() -> None:
    codec = Codec(255)
    for _ in range(40):
        codec.feed(bytes((0xFD,)) * 500)
    assert len(codec._waiting) <= 4096


def _signed_codec(path: Path, now: datetime = NOW, system: int = 1, key: bytes = KEY) -> Codec:
    return Codec(system, 1, key, TimestampReservation(path, now))


def test_signed_packets_are_taken_unsigned_and_foreign_ones_are_not(tmp_path: Path) -> None:
    ours = _signed_codec(tmp_path / "ours", system=255)
    vehicle, stranger = _signed_codec(tmp_path / "vehicle"), _signed_codec(tmp_path / "other", key=bytes(32))
    assert _times(ours, vehicle.pack(_position(1), NOW)) == [1]
    assert _times(ours, stranger.pack(_position(2), NOW)) == []
    assert _times(ours, _vehicle_bytes(1)[0]) == []
    assert ours.statistics.rejected_frames == 2


def test_a_replayed_packet_is_refused(tmp_path: Path) -> None:
    ours, vehicle = _signed_codec(tmp_path / "ours", system=255), _signed_codec(tmp_path / "vehicle")
    packet = vehicle.pack(_position(1), NOW)
    assert _times(ours, packet) == [1]
    assert _times(ours, packet) == []


def test_a_stream_more_than_a_minute_behind_is_refused(tmp_path: Path) -> None:
    ours = _signed_codec(tmp_path / "ours", system=255)
    late = NOW - timedelta(seconds=61)
    assert _times(ours, _signed_codec(tmp_path / "late", late).pack(_position(1), late)) == []
    close = NOW - timedelta(seconds=55)
    assert _times(ours, _signed_codec(tmp_path / "close", close, system=2).pack(_position(2), close)) == [2]


def test_timestamps_rise_across_restarts_and_a_stopped_clock(tmp_path: Path) -> None:
    path = tmp_path / "timestamps"
    first = TimestampReservation(path, NOW)
    used = [first.take(NOW) for _ in range(5)]
    assert used == sorted(set(used))
    again = TimestampReservation(path, NOW + timedelta(seconds=1))
    assert again.take(NOW) > used[-1]


def test_the_reservation_is_extended_before_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "timestamps"
    first = TimestampReservation(path, NOW)
    last = first.take(NOW + timedelta(seconds=200))
    assert TimestampReservation(path, NOW + timedelta(seconds=201)).take(NOW) > last


def test_a_clock_far_behind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "timestamps"
    TimestampReservation(path, NOW)
    TimestampReservation(path, NOW - timedelta(seconds=30))
    with pytest.raises(ClockBehind, match="set the machine's clock"):
        TimestampReservation(path, NOW - timedelta(hours=1))
    path.write_text("soon")
    with pytest.raises(CannotRunError, match="repair or remove"):
        TimestampReservation(path, NOW)


def test_a_key_is_64_digits_and_is_never_shown(tmp_path: Path) -> None:
    assert signing_key("00" * 32 + "\n") == bytes(32)
    with pytest.raises(BadSigningKey) as caught:
        signing_key("secret-word")
    assert "secret-word" not in str(caught.value)
    assert repr(KEY) not in repr(SigningKey(KEY, tmp_path))
    assert timestamp_of(datetime(2015, 1, 1, 0, 0, 1, tzinfo=UTC)) == 100_000
