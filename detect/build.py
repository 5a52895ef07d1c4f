"""Puts a detector together from a config: models, cameras, bus, incidents."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from ulid import ULID

from detect.aerial.pose_track import Mount, PoseTrack
from detect.aerial.sight import AerialSight
from detect.alerts.desk import AlertDesk
from detect.alerts.incidents import IncidentBook, field_of
from detect.batching.lane import AnalysisLane
from detect.batching.schedule import Schedule
from detect.camera_analysis import CameraAnalysis
from detect.errors import EngineError
from detect.loop import Detector, Identity
from detect.models.card import ModelCard, class_map_of
from detect.models.change import ModelChange, WatchedCamera
from detect.models.choice import ModelChoice, model_of
from detect.models.model import load_model
from detect.models.swap import ModelWatch
from detect.models.warning import model_warning
from detect.pictures.frames import FrameSource, analysed_streams
from detect.pose_intake import PoseIntake
from detect.pulse import CameraPulse
from kernel.bus.address import bus_address
from kernel.bus.keyvalue import HashTable
from kernel.bus.names import INCIDENTS, STAYS
from kernel.bus.publisher import DurablePublisher
from kernel.clock import SystemClock
from kernel.config.camera import CameraConfig
from kernel.config.fleet import Gimbal
from kernel.config.lookout import LookoutConfig
from kernel.errors import BadInputError
from kernel.runtime import RuntimePaths
from kernel.shard import WHOLE, Shard
from kernel.terrain import GridTerrain, load_terrain, terrain_of

_log = logging.getLogger(__name__)

_FLUSH_S = 2.0


@contextmanager
def build_detector(
    config: LookoutConfig, run_id: str, shard: Shard = WHOLE, config_path: Path | None = None
) -> Iterator[Detector]:
    """The detector of a config, or of a part of its cameras, taken apart again afterwards.

    Args:
        config: what it is to do.
        run_id: names this run.
        shard: which part of the cameras.
        config_path: where the config came from; it is watched, and so are the models, for others to change over to.

    Raises:
        BadInputError: no model can be used.
        BusUnavailable: the bus does not answer.
    """
    paths = RuntimePaths.of(config)
    clock = SystemClock()
    streams = analysed_streams(config)
    watched = [camera for camera in shard.cameras_of(config) if camera.id in streams]
    choice = ModelChoice.of(config, [camera.id for camera in watched])
    models = ModelWatch(config_path, config, choice.by_camera, engine_cache(config)) if config_path else None
    lanes = open_lanes(config, choice.names)
    cooldowns_s = {field_of(camera.id, rule.id): rule.cooldown_s for camera in config.cameras for rule in camera.rules}
    book = IncidentBook(cooldowns_s, lambda: str(ULID()))
    sights = aerial_sights(config, [camera.id for camera in watched])
    cameras = {camera.id: _watch(camera, config, lanes, book, sights.get(camera.id)) for camera in watched}
    for drone in config.fleet:
        if drone.camera in cameras:
            cameras[drone.camera].is_on_drone = True
    address = bus_address(config, paths)
    stored = own_incidents(_loaded(address, INCIDENTS), config, shard)
    _resume_stays(cameras, _loaded(address, STAYS))
    publisher = DurablePublisher(address, clock)
    desk = AlertDesk(book, publisher, paths.evidence_dir)
    desk.restore(stored)
    detect = config.detect
    schedule = Schedule(
        {name: lane.turns for name, lane in lanes.items()}, detect.fps, detect.batch_max, detect.deadline_ms / 1000
    )
    source = FrameSource.of(config, clock)

    def warn(cards: Iterable[ModelCard]) -> str:
        return model_warning(cards, watched, config.site.language)

    warning = warn(lane.model.card for lane in lanes.values())
    by_id = {camera.id: camera for camera in watched}

    def begin(camera_id: str, lane: AnalysisLane) -> CameraAnalysis:
        return _analysis(by_id[camera_id], config, lane, book, sights.get(camera_id))

    change = ModelChange(models, begin, warn, config.site.language) if models else None
    _log.info("analysing cameras=%d models=%s stored_incidents=%d", len(cameras), ",".join(lanes), len(stored))
    name = "detect" if shard == WHOLE else f"detect-{shard.index}"
    poses = PoseIntake(address, {camera_id: sight.poses for camera_id, sight in sights.items()})
    poses.start()
    identity = Identity(run_id, warning, name)
    try:
        yield Detector(cameras, lanes, schedule, source, book, desk, publisher, clock, identity, poses, change)
    finally:
        if models is not None:
            models.close()
        poses.close()
        desk.close()
        publisher.close(_FLUSH_S)
        source.close()


def aerial_sights(config: LookoutConfig, watched: Sequence[str]) -> dict[str, AerialSight]:
    """What places the sightings of each camera that flies, by camera id; none where the ground cannot be read."""
    found = {}
    for drone in config.fleet:
        if drone.camera is None or drone.camera not in watched:
            continue
        try:
            terrain = load_terrain(terrain_of(config, drone))
        except BadInputError as error:
            _log.error("sightings have no places camera_id=%s reason=%s", drone.camera, error)
            continue
        track = PoseTrack(
            Mount(drone.gimbal is not Gimbal.NONE, drone.camera_pitch_deg),
            drone.camera_delay_s,
            terrain=terrain if isinstance(terrain, GridTerrain) else None,
        )
        found[drone.camera] = AerialSight(drone.camera, drone.id, drone.camera_fov_deg, track)
    return found


def own_incidents(stored: Mapping[str, str], config: LookoutConfig, shard: Shard) -> dict[str, str]:
    """The open incidents that this part goes on with; the first part ends those of cameras that are gone."""
    mine = {camera.id for camera in shard.cameras_of(config)}
    gone = {field for field in stored if field.partition("/")[0] not in {camera.id for camera in config.cameras}}
    return {
        field: text
        for field, text in stored.items()
        if field.partition("/")[0] in mine or (shard.index == 0 and field in gone)
    }


def _loaded(address: str, name: str) -> dict[str, str]:
    """A hash on the bus, read once."""
    table = HashTable(address, name)
    try:
        return table.load()
    finally:
        table.close()


def _resume_stays(cameras: Mapping[str, WatchedCamera], stored: Mapping[str, str]) -> None:
    """Who stayed in which zone when another run ended, so that they trigger nothing again."""
    for camera_id, text in stored.items():
        camera = cameras.get(camera_id)
        if camera is None or camera.analysis is None:
            continue
        try:
            camera.analysis.resume(text)
        except ValidationError:
            _log.warning("dropped unreadable stays camera_id=%s", camera_id)


def open_lanes(config: LookoutConfig, names: Sequence[str]) -> dict[str, AnalysisLane]:
    """The models that can be used, each on its engine.

    Raises:
        BadInputError: none of them can.
        EngineError: no engine runs any of them.
    """
    lanes: dict[str, AnalysisLane] = {}
    problems: list[BadInputError | EngineError] = []
    for name in names:
        try:
            lanes[name] = AnalysisLane(load_model(name, config.models.dir), config.detect, engine_cache(config))
        except (BadInputError, EngineError) as error:
            _log.error("model cannot be used, its cameras are not analysed model=%s: %s", name, error)
            problems.append(error)
    if problems and not lanes:
        raise problems[0]
    return lanes


def engine_cache(config: LookoutConfig) -> Path:
    """Where measurements of engines are kept."""
    return config.data_dir / "cache" / "engines"


def _watch(
    camera: CameraConfig,
    config: LookoutConfig,
    lanes: Mapping[str, AnalysisLane],
    book: IncidentBook,
    sight: AerialSight | None,
) -> WatchedCamera:
    """A camera with its model, if that can be used."""
    name = model_of(camera, config)
    lane = lanes.get(name)
    if lane is None:
        return WatchedCamera(name, None, CameraPulse())
    try:
        return WatchedCamera(name, _analysis(camera, config, lane, book, sight), CameraPulse())
    except BadInputError as error:
        _log.error("camera is not analysed: %s", error)
        return WatchedCamera(name, None, CameraPulse())


def _analysis(
    camera: CameraConfig, config: LookoutConfig, lane: AnalysisLane, book: IncidentBook, sight: AerialSight | None
) -> CameraAnalysis:
    """The analysis of a camera by a model.

    Raises:
        BadInputError: the camera's class map names what the model does not have.
    """
    card, clocks = lane.model.card, ZoneInfo(config.site.timezone)
    return CameraAnalysis(camera, class_map_of(camera, card), card.input, book, clocks, lane.puts_in, sight)
