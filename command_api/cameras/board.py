"""What is known of every stream at this moment, folded from the bus; pure but for the clock it is given.

A stream whose observer has not beaten for a few seconds is *unobserved*: its last picture of the state is kept, but
nothing pretends to know whether it is online.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from command_api.cameras.detectors import SILENT_AFTER, Detectors
from command_api.cameras.model import (
    Analysis,
    AnalysisState,
    Camera,
    Place,
    PlannedNow,
    Rule,
    Stream,
    StreamStateName,
    UnobservedState,
    Zone,
)
from command_api.health.outage_book import OutageBook
from command_api.health.report import Present
from command_api.register import Register, live_stream
from kernel.config.camera import CameraConfig, StreamName, StreamRole
from kernel.config.rules import AreaIntrusionRule, LineCrossingRule, PictureLostRule, RuleConfig, RunningRule
from kernel.events import (
    AnalysisHeartbeat,
    AnalysisPulse,
    CameraState,
    CameraStateChanged,
    ObserverHeartbeat,
    OfflineCause,
    StreamPulse,
)
from kernel.geodesy import to_wgs84
from kernel.ledger import StateInterval

_STALE_ANALYSIS = timedelta(seconds=3)
_FIRST_BEAT_WITHIN = timedelta(seconds=30)
_PASSTHROUGH_CODECS = frozenset({"", "h264"})

_WITHOUT_ZONE = (LineCrossingRule, RunningRule, PictureLostRule, AreaIntrusionRule)


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """The last state change of a stream, as stored."""

    camera_id: str
    stream: StreamName
    state: CameraState
    cause: OfflineCause
    detail: str
    since: datetime
    codec: str = ""
    width_px: int = 0
    height_px: int = 0
    last_packet_at: datetime | None = None
    worker: str = ""
    run_id: str = ""


@dataclass(frozen=True, slots=True)
class _Pulse:
    beat_at: datetime
    pulse: StreamPulse


class CameraBoard:
    """The present state of the cameras.

    Args:
        register: the cameras there are.
        opened_at: since when it listens: what nobody said by now may just not have arrived.
        statuses: last known state changes, from the store.
        outages: planned outages of about now.
    """

    def __init__(
        self,
        register: Register,
        opened_at: datetime,
        statuses: Iterable[StreamStatus] = (),
        outages: OutageBook | None = None,
    ) -> None:
        self._register = register
        self._opened_at = opened_at
        self._outages = outages or OutageBook()
        self._statuses = {(status.camera_id, status.stream): status for status in statuses}
        self._pulses: dict[tuple[str, StreamName], _Pulse] = {}
        self._detectors = Detectors()
        self._told: dict[str, object] = {}

    @property
    def detector(self) -> AnalysisHeartbeat | None:
        """What the detectors last said, together."""
        return self._detectors.together()

    def status(self, camera_id: str, stream: StreamName) -> StreamStatus | None:
        """The last state change of a stream."""
        return self._statuses.get((camera_id, stream))

    def changed(self, event: CameraStateChanged, row: StateInterval) -> StreamStatus:
        """Take in a state change that the ledger took as `row`; gives what is now known of the stream.

        The ledger knows what arrived twice, and keeps the cause of an outage through the tries to end it; an outage
        lasts since its first moment, however often the camera is tried in between.
        """
        key = (event.camera_id, event.stream)
        known = self._statuses.get(key)
        pictured = event if event.width_px > 0 or known is None else known
        goes_on = known is not None and not event.detail and known.cause is row.cause
        still_offline = known is not None and known.state.is_offline and event.state.is_offline
        status = StreamStatus(
            event.camera_id,
            event.stream,
            event.state,
            row.cause,
            known.detail if known is not None and goes_on else event.detail,
            known.since if known is not None and still_offline else event.changed_at,
            pictured.codec,
            pictured.width_px,
            pictured.height_px,
            known.last_packet_at if known is not None else None,
            event.worker,
            event.run_id,
        )
        self._statuses[key] = status
        return status

    def beat(self, event: ObserverHeartbeat) -> None:
        """Take in an observer's heartbeat."""
        for pulse in event.streams:
            key = (pulse.camera_id, pulse.stream)
            known = self._pulses.get(key)
            if known is not None and known.beat_at >= event.beat_at:
                continue
            self._pulses[key] = _Pulse(event.beat_at, pulse)
            status = self._statuses.get(key)
            if status is not None and pulse.last_packet_at is not None:
                self._statuses[key] = replace(status, last_packet_at=pulse.last_packet_at)

    def analysed(self, event: AnalysisHeartbeat) -> None:
        """Take in a detector's heartbeat."""
        self._detectors.heard(event)

    def camera(self, camera: CameraConfig, now: datetime) -> Camera:
        """A camera and how it is doing."""
        streams = {name: self._stream(camera, name, now) for name in camera.streams.by_name()}
        shown = live_stream(camera)
        live = streams[shown]
        planned = self._outages.under_way(now).get(camera.id)
        return Camera(
            id=camera.id,
            name=camera.name,
            unit=camera.unit,
            station=camera.station,
            grid=camera.grid,
            vendor=camera.vendor,
            enabled=camera.enabled,
            place=_place(camera),
            streams={name.value: stream for name, stream in streams.items()},
            live_stream=shown.value,
            state=live.state,
            cause=live.cause,
            since=live.since,
            last_packet_at=live.last_packet_at,
            planned=None if planned is None else PlannedNow(until=planned.ends_at, reason=planned.reason),
            analysed=self._analysis_of(camera, now),
            zones=tuple(Zone(id=zone.id, name=zone.name or zone.id, points=zone.points) for zone in camera.zones),
            rules=tuple(_rule(rule) for rule in camera.rules),
            masks=camera.masks,
            transcoded=live.codec not in _PASSTHROUGH_CODECS,
        )

    def present(self, cameras: Iterable[CameraConfig], now: datetime) -> dict[str, Present]:
        """What the live stream of each camera is doing."""
        streams = {camera.id: self._stream(camera, live_stream(camera), now) for camera in cameras}
        return {camera_id: Present(stream.state, stream.cause, stream.since) for camera_id, stream in streams.items()}

    def take_changes(self, now: datetime) -> list[Camera]:
        """Cameras whose state, cause or analysis differs from when this was last asked."""
        changed = []
        for config in self._register.cameras:
            camera = self.camera(config, now)
            telling = (
                [(stream.state, stream.cause, stream.detail, stream.codec) for stream in camera.streams.values()],
                camera.analysed.state,
                camera.analysed.cause,
                camera.planned,
            )
            if self._told.get(camera.id) != telling:
                self._told[camera.id] = telling
                changed.append(camera)
        return changed

    def _stream(self, camera: CameraConfig, name: StreamName, now: datetime) -> Stream:
        status = self._statuses.get((camera.id, name))
        pulse = self._pulses.get((camera.id, name))
        is_observed = pulse is not None and now - pulse.beat_at <= SILENT_AFTER
        state: StreamStateName
        if not camera.enabled:
            state, cause, since = CameraState.DISABLED, OfflineCause.NONE, status.since if status else None
        elif status is None or not is_observed:
            silent_since = pulse.beat_at if pulse is not None else None
            state, cause, since = UnobservedState.UNOBSERVED, OfflineCause.NONE, silent_since
        else:
            state, cause, since = status.state, status.cause, status.since
        last_packet_at = status.last_packet_at if status else None
        return Stream(
            state=state,
            cause=cause,
            detail=status.detail if status and is_observed else "",
            since=since,
            codec=status.codec if status else "",
            width_px=status.width_px if status else 0,
            height_px=status.height_px if status else 0,
            fps=pulse.pulse.fps if pulse and is_observed else 0.0,
            bitrate_bits_s=pulse.pulse.bitrate_bits_s if pulse and is_observed else 0.0,
            last_packet_at=pulse.pulse.last_packet_at or last_packet_at if pulse else last_packet_at,
        )

    def _analysis_of(self, camera: CameraConfig, now: datetime) -> Analysis:
        analysis = self._analysis_now(camera, now)
        return analysis.model_copy(update={"min_confidence": self._register.detector_min_confidence})

    def _analysis_now(self, camera: CameraConfig, now: datetime) -> Analysis:
        stream = camera.streams.name_for(StreamRole.ANALYSE)
        if stream is None or not camera.enabled:
            return Analysis(state=AnalysisState.NOT_CONFIGURED)
        ingested = self._stream(camera, stream, now)
        if ingested.state is CameraState.DISABLED:
            return Analysis(state=AnalysisState.NOT_CONFIGURED, cause=ingested.cause.value)
        heartbeat = self._detectors.of(camera.id)
        if heartbeat is None and now - self._opened_at <= _FIRST_BEAT_WITHIN:
            return Analysis(state=AnalysisState.UNKNOWN, cause="not_heard_yet")
        if heartbeat is None or now - heartbeat.beat_at > SILENT_AFTER:
            return Analysis(state=AnalysisState.NOT_ANALYSED, cause="detector_silent")
        pulse = next((pulse for pulse in heartbeat.cameras if pulse.camera_id == camera.id), None)
        if pulse is None:
            return Analysis(state=AnalysisState.NOT_ANALYSED, cause="not_reported")
        state, cause = analysis_at(pulse, heartbeat.beat_at)
        return Analysis(
            state=state,
            cause=cause,
            analysed_fps=pulse.analysed_fps,
            wanted_fps=pulse.wanted_fps,
            last_analysed_at=pulse.last_analysed_at,
        )


def analysis_at(pulse: AnalysisPulse, beat_at: datetime) -> tuple[AnalysisState, str]:
    """Whether a camera is analysed at a heartbeat of the detector, and why not."""
    if pulse.cause:
        return AnalysisState.NOT_ANALYSED, pulse.cause
    if pulse.last_analysed_at is None:  # the detector itself names a cause once that takes too long
        return AnalysisState.UNKNOWN, "no_frame_yet"
    if beat_at - pulse.last_analysed_at > _STALE_ANALYSIS:
        return AnalysisState.NOT_ANALYSED, "no_new_frames"
    return AnalysisState.ANALYSED, ""


def _place(camera: CameraConfig) -> Place | None:
    place = camera.place
    if place is None:
        return None
    lat, lon = to_wgs84(place.lat, place.lon, place.datum)
    return Place(lat=lat, lon=lon, bearing_deg=place.bearing_deg)


def _rule(rule: RuleConfig) -> Rule:
    return Rule(
        id=rule.id,
        name=rule.name or rule.id,
        kind=rule.kind,
        level=rule.level,
        classes=rule.classes,
        zone=None if isinstance(rule, _WITHOUT_ZONE) else rule.zone,
        line=rule.line if rule.kind == "line_crossing" else None,
        direction=rule.direction if rule.kind == "line_crossing" else None,
        min_confidence=rule.min_confidence,
    )
