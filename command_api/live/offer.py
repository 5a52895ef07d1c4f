"""Validation of WebRTC offers before any connection is made for them (draft-ietf-wish-whep, RFC 8829); pure.

aiortc answers almost any text with 201, so what is not a WHEP or data-channel offer is refused here.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiortc.sdp import MediaDescription, SessionDescription

from command_api.live.problems import OfferRejectedError, OfferTooLargeError

LARGEST_OFFER_BYTES = 64 << 10
_MDNS_SUFFIX = ".local"


def check_video_offer(raw: bytes) -> str:
    """The offer of a viewer who wants one camera's picture, and may want a channel that tells its age (capture.py).

    Returns:
        The SDP with the candidates that only the browser's own host could resolve taken out (RFC 8445 section 7.3.1.3:
        its checks tell us its address), so that it can be answered at once.

    Raises:
        OfferTooLargeError, OfferRejectedError: not one recvonly video section that takes H.264, with at most one
            data-channel section.
    """
    text, media = _parse(raw)
    if sorted(section.kind for section in media) not in (["video"], ["application", "video"]):
        raise OfferRejectedError(f"expected exactly one video section, got {_kinds(media)}")
    video = next(section for section in media if section.kind == "video")
    if video.direction not in ("recvonly", "sendrecv"):
        raise OfferRejectedError(f"the video section is {video.direction}; it must be recvonly")
    if not any(codec.mimeType.lower() == "video/h264" for codec in video.rtp.codecs):
        raise OfferRejectedError("the offer has no H.264, the codec live pictures are sent in")
    return _without_mdns_candidates(text)


def check_channel_offer(raw: bytes) -> str:
    """The offer of a page that wants events on a data channel; returns and raises like `check_video_offer`."""
    text, media = _parse(raw)
    if [section.kind for section in media] != ["application"]:
        raise OfferRejectedError(f"expected exactly one data-channel section, got {_kinds(media)}")
    return _without_mdns_candidates(text)


def _parse(raw: bytes) -> tuple[str, Sequence[MediaDescription]]:
    if len(raw) > LARGEST_OFFER_BYTES:
        raise OfferTooLargeError(LARGEST_OFFER_BYTES)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise OfferRejectedError("the offer is not UTF-8 text") from error
    if not text.startswith("v=0"):
        raise OfferRejectedError("the offer does not begin with v=0")
    try:
        description = SessionDescription.parse(text)
    except (ValueError, IndexError, KeyError, AssertionError, AttributeError, TypeError) as error:
        raise OfferRejectedError(f"the offer cannot be parsed ({type(error).__name__})") from error
    for section in description.media:
        if section.ice is None or not section.ice.usernameFragment or not section.ice.password:
            raise OfferRejectedError("the offer lacks ICE credentials")
        if section.dtls is None or not section.dtls.fingerprints:
            raise OfferRejectedError("the offer lacks a DTLS fingerprint")
    return text, description.media


def _kinds(media: Sequence[MediaDescription]) -> str:
    return ", ".join(section.kind for section in media) or "none"


def _without_mdns_candidates(text: str) -> str:
    kept = [
        line
        for line in text.splitlines()
        if not (line.startswith("a=candidate:") and _is_mdns(line)) and line != "a=end-of-candidates"
    ]
    return "\r\n".join(kept) + "\r\n"


def _is_mdns(candidate_line: str) -> bool:
    fields = candidate_line.split()
    return len(fields) > 4 and fields[4].endswith(_MDNS_SUFFIX)
