"""What an RTSP session offers: the video track of its description. Pure.

Source: RFC 4566; RFC 2326 appendix C.1 (control); RFC 6184 section 8.1 and RFC 7798 section 7.1 (parameter sets).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from ingest.annexb import START_CODE, VideoCodec

_CODECS = {"H264": VideoCodec.H264, "H265": VideoCodec.HEVC}
_PARAMETER_SETS = ("sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets")
_CLOCK_HZ = 90_000


class NoVideo(Exception):
    """No video track is described."""


class UnusualTrack(Exception):
    """A video track that FFmpeg is left to read; the text says why."""


@dataclass(frozen=True)
class VideoTrack:
    """A track of H.264 or H.265.

    Attributes:
        url: for SETUP.
        session_url: for PLAY and TEARDOWN.
        parameter_sets: Annex-B, empty where none are told.
        passed_over: video tracks before it that cannot be read, by what they are.
    """

    codec: VideoCodec
    payload_type: int
    url: str
    session_url: str
    parameter_sets: bytes
    passed_over: tuple[str, ...] = ()


@dataclass
class _Media:
    kind: str
    profile: str
    payload_type: int
    control: str = ""
    names: dict[int, str] = field(default_factory=dict)
    formats: dict[int, str] = field(default_factory=dict)


def video_track(description: str, base_url: str) -> VideoTrack:
    """The first video track that can be read here: behind a still picture's or metadata's may be the stream.

    Args:
        description: SDP.
        base_url: what addresses in it are relative to.

    Raises:
        NoVideo: there is none.
        UnusualTrack: none is understood here; why the first is not.
    """
    session_control, media = _parse(description)
    session_url = session_control if urlsplit(session_control).scheme else base_url
    problems: list[UnusualTrack] = []
    for video in media:
        if video.kind != "video":
            continue
        try:
            found = _read(video, session_url)
        except UnusualTrack as problem:
            problems.append(problem)
        else:
            return replace(found, passed_over=tuple(str(problem) for problem in problems))
    if problems:
        raise problems[0]
    raise NoVideo


def _read(video: _Media, session_url: str) -> VideoTrack:
    """One track of a description.

    Raises:
        UnusualTrack: it is nothing that is understood here.
    """
    name, _, clock = video.names.get(video.payload_type, "").partition("/")
    codec = _CODECS.get(name.upper())
    if codec is None or clock.partition("/")[0] != str(_CLOCK_HZ):
        raise UnusualTrack(f"video as {name or video.payload_type}")
    if video.profile not in ("RTP/AVP", "RTP/AVPF", "RTP/AVP/TCP"):
        raise UnusualTrack(f"profile {video.profile}")
    options = _options(video.formats.get(video.payload_type, ""))
    if options.get("packetization-mode") == "2" or options.get("sprop-max-don-diff", "0") != "0":
        raise UnusualTrack("interleaved NAL units")
    sets = b"".join(START_CODE + nal for key in _PARAMETER_SETS for nal in _decoded(options.get(key, "")))
    return VideoTrack(codec, video.payload_type, _resolved(session_url, video.control), session_url, sets)


def _parse(description: str) -> tuple[str, list[_Media]]:
    """The session's own control address, and its media."""
    session_control, media = "", list[_Media]()
    for line in description.splitlines():
        key, _, value = line.strip().partition("=")
        if key == "m":
            words = value.split()
            if len(words) >= 4 and words[3].isdigit():
                media.append(_Media(words[0], words[2], int(words[3])))
            else:  # what follows is told of it, and of no track before
                media.append(_Media("", "", 0))
        elif key == "a":
            name, _, text = value.partition(":")
            if name == "control" and not media:
                session_control = text.strip()
            elif media:
                _note(media[-1], name, text.strip())
    return session_control, media


def _note(media: _Media, name: str, text: str) -> None:
    if name == "control":
        media.control = text
    elif name in ("rtpmap", "fmtp"):
        number, _, rest = text.partition(" ")
        if number.isdigit():
            (media.names if name == "rtpmap" else media.formats)[int(number)] = rest.strip()


def _options(text: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in text.split(";"))
    return {key.strip().lower(): value.strip() for key, _, value in pairs if key}


def _decoded(text: str) -> list[bytes]:
    """NAL units in Base64, separated by commas; what is none is left out (keyframes carry them too)."""
    found = []
    for part in text.split(","):
        try:
            nal = base64.b64decode(part + "=" * (-len(part) % 4), validate=True)  # some leave the end out
        except binascii.Error:
            continue
        if nal:
            found.append(nal)
    return found


def _resolved(base_url: str, control: str) -> str:
    """An address of a description; a relative one is put behind the base as it stands, as FFmpeg does."""
    if control in ("", "*"):
        return base_url
    if urlsplit(control).scheme:
        return control
    return f"{base_url}{'' if base_url.endswith('/') else '/'}{control}"
