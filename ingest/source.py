"""One RTSP session by PyAV: opened with time-outs, read as packets, its errors told apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from typing import Protocol

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from ingest.address import CameraAddress
from ingest.annexb import VideoCodec
from ingest.assembly import CodedPicture
from kernel.clock import Clock
from kernel.config.camera import StreamConfig, Transport
from kernel.errors import LookoutError
from kernel.events import OfflineCause

# One packet is enough to know the codec, and a longer look delays every packet it looks at (they stay buffered until
# the session is open, then come all at once). Audio is never set up. `stimeout` is ignored since FFmpeg 5: PyAV's
# own time-outs interrupt open and read.
_OPTIONS = {"allowed_media_types": "video", "probesize": "32", "analyzeduration": "1", "fpsprobesize": "0"}
_UDP_OPTIONS = {"rtsp_transport": "udp", "max_delay": "200000", "buffer_size": str(4 << 20)}
_TCP_OPTIONS = {"rtsp_transport": "tcp"}


class SourceError(LookoutError):
    """A session could not be opened, or broke.

    Attributes:
        cause: why, as far as FFmpeg tells.
        ambiguous: FFmpeg reports several causes alike; a probe of the server may tell more.
        challenge_answered: the camera saw credentials, in a way it had asked for.
    """

    def __init__(
        self, cause: OfflineCause, detail: str, *, ambiguous: bool = False, challenge_answered: bool = False
    ) -> None:
        super().__init__(detail)
        self.cause = cause
        self.detail = detail
        self.ambiguous = ambiguous
        self.challenge_answered = challenge_answered


class PacketSource(Protocol):
    """An open session with one video stream that can be decoded."""

    @property
    def codec(self) -> VideoCodec: ...
    @property
    def extradata(self) -> bytes | None:
        """Parameter sets from the session description, Annex-B, if it has them."""
        ...

    @property
    def time_base(self) -> Fraction:
        """Unit of the packets' times."""
        ...

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height, (0, 0) where they are not known yet."""
        ...

    @property
    def has_b_frames(self) -> bool:
        """Whether the session says that pictures are reordered."""
        ...

    def packets(self) -> Iterator[CodedPicture]:
        """Packets as they arrive.

        Raises:
            SourceError: nothing came for read_timeout_s, or the session broke or ended.
        """
        ...

    def close(self) -> None:
        """Tear the session down."""
        ...


class RtspSource:
    """A session that FFmpeg's client reads: any transport, TLS, redirects."""

    def __init__(
        self, container: InputContainer, stream: VideoStream, codec: VideoCodec, read_timeout_s: float, clock: Clock
    ) -> None:
        self._container = container
        self._stream = stream
        self._read_timeout_s = read_timeout_s
        self._clock = clock
        self._codec = codec

    @property
    def codec(self) -> VideoCodec:
        """Of the stream."""
        return self._codec

    @classmethod
    def open(
        cls, address: CameraAddress, username: str, password: str, config: StreamConfig, clock: Clock
    ) -> RtspSource:
        """Open the session; blocks for up to twice open_timeout_s, without the GIL.

        Raises:
            SourceError: it did not open.
            AddressError: the credentials cannot be used.
        """
        url = address.with_credentials(username, password)
        options = _OPTIONS | (_UDP_OPTIONS if config.transport is Transport.UDP else _TCP_OPTIONS)
        started_s = clock.monotonic_s()
        try:
            container = av.open(url, "r", options=options, timeout=(config.open_timeout_s, config.read_timeout_s))
        except av.error.FFmpegError as error:
            timed_out = clock.monotonic_s() - started_s >= config.open_timeout_s  # FFmpeg often calls it invalid data
            raise open_failure(error, config.open_timeout_s if timed_out else None) from None  # its text shows the URL
        try:
            stream, codec = _video_of(container)
        except SourceError:
            container.close()
            raise
        return cls(container, stream, codec, config.read_timeout_s, clock)

    @property
    def extradata(self) -> bytes | None:
        """Parameter sets from the session description, Annex-B, if it has them."""
        return self._stream.codec_context.extradata

    @property
    def time_base(self) -> Fraction:
        """Unit of the packets' times."""
        return self._stream.time_base or Fraction(1, 90_000)

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height, (0, 0) where the first packet did not tell."""
        return self._stream.codec_context.width, self._stream.codec_context.height

    @property
    def has_b_frames(self) -> bool:
        """Whether the parameter sets announce reordering."""
        return bool(self._stream.codec_context.has_b_frames)

    def packets(self) -> Iterator[CodedPicture]:
        """Packets as they arrive.

        Raises:
            SourceError: nothing came for read_timeout_s, or the session broke or ended.
        """
        asked_s = self._clock.monotonic_s()
        try:
            for packet in self._container.demux(self._stream):
                if self._clock.monotonic_s() - asked_s >= self._read_timeout_s:
                    # not an arrival: FFmpeg's parser lets go of its last picture when the read is interrupted
                    raise SourceError(OfflineCause.NO_PACKETS, "connected, but no packets arrive")
                arrived_at_us = int(self._clock.now().timestamp() * 1e6)
                if packet.size:
                    yield CodedPicture(
                        bytes(packet), packet.pts, packet.dts, packet.is_keyframe, packet.is_corrupt, arrived_at_us
                    )
                asked_s = self._clock.monotonic_s()
        except av.error.ExitError:
            raise SourceError(OfflineCause.NO_PACKETS, "connected, but no packets arrive") from None
        except av.error.FFmpegError as error:
            raise SourceError(OfflineCause.CLOSED_BY_CAMERA, f"the session broke: {error.strerror}") from None
        raise SourceError(OfflineCause.CLOSED_BY_CAMERA, "the camera ended the session")

    def close(self) -> None:
        """Tear the session down."""
        self._container.close()


def open_failure(error: av.error.FFmpegError, timed_out_s: float | None) -> SourceError:
    """What FFmpeg's error on opening means. Its own text is not used: it names the URL with the credentials.

    Args:
        error: as raised by PyAV.
        timed_out_s: the time allowed, where it was used up.
    """
    if isinstance(error, av.error.HTTPUnauthorizedError):
        return SourceError(OfflineCause.WRONG_PASSWORD, "the camera refuses user name or password", ambiguous=True)
    if isinstance(error, av.error.HTTPForbiddenError):
        return SourceError(OfflineCause.WRONG_PASSWORD, "the camera forbids this user the stream")
    if isinstance(error, av.error.HTTPNotFoundError):
        return SourceError(OfflineCause.NO_SUCH_STREAM, "the camera knows no stream of that path")
    if isinstance(error, av.error.HTTPError):
        return SourceError(OfflineCause.SERVER_ERROR, f"the camera answers with an error: {error.strerror}")
    if isinstance(error, av.error.ConnectionRefusedError):
        return SourceError(OfflineCause.REFUSED, "connection refused")
    if timed_out_s is not None:
        return SourceError(OfflineCause.OPEN_TIMED_OUT, f"no session within {timed_out_s:g} s", ambiguous=True)
    return SourceError(OfflineCause.SERVER_ERROR, f"the session did not open: {error.strerror}", ambiguous=True)


def _video_of(container: InputContainer) -> tuple[VideoStream, VideoCodec]:
    if not container.streams.video:
        raise SourceError(OfflineCause.NO_VIDEO, "the session has no video track")
    names: list[str] = []
    for stream in container.streams.video:
        if stream.codec_context is None:
            continue
        names.append(stream.codec_context.name)
        with suppress(ValueError):
            return stream, VideoCodec(names[-1])
    if not names:
        raise SourceError(OfflineCause.NOT_DECODABLE, "the video is in an unknown format; set H.264 or H.265")
    raise SourceError(
        OfflineCause.NOT_DECODABLE, f"the video is {', '.join(names)}, not H.264 or H.265; change it at the camera"
    )
