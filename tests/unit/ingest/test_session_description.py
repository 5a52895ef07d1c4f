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


def test_tracks_around_the_video_keep_their_addresses_to_themselves() -> None:
    """ONVIF metadata in front, and behind it media of a kind that is not understood."""
    metadata = "m=application 0 RTP/AVP 107\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\na=control:track0\r\n"
    told = h264("a=control:track1").replace("m=video", metadata + "m=video")
    told += "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=control:track2\r\nm=audio\r\na=control:track3\r\n"
    assert video_track(told, BASE).url == f"{BASE}track1"
    unknown_first = told.replace("m=application 0 RTP/AVP 107", "m=application 0 TCP whatever")
    assert video_track(unknown_first, BASE).session_url == BASE


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


def test_a_track_comes_behind_the_query_of_its_session() -> None:
    """As FFmpeg puts it, and cameras of Dahua's kind want it."""
    told = h264("a=control:trackID=0")
    for base in ("rtsp://[fe80::1]/cam/realmonitor?channel=1&subtype=0", "rtsp://10.0.0.9/cam?channel=1&subtype=0/"):
        assert video_track(told, base).url == f"{base.removesuffix('/')}/trackID=0"


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


def test_of_several_video_tracks_the_first_that_can_be_read_is_taken() -> None:
    """A still picture's track, metadata that calls itself video, and an encrypted one stand in front."""
    jpeg = "m=video 0 RTP/AVP 26\r\na=control:track0\r\n"
    metadata = "m=video 0 RTP/AVP 107\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\na=control:track2\r\n"
    locked = "m=video 0 RTP/SAVP 97\r\na=rtpmap:97 H264/90000\r\na=control:track3\r\n"
    told = h264("a=control:track1").replace("m=video", f"{jpeg}{metadata}{locked}m=video", 1)
    track = video_track(told + jpeg, BASE)
    assert (track.url, track.codec) == (f"{BASE}track1", VideoCodec.H264)
    assert track.passed_over == ("video as 26", "video as vnd.onvif.metadata", "profile RTP/SAVP")
    with pytest.raises(UnusualTrack, match="26"):
        video_track(HEAD + jpeg + metadata, BASE)


def test_the_first_of_two_streams_is_taken() -> None:
    second = "m=video 0 RTP/AVP 98\r\na=rtpmap:98 H265/90000\r\na=control:track2\r\n"
    track = video_track(h264("a=control:track1") + second, BASE)
    assert (track.url, track.passed_over) == (f"{BASE}track1", ())


def test_parameter_sets_that_are_none_are_left_out() -> None:
    for told in ("Z1Q=,!!,", "Z1Q,Z"):
        track = video_track(h264(f"a=fmtp:96 sprop-parameter-sets={told}"), BASE)
        assert track.parameter_sets == START_CODE + b"gT"
