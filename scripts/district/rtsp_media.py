"""What a path of the server plays: a loop of packets on a clock that never turns back, its SDP, its quirks."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass

from scripts.district.rtp_packets import CLOCK_HZ, VIDEO_TYPE, PacketizedUnit, packetized, parameter_sets
from scripts.district.rtsp_auth import Scheme
from scripts.district.video_file import AccessUnit, VideoHeader

AUDIO_TYPE = 8
AUDIO_HZ = 8000


@dataclass(frozen=True)
class Quirks:
    """How a path differs from a well-behaved camera.

    describe_delay_s: the answer to DESCRIBE takes this long. missing_first: so many DESCRIBEs are answered 404.
    redirect_to: DESCRIBE is answered `redirect_status` with this Location. sdp: "video", "audio" (only) or "garbage".
    audio: a PCMA track beside the video.
    """

    scheme: Scheme = Scheme.DIGEST
    describe_delay_s: float = 0.0
    missing_first: int = 0
    redirect_to: str = ""
    redirect_status: int = 302
    sdp: str = "video"
    audio: bool = False


class Loop:
    """Packets of one encoded loop; frame numbers count on for ever and wrap inside."""

    def __init__(self, header: VideoHeader, units: list[AccessUnit], ssrc: int) -> None:
        self.header, self.ssrc = header, ssrc
        self.first_keyframe = units[0]
        self.units: tuple[PacketizedUnit, ...] = tuple(packetized(unit, header.codec, ssrc) for unit in units)

    def unit(self, frame: int) -> PacketizedUnit:
        return self.units[frame % len(self.units)]

    @property
    def ticks_per_frame(self) -> int:
        return CLOCK_HZ // self.header.fps


@dataclass
class MediaPath:
    """A path such as cam-01 or cam-01/sub and its loops; `frozen` and `covered` stand in during a fault.

    Paths of one server may begin at another frame of their loop, and send their frames so much later than others.
    """

    name: str
    camera_id: str
    stream: str
    loop: Loop
    quirks: Quirks = Quirks()
    frozen: Loop | None = None
    covered: Loop | None = None
    first_frame: int = 0
    phase_s: float = 0.0

    def sdp(self, host: str) -> bytes:
        """The session description (RFC 8866)."""
        if self.quirks.sdp == "garbage":
            return b"this is not a session description\r\n"
        lines = [
            "v=0",
            f"o=- {zlib.crc32(self.name.encode())} 1 IN IP4 {host}",
            f"s={self.name}",
            f"c=IN IP4 {host}",
            "t=0 0",
        ]
        lines += ["a=control:*", "a=range:npt=now-"]
        if self.quirks.sdp == "video":
            lines += self._video()
        if self.quirks.audio or self.quirks.sdp == "audio":
            lines += [
                f"m=audio 0 RTP/AVP {AUDIO_TYPE}",
                f"a=rtpmap:{AUDIO_TYPE} PCMA/{AUDIO_HZ}",
                "a=control:trackID=1",
            ]
        return ("\r\n".join(lines) + "\r\n").encode()

    def _video(self) -> list[str]:
        header = self.loop.header
        sets = [base64.b64encode(nal).decode() for nal in parameter_sets(self.loop.first_keyframe, header.codec)]
        if header.codec == "hevc":
            names = ("sprop-vps", "sprop-sps", "sprop-pps")
            format_line = "; ".join(f"{name}={value}" for name, value in zip(names, sets, strict=True))
            encoding = "H265"
        else:
            profile = parameter_sets(self.loop.first_keyframe, header.codec)[0][1:4].hex().upper()
            format_line = f"packetization-mode=1; profile-level-id={profile}; sprop-parameter-sets={','.join(sets)}"
            encoding = "H264"
        return [
            f"m=video 0 RTP/AVP {VIDEO_TYPE}",
            f"a=rtpmap:{VIDEO_TYPE} {encoding}/{CLOCK_HZ}",
            f"a=fmtp:{VIDEO_TYPE} {format_line}",
            f"a=framerate:{header.fps}",
            f"a=x-dimensions:{header.width_px},{header.height_px}",
            "a=control:trackID=0",
        ]
