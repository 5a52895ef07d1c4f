from __future__ import annotations

import pytest

from ingest.annexb import START_CODE, VideoCodec
from ingest.session_description import NoVideo, UnusualTrack, VideoTrack, video_track

BASE = "rtsp://camera/live/"
HEAD = "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=x\r\nt=0 0\r\na=control:*\r\n"


def h264(*lines: str, first: str = "m=video 0 RTP/AVP 96", name: str = "96 H264/90000") -> str:
    return HEAD + "\r\n".join([first, f"a=rtpmap:{name}", *lines, ""])


def test_a_camera_with_sound_has_its_video_found() -> None:
    audio = "m=audio 0 RTP/AVP 8\r\na=control:track0\r\n"
    told = h264(
        "a=fmtp:96 packetization-mode=1; profile-level-id=4D; sprop-parameter-sets=Z1Q=,aFQ=", "a=control:track1"
    )
    assert video_track(told.replace("m=video", audio + "m=video"), BASE) == VideoTrack(
        VideoCodec.H264, 96, f"{BASE}track1", BASE, START_CODE + b"gT" + START_CODE + b"hT"
    )


def test_hevc_tells_its_sets_apart() -> None:
    told = h264(
        "a=fmtp:98 sprop-pps=RAE=;sprop-sps=QgE=;sprop-vps=QAE=", first="m=video 0 RTP/AVP 98", name="98 h265/90000"
    )
    track = video_track(told, "rtsp://camera/live?channel=1")
    assert track.codec is VideoCodec.HEVC
    assert track.parameter_sets == START_CODE + b"@\x01" + START_CODE + b"B\x01" + START_CODE + b"D\x01"
    assert track.url == track.session_url == "rtsp://camera/live?channel=1"


@pytest.mark.parametrize(
    ("control", "url"),
    [
        ("trackID=0", "rtsp://camera/live/trackID=0"),
        ("rtsp://10.0.0.9/other/track", "rtsp://10.0.0.9/other/track"),
        ("*", BASE),
    ],
)
def test_control_addresses(control: str, url: str) -> None:
    assert video_track(h264(f"a=control:{control}"), BASE).url == url


def test_a_session_may_have_an_address_of_its_own() -> None:
    told = h264("a=control:track1").replace("a=control:*", "a=control:rtsp://10.0.0.9/s")
    track = video_track(told, BASE)
    assert (track.session_url, track.url) == ("rtsp://10.0.0.9/s", "rtsp://10.0.0.9/s/track1")


def test_no_video() -> None:
    for told in (HEAD + "m=audio 0 RTP/AVP 8\r\n", "this is no description", ""):
        with pytest.raises(NoVideo):
            video_track(told, BASE)


@pytest.mark.parametrize(
    "told",
    [
        HEAD + "m=video 0 RTP/AVP 26\r\n",
        h264(name="96 VP8/90000"),
        h264(name="96 H264/1000"),
        h264(first="m=video 0 RTP/SAVP 96"),
        h264("a=fmtp:96 packetization-mode=2"),
        h264("a=fmtp:96 sprop-max-don-diff=2", name="96 H265/90000"),
    ],
)
def test_what_is_not_understood_is_left_to_ffmpeg(told: str) -> None:
    with pytest.raises(UnusualTrack):
        video_track(told, BASE)


def test_parameter_sets_that_are_none_are_left_out() -> None:
    assert video_track(h264("a=fmtp:96 sprop-parameter-sets=Z1Q=,!!,"), BASE).parameter_sets == START_CODE + b"gT"
