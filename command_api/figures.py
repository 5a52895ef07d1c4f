"""Figures of the cameras, the detector, the alerts and the drones for Prometheus, read off at a scrape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from command_api.cameras.model import Camera, UnobservedState
from command_api.context import ApiContext
from command_api.health.planned import under_way
from command_api.health.report import camera_rates
from command_api.health.window import named_window
from command_api.store import alerts, flights, ledger, planned
from kernel.config.camera import CameraConfig
from kernel.events import AnalysisHeartbeat, CameraState
from kernel.ledger import RateFigures, aggregate, total

_WINDOW = "today"
_DISABLED = CameraState.DISABLED


async def exposition(context: ApiContext) -> bytes:
    """Everything in Prometheus' text format."""
    now = context.clock.now()
    window = named_window(_WINDOW, context.config.site.timezone, now)
    rows, outages, counts, outcomes = await context.store.read(
        lambda connection: (
            ledger.within(connection, window),
            planned.touching(connection, window),
            alerts.count_by_level_and_state(connection),
            flights.count_by_outcome(connection),
        )
    )
    configs = context.register.cameras
    cameras = [context.board.camera(camera, now) for camera in configs]
    figures = camera_rates(configs, rows, window, outages)
    families = [
        _gauge("lookout_alerts", "Alerts in the store.", ("level", "state"), counts.items()),
        *_camera_families(cameras, figures),
        _gauge(
            "lookout_camera_planned_outage",
            "1 while a camera is in a planned outage.",
            ("camera_id",),
            [((camera_id,), 1.0) for camera_id in under_way(outages, now)],
        ),
        *_group_families(configs, figures),
        _gauge(
            "lookout_online_rate_target", "Online rate 0-1 to reach.", (), [((), context.config.health.online_target)]
        ),
        *_detector_families(context.board.detector),
        *_drone_families(context, outcomes),
        _gauge("lookout_open_pages", "Open event streams.", (), [((), len(context.hub.mailboxes))]),
    ]
    registry = CollectorRegistry()
    registry.register(_Fixed(families))
    return context.metrics.text() + generate_latest(registry)


class _Fixed(Collector):
    """Families that were read off already."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


def _camera_families(cameras: list[Camera], figures: dict[str, RateFigures]) -> list[Metric]:
    watched = [
        camera for camera in cameras if not isinstance(camera.state, UnobservedState) and camera.state != _DISABLED
    ]
    online = [((camera.id,), float(_is_online(camera))) for camera in watched]
    rates = [((camera_id,), figure.online_rate) for camera_id, figure in figures.items()]
    district = total(figures.values())
    causes = InfoMetricFamily("lookout_camera_offline", "Why a camera is offline.", labels=("camera_id",))
    for camera in watched:
        if not _is_online(camera):
            causes.add_metric((camera.id,), {"state": camera.state.value, "cause": camera.cause.value})
    return [
        _gauge(
            "lookout_camera_online", "1 online, 0 not; absent while nobody watches or disabled.", ("camera_id",), online
        ),
        _gauge(
            "lookout_camera_online_rate_today",
            "Online rate 0-1 since midnight; absent where nothing was observed.",
            ("camera_id",),
            [(labels, rate) for labels, rate in rates if rate is not None],
        ),
        _gauge(
            "lookout_online_rate_today",
            "Online rate 0-1 of the district since midnight; absent where nothing was observed.",
            (),
            [] if district.online_rate is None else [((), district.online_rate)],
        ),
        _gauge(
            "lookout_observation_coverage_today",
            "Share 0-1 of the time since midnight in which cameras were watched.",
            (),
            [((), district.observation_coverage)],
        ),
        causes,
    ]


def _group_families(configs: Sequence[CameraConfig], figures: dict[str, RateFigures]) -> list[Metric]:
    """Seconds of the cameras of a station or grid, added up and divided."""
    families = []
    for key, name_of in (
        ("station", {camera.id: camera.station for camera in configs}),
        ("grid", {camera.id: camera.grid for camera in configs}),
    ):
        sums = aggregate(figures, name_of.__getitem__)
        rates = [((name,), sums[name].online_rate) for name in sums if name]
        families.append(
            _gauge(
                f"lookout_{key}_online_rate_today",
                f"Online rate 0-1 of a {key} since midnight; absent where nothing was observed.",
                (key,),
                [(labels, rate) for labels, rate in rates if rate is not None],
            )
        )
    return families


def _detector_families(heartbeat: AnalysisHeartbeat | None) -> list[Metric]:
    pulses = heartbeat.cameras if heartbeat is not None else ()
    label = ("camera_id",)
    return [
        _gauge(
            "lookout_analysed_fps",
            "Frames of a camera analysed a second.",
            label,
            [((pulse.camera_id,), pulse.analysed_fps) for pulse in pulses],
        ),
        _gauge(
            "lookout_analysis_age_p95_seconds",
            "Age of frames when their analysis was done.",
            label,
            [((pulse.camera_id,), pulse.age_p95_ms / 1000) for pulse in pulses],
        ),
        _gauge(
            "lookout_detector_capacity_fps",
            "Images a second the engine was measured at.",
            (),
            [((), heartbeat.capacity_fps)] if heartbeat is not None else [],
        ),
    ]


def _drone_families(context: ApiContext, outcomes: Mapping[tuple[str], int]) -> list[Metric]:
    label, now_s = ("drone_id",), context.clock.monotonic_s()
    drones = [context.drones.drone(drone, now_s) for drone in context.config.fleet]
    airborne = [((drone.id,), float(context.drones.may_be_airborne(drone.id))) for drone in drones]
    return [
        _gauge(
            "lookout_drone_airborne",
            "1 while the last that was heard of a drone has it off the ground, also when it fell silent there.",
            label,
            airborne,
        ),
        _gauge("lookout_drones_airborne", "Drones off the ground.", (), [((), sum(value for _, value in airborne))]),
        _gauge(
            "lookout_drone_telemetry_stale",
            "1 when nothing came of a drone for over 5 s.",
            label,
            [((drone.id,), float(drone.is_stale)) for drone in drones],
        ),
        _gauge("lookout_flights", "Flights in the store that are over.", ("outcome",), outcomes.items()),
    ]


def _is_online(camera: Camera) -> bool:
    return isinstance(camera.state, CameraState) and camera.state.is_online


def _gauge(
    name: str, help_text: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]
) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for label_values, value in values:
        family.add_metric(label_values, value)
    return family
