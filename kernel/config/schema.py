"""The config's JSON Schema and its commented example, both made from the model.

`python -m kernel.config.schema --write` writes them, `--check` says whether the committed ones are up to date.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from kernel.config.explain import variant_for
from kernel.config.lookout import LookoutConfig
from kernel.errors import ExitCode

SCHEMA_FILE = "lookout.schema.json"
EXAMPLE_FILE = "lookout.example.yaml"
_WIDTH = 110
_PLAIN = re.compile(r"[A-Za-z_/\u4e00-\u9fff][A-Za-z0-9_/.:+\u4e00-\u9fff-]*")
_NOT_TEXT = {"true", "false", "null", "yes", "no", "on", "off"}

EXAMPLE_VALUES: Mapping[str, Any] = {
    "site": {"name": "白云矿区情指中心", "unit": "bureau"},
    "data_dir": "../data",
    "models": {"dir": "../models"},
    "cameras": [
        {
            "id": "cam-north-gate",
            "name": "北门",
            "unit": "bureau/kuangshanlu",
            "station": "矿山路派出所",
            "grid": "网格 3",
            "vendor": "",
            "username": "",
            "password": "",
            "place": {"lat": 41.7695, "lon": 109.9721, "bearing_deg": 135.0, "datum": "wgs84"},
            "streams": {
                "main": {"url": "rtsp://192.0.2.10:554/Streaming/Channels/101", "roles": ["live", "record"]},
                "sub": {"url": "rtsp://192.0.2.10:554/Streaming/Channels/102", "roles": ["analyse"]},
            },
            "zones": [
                {"id": "gate", "name": "门内", "points": [[0.1, 0.55], [0.9, 0.55], [1.0, 1.0], [0.0, 1.0]]},
            ],
            "rules": [
                {
                    "kind": "zone_intrusion",
                    "id": "gate-at-night",
                    "name": "闯入门内",
                    "zone": "gate",
                    "level": "red",
                    "hours": ["22:00-06:00"],
                },
                {"kind": "loitering", "id": "gate-loitering", "name": "门内徘徊", "zone": "gate"},
                {"kind": "crowd", "id": "gate-crowd", "name": "门内聚集", "zone": "gate"},
                {"kind": "vehicle_stopped", "id": "gate-blocked", "name": "堵塞大门", "zone": "gate"},
                {
                    "kind": "wrong_direction",
                    "id": "gate-wrong-way",
                    "name": "出口逆行",
                    "zone": "gate",
                    "right_way": [[0.5, 0.6], [0.5, 0.95]],
                },
                {"kind": "zone_unmanned", "id": "gate-unmanned", "name": "门岗离岗", "zone": "gate"},
                {"kind": "object_left", "id": "gate-bag", "name": "门内遗留物", "zone": "gate"},
                {
                    "kind": "object_removed",
                    "id": "gate-guarded",
                    "name": "门内物品被取走",
                    "zone": "gate",
                    "classes": ["bicycle", "motorcycle"],
                },
                {"kind": "running", "id": "running", "name": "奔跑"},
                {"kind": "picture_lost", "id": "picture", "name": "画面异常", "level": "red"},
                {
                    "kind": "line_crossing",
                    "id": "road-in",
                    "name": "车辆驶入",
                    "line": [[0.2, 0.7], [0.8, 0.7]],
                    "direction": "left_to_right",
                    "classes": ["car", "truck"],
                },
            ],
            "masks": [[[0.0, 0.0], [0.2, 0.0], [0.2, 0.15], [0.0, 0.15]]],
            "homography": [
                {"picture": [0.1, 0.95], "ground_m": [-4.0, 6.0]},
                {"picture": [0.9, 0.95], "ground_m": [4.0, 6.0]},
                {"picture": [0.7, 0.5], "ground_m": [4.0, 30.0]},
                {"picture": [0.3, 0.5], "ground_m": [-4.0, 30.0]},
            ],
        },
        {
            "id": "cam-pit-road",
            "name": "采场道路",
            "unit": "bureau/kuangshanlu",
            "streams": {"main": {"url": "rtsp://192.0.2.11/live"}},
        },
        {
            "id": "uav-1-cam",
            "name": "巡逻一号机载",
            "unit": "bureau",
            "streams": {"main": {"url": "rtsp://192.0.2.21/live"}},
            "rules": [
                {
                    "kind": "area_intrusion",
                    "id": "pit-edge",
                    "name": "采坑边缘有人",
                    "datum": "wgs84",
                    "points": [[41.7790, 109.9560], [41.7790, 109.9625], [41.7812, 109.9625], [41.7812, 109.9560]],
                    "level": "red",
                },
            ],
        },
    ],
    "maintenance": [
        {
            "cameras": ["cam-pit-road"],
            "begins": "2026-12-01T08:00",
            "ends": "2026-12-01T18:00",
            "reason": "更换立杆",
            "approver": "王所长",
        },
    ],
    "fleet": [
        {
            "id": "uav-1",
            "name": "巡逻一号",
            "unit": "bureau",
            "link": "udpin:0.0.0.0:14550",
            "home": {"lat": 41.7664, "lon": 109.9718, "datum": "wgs84"},
            "registration": {"number": "UAS-0000001", "valid_until": "2029-12-31"},
            "approval": {"number": "2026-118", "valid_from": "2026-01-01", "valid_until": "2029-12-31"},
            "parameters": {"RTL_ALT": 4000},
            "camera": "uav-1-cam",
        },
    ],
    "airspace": [
        {
            "id": "magazine",
            "name": "民爆库",
            "kind": "no_fly",
            "datum": "wgs84",
            "points": [[41.7846, 109.9609], [41.7846, 109.9645], [41.7872, 109.9645], [41.7872, 109.9609]],
            "clearance_m": 30.0,
        },
        {
            "id": "pit-blasting",
            "name": "爆破区",
            "kind": "no_fly",
            "datum": "gcj02",
            "points": [[41.7812, 109.9560], [41.7812, 109.9625], [41.7835, 109.9625], [41.7835, 109.9560]],
            "active": ["14:00-15:30"],
        },
    ],
    "patrols": [
        {
            "id": "north-loop",
            "name": "北环巡逻",
            "drones": ["uav-1"],
            "terrain": "flat",
            "route": {
                "kind": "loop",
                "datum": "wgs84",
                "points": [[41.7712, 109.9701], [41.7795, 109.9811], [41.7689, 109.9745]],
            },
            "actions": [{"point": 2, "hold_s": 10.0, "look_at": [41.7795, 109.9815], "photo": True}],
            "schedule": {"cron": "0 */2 * * *", "light": "day"},
        },
        {
            "id": "shaft-road",
            "drones": ["uav-1"],
            "terrain": "flat",
            "route": {"kind": "waypoints", "datum": "wgs84", "points": [[41.7689, 109.9745], [41.7723, 109.9792]]},
            "schedule": {"sun": "sunset", "sun_offset_s": 1800.0},
        },
        {
            "id": "station-survey",
            "drones": ["uav-1"],
            "terrain": "flat",
            "route": {
                "kind": "survey",
                "datum": "wgs84",
                "points": [[41.7625, 109.9760], [41.7625, 109.9792], [41.7645, 109.9792], [41.7645, 109.9760]],
            },
        },
        {
            "id": "rail-corridor",
            "drones": ["uav-1"],
            "terrain": "flat",
            "route": {"kind": "corridor", "datum": "wgs84", "points": [[41.7634, 109.9740], [41.7650, 109.9800]]},
        },
        {
            "id": "gate-inspection",
            "drones": ["uav-1"],
            "terrain": "flat",
            "route": {"kind": "inspect", "cameras": ["cam-north-gate"]},
        },
        {
            "id": "magazine-perimeter",
            "drones": ["uav-1"],
            "terrain": "flat",
            "route": {"kind": "perimeter", "zone": "magazine", "distance_m": 40.0},
        },
    ],
    "weather": {"source": "operator"},
}

_HEADER = """\
# Lookout: every key of the config, with its meaning and its default. Check yours with `lookout check FILE`.
# Relative paths count from this file's directory. Write ${NAME} anywhere for an environment variable ($${ for the
# characters themselves). What is commented out has no value by default.
# yaml-language-server: $schema=./lookout.schema.json
"""


def schema_text() -> str:
    """The JSON Schema of the config."""
    schema = LookoutConfig.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Lookout config"
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def example_text() -> str:
    """The example: all keys, each with its description where it first stands."""
    return _HEADER + "\n" + "\n".join(_Renderer().section(LookoutConfig, EXAMPLE_VALUES, 0)) + "\n"


class _Renderer:
    """Writes sections as YAML, describing each field once."""

    def __init__(self) -> None:
        self._described: set[tuple[type, str]] = set()

    def section(self, model: type[BaseModel], values: Mapping[str, Any], depth: int) -> Iterator[str]:
        """Lines of a section's fields in the order of the model; fields seen before only where they have a value."""
        indent = "  " * depth
        for name, field in model.model_fields.items():
            definer = next(base for base in reversed(model.__mro__) if name in getattr(base, "__annotations__", {}))
            is_new = (definer, name) not in self._described
            if not is_new and name not in values:
                continue
            self._described.add((definer, name))
            if is_new:
                if depth == 0 and name != next(iter(model.model_fields)):
                    yield ""
                yield from _comment(field.description or "", indent)
            value = values[name] if name in values else _default_of(field)
            yield from self._field(name, field, value, depth)

    def _field(self, name: str, field: FieldInfo, value: Any, depth: int) -> Iterator[str]:
        indent = "  " * depth
        if value is None:
            yield f"{indent}# {name}:"
            return
        section = variant_for(field.annotation, value)
        if section is not None:
            yield f"{indent}{name}:"
            yield from self.section(section, value, depth + 1)
        elif isinstance(value, Sequence) and value and isinstance(value[0], Mapping):
            yield f"{indent}{name}:"
            for item in value:
                yield from self._item(field, item, depth + 1)
        else:
            yield f"{indent}{name}: {_flow(value)}"

    def _item(self, field: FieldInfo, item: Mapping[str, Any], depth: int) -> Iterator[str]:
        """An entry of a list: its first line that is no comment carries the dash."""
        model = variant_for(field.annotation, item)
        if model is None:
            raise TypeError(f"no section takes {item}")
        lines = list(self.section(model, item, depth + 1))
        dash = next(index for index, line in enumerate(lines) if not line.lstrip().startswith("#"))
        indent = "  " * depth
        for index, line in enumerate(lines):
            if index < dash:
                yield f"{indent}{line.lstrip()}"
            else:
                yield f"{indent}- {line.lstrip()}" if index == dash else line


def _default_of(field: FieldInfo) -> Any:
    default = field.get_default(call_default_factory=True)
    if default is PydanticUndefined:
        raise ValueError(f"the example lacks a required value: {field.description}")
    return default.model_dump() if isinstance(default, BaseModel) else default


def _comment(text: str, indent: str) -> Iterator[str]:
    for line in textwrap.wrap(text, _WIDTH - len(indent)):
        yield f"{indent}# {line}"


def _flow(value: Any) -> str:
    """A value in one line of YAML."""
    if isinstance(value, SecretStr):
        return _flow(value.get_secret_value())
    if isinstance(value, Enum):
        return _flow(value.value)
    if isinstance(value, Path):
        return _flow(str(value))
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value not in _NOT_TEXT:
        return value
    return json.dumps(value, ensure_ascii=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check both files; the exit code says whether they are up to date."""
    parser = argparse.ArgumentParser(prog="python -m kernel.config.schema", description=__doc__)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true", help="write both files")
    action.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--dir", type=Path, default=Path(__file__).parents[2] / "configs", help="where they lie")
    chosen = parser.parse_args(arguments)
    stale = [
        chosen.dir / name
        for name, text in ((SCHEMA_FILE, schema_text()), (EXAMPLE_FILE, example_text()))
        if not _is_as(chosen.dir / name, text, write=chosen.write)
    ]
    for path in stale:
        print(f"{path}: not up to date; run python -m kernel.config.schema --write", file=sys.stderr)
    return ExitCode.ANSWER_IS_NO if stale else ExitCode.OK


def _is_as(path: Path, text: str, *, write: bool) -> bool:
    if write:
        path.write_text(text, encoding="utf-8")
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
