from __future__ import annotations

from dataclasses import replace

from ingest.annexb import START_CODE, VideoCodec
from ingest.assembly import TRIAL_KEYFRAMES, CodedPicture, PictureAssembler
from kernel.media import LARGEST_ACCESS_UNIT_BYTES

SETS = START_CODE + b"\x67sps" + START_CODE + b"\x68pps"


def picture(number: int, *, keyframe: bool = False, pts: int | None = 0) -> CodedPicture:
    head = SETS + START_CODE + b"\x65\x88" if keyframe else START_CODE + b"\x41\x9a"
    return CodedPicture(head + b"%d" % number, pts, pts, keyframe, damaged=False, arrived_at_us=number)


def rest(number: int, pts: int | None = 0) -> CodedPicture:
    payload = SETS + START_CODE + b"\x65\x40" + b"%d" % number
    return CodedPicture(payload, pts, pts, keyframe=True, damaged=False, arrived_at_us=number)


def fed(assembler: PictureAssembler, *pieces: CodedPicture) -> list[CodedPicture]:
    return [whole for piece in pieces for whole in assembler.feed(piece)]


def test_keyframes_in_pieces_become_one_picture_from_the_first_one_on() -> None:
    assembler = PictureAssembler(VideoCodec.H264)
    begin, end = picture(1, keyframe=True, pts=None), rest(2, pts=9)
    got = fed(assembler, begin, end, picture(3), picture(4))
    assert [whole.payload for whole in got] == [begin.payload + end.payload, picture(3).payload]
    assert (got[0].pts, got[0].arrived_at_us, got[0].keyframe, got[0].damaged) == (9, 2, True, False)
    assert assembler.joins


def test_whole_keyframes_wait_only_during_the_trial() -> None:
    assembler = PictureAssembler(VideoCodec.H264)
    for trial in range(TRIAL_KEYFRAMES):
        key, following = picture(10 * trial, keyframe=True), picture(10 * trial + 1)
        assert fed(assembler, key) == []
        assert fed(assembler, following) == [key, following]
    key = picture(99, keyframe=True)
    assert fed(assembler, key) == [key]


def test_a_piece_that_turns_up_later_is_damaged_and_the_next_ones_are_joined() -> None:
    assembler = PictureAssembler(VideoCodec.H264)
    for trial in range(TRIAL_KEYFRAMES):
        fed(assembler, picture(10 * trial, keyframe=True), picture(10 * trial + 1))
    fed(assembler, picture(50, keyframe=True))
    (late,) = fed(assembler, rest(51))
    assert late.damaged
    begin, end = picture(60, keyframe=True), rest(61)
    assert [whole.payload for whole in fed(assembler, begin, end, picture(62))] == [begin.payload + end.payload]


def test_nothing_is_lost_or_doubled() -> None:
    assembler = PictureAssembler(VideoCodec.H264)
    pieces = [picture(n, keyframe=n % 5 == 0) for n in range(40)]
    assert fed(assembler, *pieces) == pieces


def test_picture_without_an_end_takes_no_room_without_end() -> None:
    assembler = PictureAssembler(VideoCodec.H264)
    begin = picture(1, keyframe=True)
    piece = replace(rest(2), payload=rest(2).payload + bytes(1 << 20))
    got = fed(assembler, begin, *[piece] * 40)
    assert all(whole.damaged for whole in got)
    assert max(len(whole.payload) for whole in got) <= LARGEST_ACCESS_UNIT_BYTES
    assert fed(assembler, picture(5, keyframe=True), picture(6)) == [picture(5, keyframe=True)]
