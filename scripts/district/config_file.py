"""configs/district.yaml, made from the scenes and the fleet: cameras, zones, rules and drones as Lookout reads them."""

from __future__ import annotations

from scripts.district.config_fleet import eyes_config, fleet_config
from scripts.district.credentials import PASSWORD_VARIABLE, PORT_VARIABLE, USERNAME
from scripts.district.scene import Rule, Scene
from scripts.district.scenes import SCENES
from scripts.district.truth import picture_points

COOLDOWN_S = 10.0
RULE_MIN_CONFIDENCE = 0.45
DIRECTIONS = {"left": "right_to_left", "right": "left_to_right"}
UNITS = {"矿山路派出所": "bureau/kuangshanlu", "白云路派出所": "bureau/baiyunlu", "北山派出所": "bureau/beishan"}
HEAD = """\
# The simulated district (python -m scripts.district serve). Made by `python -m scripts.district config`: change the
# scenes in scripts/district/ and run it again. Places and names are invented.
# yaml-language-server: $schema=./lookout.schema.json

site:
  name: 白云矿区情指中心
  unit: bureau
data_dir: "${LOOKOUT_DATA_DIR:-../var/data}"
web:
  port: ${LOOKOUT_PORT:-8080}
models:
  dir: ../models
  default: district-n
detect:
  fps: 5.0
cameras:
"""


def district_config() -> str:
    """The whole file as text."""
    return HEAD + "".join(_camera(scene) for scene in SCENES) + eyes_config() + fleet_config()


def _camera(scene: Scene) -> str:
    lat, lon, bearing = scene.place
    lines = [
        f"  - id: {scene.id}",
        f"    name: {scene.name}",
        f"    unit: {UNITS[scene.unit]}",
        f"    station: {scene.unit}",
        f"    grid: {scene.grid}",
        f"    vendor: {scene.vendor}",
        f"    username: {USERNAME}",
        f'    password: "${{{PASSWORD_VARIABLE}}}"',
        f"    place: {{lat: {lat}, lon: {lon}, bearing_deg: {bearing}, datum: wgs84}}",
        "    streams:",
        "      main:",
        f'        url: "rtsp://127.0.0.1:${{{PORT_VARIABLE}:-8554}}/{scene.id}"',
    ]
    if scene.sub_stream:
        lines += [
            "      sub:",
            f'        url: "rtsp://127.0.0.1:${{{PORT_VARIABLE}:-8554}}/{scene.id}/sub"',
            "        roles: [live]",
        ]
    zones = [rule for rule in scene.rules if rule.kind == "zone_intrusion"]
    if zones:
        lines.append("    zones:")
    for rule in zones:
        lines += [f"      - id: {rule.id}", f"        name: {rule.name}", f"        points: {_points(rule, scene)}"]
    lines.append("    rules:")
    for rule in scene.rules:
        lines += _rule(rule, scene)
    return "\n".join(lines) + "\n"


def _rule(rule: Rule, scene: Scene) -> list[str]:
    lines = [
        f"      - id: {rule.id}",
        f"        name: {rule.name}",
        f"        kind: {rule.kind}",
        f"        level: {rule.level}",
        f"        classes: [{', '.join(rule.classes)}]",
        f"        min_confidence: {RULE_MIN_CONFIDENCE}",
        f"        cooldown_s: {COOLDOWN_S}",
    ]
    if rule.kind == "zone_intrusion":
        return [*lines, f"        zone: {rule.id}"]
    return [*lines, f"        line: {_points(rule, scene)}", f"        direction: {DIRECTIONS[rule.direction]}"]


def _points(rule: Rule, scene: Scene) -> str:
    return "[" + ", ".join(f"[{x}, {y}]" for x, y in picture_points(rule.points, scene.camera)) + "]"
