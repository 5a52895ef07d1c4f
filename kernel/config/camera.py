"""A camera of the register: where it stands, whose it is, how it is reached, what it watches for."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator

from kernel.config.base import Identifier, PicturePoint, PositiveSeconds, Section, described
from kernel.config.earth import Datum as Datum
from kernel.config.rules import RuleConfig, ZoneConfig

NO_TILES, AUTO_TILES = "off", "auto"
MOST_TILES = 16


class StreamRole(StrEnum):
    """What a stream is used for."""

    ANALYSE = "analyse"
    LIVE = "live"
    RECORD = "record"


class Transport(StrEnum):
    """How RTP travels."""

    TCP = "tcp"
    UDP = "udp"


class DecodeWith(StrEnum):
    """What decodes a camera's pictures."""

    AUTO = "auto"
    CUDA = "cuda"
    VAAPI = "vaapi"
    CPU = "cpu"


class RtspClient(StrEnum):
    """What speaks RTSP with cameras."""

    AUTO = "auto"
    FFMPEG = "ffmpeg"


class LoopFilter(StrEnum):
    """When the CPU decodes with the loop filter."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class StreamName(StrEnum):
    """The two streams a camera can have."""

    MAIN = "main"
    SUB = "sub"


class StreamConfig(Section):
    """One RTSP stream of a camera; it has a session and a state of its own."""

    url: str = described("rtsp:// or rtsps:// address, without user name and password.", pattern=r"^rtsps?://.+")
    transport: Transport = described("tcp (default) or udp.", Transport.TCP)
    roles: tuple[StreamRole, ...] = described(
        "What the stream is used for: analyse, live, record.",
        (StreamRole.ANALYSE, StreamRole.LIVE, StreamRole.RECORD),
        min_length=1,
    )
    open_timeout_s: PositiveSeconds = described("Longest wait for the session to open.", 10.0)
    read_timeout_s: PositiveSeconds = described("Without a packet for this long the stream counts as stalled.", 5.0)


class StreamsConfig(Section):
    """The camera's streams."""

    main: StreamConfig = described("Full-size stream.")
    sub: StreamConfig | None = described("Smaller stream, for analysis or for many tiles.", None)

    @model_validator(mode="after")
    def _one_stream_per_role(self) -> Self:
        names = self.by_name()
        for role in StreamRole:
            holders = [name for name, stream in names.items() if role in stream.roles]
            if role is not StreamRole.LIVE and len(holders) > 1:
                raise ValueError(f"role {role.value} is given to both streams; give it to one of them")
        if not any(StreamRole.LIVE in stream.roles for stream in names.values()):
            raise ValueError("no stream has the role live; give it to one")
        return self

    def by_name(self) -> dict[StreamName, StreamConfig]:
        """The streams that exist, main first."""
        found = {StreamName.MAIN: self.main}
        if self.sub is not None:
            found[StreamName.SUB] = self.sub
        return found

    def name_for(self, role: StreamRole) -> StreamName | None:
        """The stream that serves a role (the smaller one where both do), or None where none does."""
        for name in (StreamName.SUB, StreamName.MAIN):
            stream = self.by_name().get(name)
            if stream is not None and role in stream.roles:
                return name
        return None


class PlaceConfig(Section):
    """Where the camera stands and which way it looks."""

    lat: Annotated[float, Field(ge=-90, le=90)] = described("Latitude in degrees.")
    lon: Annotated[float, Field(ge=-180, le=180)] = described("Longitude in degrees.")
    bearing_deg: Annotated[float, Field(ge=0, lt=360)] | None = described(
        "Direction it looks, clockwise from true north.", None
    )
    datum: Datum = described(
        "Datum of lat and lon: wgs84, gcj02 (Amap, Tencent) or bd09 (Baidu). Required: they lie far apart."
    )


class HomographyPoint(Section):
    """One picture point and where it lies on the ground."""

    picture: PicturePoint = described("[x, y] as a fraction 0-1 of the picture.")
    ground_m: tuple[float, float] = described("[east, north] in metres in the camera's own ground frame.")


class CameraConfig(Section):
    """A camera of the register (一机一档)."""

    id: Identifier = described("Stable id: small letters, digits, '-' and '_'.")
    name: str = described("Name shown to operators.", min_length=1)
    unit: str = described("Unit that owns the camera; users see the cameras of their unit and below.", min_length=1)
    station: str = described("Police station, for the online rate by station.", "")
    grid: str = described("Grid cell, for the online rate by grid.", "")
    uplink: str = described(
        "Switch, recorder or line it hangs on: cameras of one that fail together are one alert, as are those of a "
        "station or of one host.",
        "",
    )
    vendor: str = described("Vendor or maintenance company.", "")
    enabled: bool = described("false: out of service, counted in no rate.", True)
    username: str = described("User name for the camera, empty where it asks for none.", "")
    password: SecretStr = described(
        "Password for the camera; write ${NAME} for an environment variable or file:/path for a file.",
        SecretStr(""),
    )
    place: PlaceConfig | None = described("Where it stands.", None)
    streams: StreamsConfig = described("How it is reached.")
    decode: DecodeWith | None = described("What decodes this camera, instead of ingest.decode.", None)
    model: str = described("Model for this camera, empty for models.default.", "")
    class_map: dict[str, str] = described(
        "What rules call a class that the model calls otherwise, before what its card says: {pedestrian: person}; "
        "'' leaves a class out.",
        dict,
    )
    tiles: Annotated[str, Field(pattern=r"^(off|auto|[1-4]x[1-4])$")] = described(
        "Also analyse a large picture in parts, for small and far objects: off, auto (parts where the model's input is "
        "a third of the picture or less, as for 4K), or columns x rows as 3x2. Each part costs an analysed picture.",
        NO_TILES,
    )
    tile_overlap: Annotated[float, Field(ge=0.05, le=0.5)] = described(
        "Share of a part that its neighbour shows too; what fits into that is never cut.", 0.2
    )
    zones: tuple[ZoneConfig, ...] = described("Polygons that rules refer to.", ())
    rules: tuple[RuleConfig, ...] = described("What becomes an alert.", ())
    masks: tuple[tuple[PicturePoint, ...], ...] = described(
        "Privacy masks, each at least three points 0-1: blacked out before anything is detected, stored or shown.", ()
    )
    homography: tuple[HomographyPoint, ...] | None = described(
        "Four points that tie the picture to the ground, so that metres mean metres.",
        None,
        min_length=4,
        max_length=4,
    )
