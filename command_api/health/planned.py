"""Planned outages (报备停用): cameras out of service for a while, announced with a reason; pure.

    filed --begins_at--> under way --ends_at--> over          the cameras' time counts as out of service, no alert
      |                     +--ended early--> over, from that instant on
      +--ended early--> withdrawn: it never counts

What was filed is never rewritten: only an end can come earlier. So a figure of the past recomputes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kernel.config.lookout import LookoutConfig
from kernel.config.maintenance import LONGEST_APPROVER, LONGEST_OUTAGE, LONGEST_REASON, MaintenanceConfig
from kernel.config.moment import begin, until
from kernel.errors import BadInputError
from kernel.ledger import Span

FILED_BY_CONFIG = "config"
LONGEST_AGO = timedelta(days=31)


class OutageRefused(BadInputError):
    """A planned outage cannot be filed or ended as asked.

    Attributes:
        why_zh, why_en: for people.
    """

    def __init__(self, why_zh: str, why_en: str) -> None:
        super().__init__(f"planned outage: {why_en}")
        self.why_zh = why_zh
        self.why_en = why_en


@dataclass(frozen=True, slots=True)
class PlannedOutage:
    """Cameras that are out of service from one instant to another.

    Attributes:
        id: ULID.
        camera_ids: which, as they were when it was filed.
        begins_at, ends_at: when it counts; equal for one that was withdrawn before it began.
        announced_end_at: the end it was filed with.
        reason, approver: why, and who approved it.
        filed_by, filed_at: who announced it and when.
        ended_by: who ended it early, empty where nobody did.
        config_key: which entry of the config it comes from, empty for an order.
    """

    id: str
    camera_ids: tuple[str, ...]
    begins_at: datetime
    ends_at: datetime
    announced_end_at: datetime
    reason: str
    approver: str
    filed_by: str
    filed_at: datetime
    ended_by: str = ""
    config_key: str = ""

    @property
    def is_backdated(self) -> bool:
        """Whether some of it lay in the past when it was filed."""
        return self.filed_at > self.begins_at

    @property
    def span(self) -> Span:
        """Its time."""
        return Span(self.begins_at.timestamp(), self.ends_at.timestamp())


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody announces."""

    camera_ids: tuple[str, ...]
    begins_at: datetime
    ends_at: datetime
    reason: str
    approver: str = ""


def filed(request: Request, outage_id: str, actor: str, now: datetime, config_key: str = "") -> PlannedOutage:
    """The outage that a request makes.

    Raises:
        OutageRefused: no camera, no reason, no time, or one too long or too long ago.
    """
    reason, approver = request.reason.strip(), request.approver.strip()
    if not request.camera_ids:
        raise OutageRefused("未指定摄像机", "names no camera; give cameras or stations")
    if not reason or len(reason) > LONGEST_REASON:
        raise OutageRefused(
            f"须填写原因（不超过 {LONGEST_REASON} 字）", f"give a reason of 1 to {LONGEST_REASON} characters"
        )
    if len(approver) > LONGEST_APPROVER:
        raise OutageRefused(
            f"批准人不超过 {LONGEST_APPROVER} 字", f"the approver has at most {LONGEST_APPROVER} characters"
        )
    if request.ends_at <= request.begins_at:
        raise OutageRefused("结束时间须晚于开始时间", "it does not end after it begins")
    if request.ends_at - request.begins_at > LONGEST_OUTAGE:
        days = LONGEST_OUTAGE.days
        raise OutageRefused(
            f"停用不得超过 {days} 天", f"longer than {days} days; set enabled: false in the config instead"
        )
    if request.begins_at < now - LONGEST_AGO:
        days = LONGEST_AGO.days
        raise OutageRefused(f"补报不得早于 {days} 天前", f"begins more than {days} days ago")
    return PlannedOutage(
        outage_id,
        tuple(sorted(set(request.camera_ids))),
        request.begins_at,
        request.ends_at,
        request.ends_at,
        reason,
        approver,
        actor,
        now,
        config_key=config_key,
    )


def ended(outage: PlannedOutage, actor: str, now: datetime) -> PlannedOutage:
    """The outage ended at this instant, or withdrawn where it has not begun.

    Raises:
        OutageRefused: it is over.
    """
    if now >= outage.ends_at:
        raise OutageRefused("该停用已结束", "it is over already")
    return replace(outage, ends_at=max(now, outage.begins_at), ended_by=actor)


def cameras_named(
    config: LookoutConfig, cameras: Collection[str], stations: Collection[str]
) -> tuple[tuple[str, ...], list[str]]:
    """Ids of the cameras that are named by id or station, and names that nothing has."""
    found = [one.id for one in config.cameras if one.id in cameras or (one.station and one.station in stations)]
    unknown = sorted(set(cameras) - {one.id for one in config.cameras})
    unknown += sorted(set(stations) - {one.station for one in config.cameras if one.station})
    return tuple(found), unknown


def spans_by_camera(outages: Iterable[PlannedOutage]) -> dict[str, list[Span]]:
    """When each camera is out of service; spans may overlap."""
    spans: dict[str, list[Span]] = {}
    for outage in outages:
        for camera_id in outage.camera_ids:
            spans.setdefault(camera_id, []).append(outage.span)
    return spans


def under_way(outages: Iterable[PlannedOutage], now: datetime) -> dict[str, PlannedOutage]:
    """The outage each camera is in at an instant: of several the one that lasts longest."""
    found: dict[str, PlannedOutage] = {}
    for outage in outages:
        if outage.begins_at <= now < outage.ends_at:
            for camera_id in outage.camera_ids:
                if camera_id not in found or found[camera_id].ends_at < outage.ends_at:
                    found[camera_id] = outage
    return found


@dataclass(frozen=True, slots=True)
class ConfigChanges:
    """What a config announces that was not filed yet, by its key, and what it announces no longer."""

    new: Mapping[str, Request]
    gone: tuple[PlannedOutage, ...]


def config_changes(
    config: LookoutConfig, known: Sequence[PlannedOutage], now: datetime, ended_by_people: Collection[str] = ()
) -> ConfigChanges:
    """Compare the config with what was filed from it; what is over stays as it is, also what a person ended early.

    Args:
        config: cameras, time zone and `maintenance`.
        known: outages that are not over.
        now: the present.
        ended_by_people: keys of entries whose outage a person ended or withdrew; the config does not bring it back.
    """
    zone = ZoneInfo(config.site.timezone)
    wanted = {_key(entry): _request(config, entry, zone) for entry in config.maintenance}
    standing = {one.config_key: one for one in known if one.config_key and not one.ended_by and one.ends_at > now}
    return ConfigChanges(
        {
            key: request
            for key, request in wanted.items()
            if key not in standing and key not in ended_by_people and request.ends_at > now
        },
        tuple(outage for key, outage in standing.items() if key not in wanted),
    )


def _key(entry: MaintenanceConfig) -> str:
    text = json.dumps(entry.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _request(config: LookoutConfig, entry: MaintenanceConfig, zone: ZoneInfo) -> Request:
    camera_ids, _ = cameras_named(config, entry.cameras, entry.stations)
    return Request(camera_ids, begin(entry.begins, zone), until(entry.ends, zone), entry.reason, entry.approver)
