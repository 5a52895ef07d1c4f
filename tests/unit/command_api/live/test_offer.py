"""Only offers that can be answered get an answer."""

from __future__ import annotations

import pytest

from command_api.live.offer import LARGEST_OFFER_BYTES, check_channel_offer, check_video_offer
from command_api.live.problems import OfferRejectedError, OfferTooLargeError

HEAD = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
TRANSPORT = (
    "c=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
    "a=fingerprint:sha-256 " + ":".join(["AB"] * 32) + "\r\na=setup:actpass\r\n"
)


def video(mid: int = 0, direction: str = "recvonly", codec: str = "H264") -> str:
    return (
        f"m=video 9 UDP/TLS/RTP/SAVPF 96\r\n{TRANSPORT}a=mid:{mid}\r\na={direction}\r\na=rtcp-mux\r\n"
        f"a=rtpmap:96 {codec}/90000\r\na=fmtp:96 packetization-mode=1;profile-level-id=42e01f\r\n"
    )


CHANNEL = f"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n{TRANSPORT}a=mid:0\r\na=sctp-port:5000\r\n"


def test_a_plain_whep_offer_is_taken() -> None:
    assert "m=video" in check_video_offer((HEAD + video()).encode())


@pytest.mark.parametrize("sections", [video() + CHANNEL, CHANNEL + video()], ids=["after", "before"])
def test_a_channel_for_the_age_of_the_picture_may_come_with_it(sections: str) -> None:
    assert "m=application" in check_video_offer((HEAD + sections).encode())


def test_candidates_only_the_browsers_host_can_resolve_are_taken_out() -> None:
    lines = (
        "a=candidate:1 1 udp 2113937151 0f1e-2d3c.local 50000 typ host\r\n"
        "a=candidate:2 1 udp 2113937151 192.0.2.7 50001 typ host\r\na=end-of-candidates\r\n"
    )
    text = check_video_offer((HEAD + video() + lines).encode())
    assert ".local" not in text
    assert "192.0.2.7" in text
    assert "end-of-candidates" not in text


@pytest.mark.parametrize(
    ("offer", "words"),
    [
        pytest.param(b"\xff\xfe", "UTF-8", id="bytes"),
        pytest.param(b"hello", "v=0", id="not SDP"),
        pytest.param(HEAD.encode(), "exactly one video", id="no media"),
        pytest.param((HEAD + video() + video(1)).encode(), "video, video", id="two videos"),
        pytest.param((HEAD + CHANNEL).encode(), "application", id="data channel"),
        pytest.param((HEAD + video() + CHANNEL + CHANNEL).encode(), "application, app", id="two data channels"),
        pytest.param((HEAD + video(direction="sendonly")).encode(), "sendonly", id="sends"),
        pytest.param((HEAD + video(codec="VP8")).encode(), "H.264", id="no H.264"),
        pytest.param((HEAD + video()).replace("a=ice-pwd", "a=x").encode(), "ICE", id="no ICE password"),
        pytest.param((HEAD + video()).replace("a=fingerprint", "a=x").encode(), "fingerprint", id="no fingerprint"),
        pytest.param((HEAD + "m=video x\r\n").encode(), "parsed", id="broken m-line"),
    ],
)
def test_what_is_no_viewers_offer_is_refused(offer: bytes, words: str) -> None:
    with pytest.raises(OfferRejectedError, match=words):
        check_video_offer(offer)


def test_an_offer_without_end_is_refused() -> None:
    with pytest.raises(OfferTooLargeError):
        check_video_offer(b"v=0" + b"a" * LARGEST_OFFER_BYTES)


def test_a_data_channel_offer_is_taken_and_a_video_refused_in_its_place() -> None:
    assert "webrtc-datachannel" in check_channel_offer((HEAD + CHANNEL).encode())
    with pytest.raises(OfferRejectedError, match="data-channel"):
        check_channel_offer((HEAD + video()).encode())
