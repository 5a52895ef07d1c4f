"""The district's drones: docks, zones, patrols and the weather station, as text for configs/district.yaml."""

from __future__ import annotations

from dataclasses import dataclass

WEATHER_VARIABLE = "LOOKOUT_WEATHER_FILE"
GROUND_AMSL_M = 1580.0


@dataclass(frozen=True, slots=True)
class Aircraft:
    """One drone and where it stands.

    Attributes:
        id, name, unit: as in the config.
        lat, lon: its dock, WGS-84.
        sysid: MAVLink system id.
        port_variable, port: environment variable of the UDP port that Lookout listens on for it, and its default.
    """

    id: str
    name: str
    unit: str
    lat: float
    lon: float
    sysid: int
    port_variable: str
    port: int


AIRCRAFT = (
    Aircraft("uav-1", "巡逻一号", "bureau/kuangshanlu", 41.7664, 109.9718, 1, "LOOKOUT_UAV_1_PORT", 14551),
    Aircraft("uav-2", "巡逻二号", "bureau/beishan", 41.7800, 109.9660, 2, "LOOKOUT_UAV_2_PORT", 14552),
)

PARAMETERS = {"FS_GCS_ENABLE": 1.0}
"""What the simulated autopilots are set to: they return when the ground station is lost, as the config asks."""

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
      side_overlap: 0.5
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
    )
