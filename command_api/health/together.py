"""Cameras that fail together: on one switch, in one station, behind one recorder; pure.

A group is down when every camera of it that is in service is offline. Those that went within TOGETHER_S of the last one
are one outage with one cause, and get one alert; one that was broken before stays an outage of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from kernel.config.camera import CameraConfig

TOGETHER_S = 30.0
FEWEST = 3


class Shared(StrEnum):
    """What the cameras of a group have in common, the likeliest cause first."""

    UPLINK = "uplink"
    STATION = "station"
    RECORDER = "recorder"


@dataclass(frozen=True, slots=True)
class Group:
    """Cameras of one unit that have something in common, in the order of the register."""

    shared: Shared
    name: str
    camera_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupOutage:
    """Cameras of a group that failed together.

    Attributes:
        group: which, all of it offline.
        camera_ids: those that failed together.
        start_s: when the first of them failed.
    """

    group: Group
    camera_ids: tuple[str, ...]
    start_s: float


def groups_of(cameras: Iterable[CameraConfig]) -> tuple[Group, ...]:
    """Groups of at least FEWEST enabled cameras; the largest first, of equal ones the likeliest cause."""
    members: dict[tuple[Shared, str, str], list[str]] = {}
    for camera in cameras:
        if camera.enabled:
            for shared, name in _in_common(camera):
                members.setdefault((shared, name, camera.unit), []).append(camera.id)
    order = list(Shared)
    found = [Group(shared, name, tuple(ids)) for (shared, name, _unit), ids in members.items() if len(ids) >= FEWEST]
    return tuple(sorted(found, key=lambda group: (-len(group.camera_ids), order.index(group.shared))))


def _in_common(camera: CameraConfig) -> list[tuple[Shared, str]]:
    names = {Shared.UPLINK: camera.uplink, Shared.STATION: camera.station, Shared.RECORDER: _recorder(camera)}
    return [(shared, name) for shared, name in names.items() if name]


def _recorder(camera: CameraConfig) -> str:
    """Host and port of the main stream: cameras behind one recorder share it."""
    return urlsplit(camera.streams.main.url).netloc.rpartition("@")[2]


def name_in_common(cameras: Sequence[CameraConfig]) -> str:
    """What cameras that failed together have in common, in a word: uplink, station or recorder, else the unit."""
    common = set(_in_common(cameras[0])).intersection(*(_in_common(camera) for camera in cameras[1:]))
    names = dict(common)
    return next((names[shared] for shared in Shared if shared in names), cameras[0].unit)


def failed_together(
    groups: Sequence[Group], offline_since_s: Mapping[str, float], out_of_service: Set[str] = frozenset()
) -> list[GroupOutage]:
    """The groups that are down, each camera in the largest one only.

    Args:
        groups: as `groups_of` orders them.
        offline_since_s: start of its outage by camera that is offline.
        out_of_service: cameras that count in no group, for a planned outage.
    """
    found: list[GroupOutage] = []
    taken: set[str] = set()
    for group in groups:
        in_service = [camera_id for camera_id in group.camera_ids if camera_id not in out_of_service]
        if not in_service or not all(camera_id in offline_since_s for camera_id in in_service):
            continue
        newest_s = max(offline_since_s[camera_id] for camera_id in in_service)
        fresh = [one for one in in_service if newest_s - offline_since_s[one] <= TOGETHER_S and one not in taken]
        if len(fresh) >= FEWEST:
            taken.update(fresh)
            found.append(GroupOutage(group, tuple(fresh), min(offline_since_s[one] for one in fresh)))
    return found
