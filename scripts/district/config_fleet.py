"""The district's drones: docks, zones, patrols and the weather station, as text for configs/district.yaml."""

from __future__ import annotations

from dataclasses import dataclass

from scripts.district.credentials import PASSWORD_VARIABLE, USERNAME

WEATHER_VARIABLE = "LOOKOUT_WEATHER_FILE"
GROUND_AMSL_M = 1580.0
PARAMETERS = {"FS_GCS_ENABLE": 1.0}


@dataclass(frozen=True, slots=True)
class AircraftEye:
    """A drone's camera on a gimbal that looks ahead and down where nothing else is asked of it.

    Attributes:
        id, name: as in the config.
        port_variable, port: environment variable of the TCP port it serves RTSP on, and its default.
        fov_deg: horizontal field of view, narrow enough to see people from the patrols' heights (docs/drone-sight.md).
        pitch_deg: 0 level, -90 straight down.
        delay_s: how much later its pictures come in than telemetry does.
    """

    id: str
    name: str
    port_variable: str
    port: int
    fov_deg: float = 16.0
    pitch_deg: float = -45.0
    delay_s: float = 0.05

    @property
    def parameters(self) -> dict[str, float]:
        """What makes an ArduPilot mount rest there: its neutral angle."""
        return {"MNT1_DEFLT_MODE": 1.0, "MNT1_NEUTRAL_Y": self.pitch_deg}


@dataclass(frozen=True, slots=True)
class Aircraft:
    """One drone and where it stands.

    Attributes:
        id, name, unit: as in the config.
        station: whose.
        lat, lon: its dock, WGS-84.
        sysid: MAVLink system id.
        port_variable, port: environment variable of the UDP port that Lookout listens on for it, and its default.
        eye: its camera, where it has one.
    """

    id: str
    name: str
    unit: str
    station: str
    lat: float
    lon: float
    sysid: int
    port_variable: str
    port: int
    eye: AircraftEye | None = None

    @property
    def parameters(self) -> dict[str, float]:
        """What its autopilot is set to: to return without a ground station, as the config asks; where to look."""
        return PARAMETERS | (self.eye.parameters if self.eye is not None else {})


AIRCRAFT = (
    Aircraft(
        "uav-1",
        "巡逻一号",
        "bureau/kuangshanlu",
        "矿山路派出所",
        41.7664,
        109.9718,
        1,
        "LOOKOUT_UAV_1_PORT",
        14551,
        AircraftEye("uav-1-cam", "巡逻一号机载", "LOOKOUT_UAV_1_CAMERA_PORT", 8561),
    ),
    Aircraft("uav-2", "巡逻二号", "bureau/beishan", "北山派出所", 41.7800, 109.9660, 2, "LOOKOUT_UAV_2_PORT", 14552),
)

_ZONES_AND_PATROLS = f"""\
airspace:
  - id: district
    name: 辖区空域
    kind: keep_in
    datum: wgs84
    points: [[41.7560, 109.9520], [41.7560, 109.9880], [41.7900, 109.9880], [41.7900, 109.9520]]
  - id: magazine
    name: 民爆库
    kind: no_fly
    datum: wgs84
    points: [[41.7846, 109.9609], [41.7846, 109.9645], [41.7872, 109.9645], [41.7872, 109.9609]]
    clearance_m: 30.0
  - id: substation
    name: 变电站
    kind: no_fly
    datum: wgs84
    points: [[41.7682, 109.9702], [41.7682, 109.9716], [41.7692, 109.9716], [41.7692, 109.9702]]
    clearance_m: 20.0
  - id: pit-blasting
    name: 爆破区
    kind: no_fly
    datum: wgs84
    points: [[41.7812, 109.9560], [41.7812, 109.9625], [41.7835, 109.9625], [41.7835, 109.9560]]
    active: ["14:00-15:30"]
patrols:
  - id: north-loop
    name: 北环巡逻
    drones: [uav-1]
    route:
      kind: loop
      datum: wgs84
      points: [[41.7712, 109.9701], [41.7795, 109.9811], [41.7689, 109.9745]]
    terrain: flat
    altitude_m: 60.0
    actions:
      - {{point: 2, hold_s: 10.0, look_at: [41.7795, 109.9815], photo: true}}
    launch: confirm
    schedule: {{cron: "*/30 * * * *", overlap: skip}}
  - id: pit-survey
    name: 采场巡检
    drones: [uav-2, uav-1]
    route:
      kind: survey
      datum: wgs84
      points: [[41.7792, 109.9588], [41.7792, 109.9622], [41.7808, 109.9622], [41.7808, 109.9588]]
      side_overlap: 0.1
    terrain: flat
    altitude_m: 80.0
    launch: auto
    schedule: {{cron: "5,25,45 * * * *", late_s: 300.0}}
  - id: gate-inspection
    name: 卡口巡查
    drones: [uav-1]
    route: {{kind: inspect, cameras: [cam-06, cam-07]}}
    terrain: flat
    altitude_m: 40.0
weather:
  source: file
  file: "${{{WEATHER_VARIABLE}:-../var/district/weather.json}}"
  max_age_s: 600.0
dispatch:
  launch: confirm
  altitude_m: 45.0
"""


def eyes_config() -> str:
    """The drones' cameras, as entries of `cameras`."""
    return "".join(_camera(one, one.eye) for one in AIRCRAFT if one.eye is not None)


def _camera(one: Aircraft, eye: AircraftEye) -> str:
    return (
        f"  - id: {eye.id}\n"
        f"    name: {eye.name}\n"
        f"    unit: {one.unit}\n"
        f"    station: {one.station}\n"
        "    grid: 机动\n"
        f"    username: {USERNAME}\n"
        f'    password: "${{{PASSWORD_VARIABLE}}}"\n'
        "    streams:\n"
        "      main:\n"
        f'        url: "rtsp://127.0.0.1:${{{eye.port_variable}:-{eye.port}}}/{one.id}"\n'
    )


def fleet_config() -> str:
    """Sections `fleet airspace patrols weather dispatch` as YAML text."""
    return "fleet:\n" + "".join(_aircraft(one) for one in AIRCRAFT) + _ZONES_AND_PATROLS


def _aircraft(one: Aircraft) -> str:
    return (
        f"  - id: {one.id}\n"
        f"    name: {one.name}\n"
        f"    unit: {one.unit}\n"
        f"    link: udpin:127.0.0.1:${{{one.port_variable}:-{one.port}}}\n"
        f"    sysid: {one.sysid}\n"
        f"    home: {{lat: {one.lat}, lon: {one.lon}, datum: wgs84}}\n"
        f"    registration: {{number: UAS-SIM-000{one.sysid}}}\n"
        "    link_loss: return\n"
    ) + (_eye(one.eye) if one.eye is not None else "")


def _eye(eye: AircraftEye) -> str:
    return (
        f"    camera: {eye.id}\n    camera_fov_deg: {eye.fov_deg:g}\n"
        f"    gimbal: mount\n    camera_delay_s: {eye.delay_s:g}\n"
    )
