"""Tracks of one frame, and its look -> triggers, by the rules of one camera."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Protocol, runtime_checkable

from detect.pictures.look import Look
from detect.rules.area_intrusion import AreaIntrusion
from detect.rules.crowd import Crowd
from detect.rules.ground import GroundMap
from detect.rules.line_crossing import LineCrossing
from detect.rules.loitering import Loitering
from detect.rules.object_left import ObjectLeft
from detect.rules.object_removed import ObjectRemoved
from detect.rules.picture_lost import PictureLost
from detect.rules.returning import Stay
from detect.rules.running import Running
from detect.rules.sighting import Picture, Sighting, Trigger
from detect.rules.vehicle_stopped import VehicleStopped
from detect.rules.wrong_direction import WrongDirection
from detect.rules.zone_intrusion import ZoneIntrusion
from detect.rules.zone_unmanned import ZoneUnmanned
from detect.tracking import Track
from kernel.config.camera import CameraConfig
from kernel.config.hours import within
from kernel.config.rules import (
    AreaIntrusionRule,
    CrowdRule,
    LineCrossingRule,
    LoiteringRule,
    ObjectLeftRule,
    ObjectRemovedRule,
    PictureLostRule,
    RuleConfig,
    RunningRule,
    VehicleStoppedRule,
    WrongDirectionRule,
    ZoneIntrusionRule,
    ZoneUnmannedRule,
)
from kernel.events import SightsUpdate

__all__ = ["CameraRules", "Picture", "Stay", "Trigger"]

_ABOUT_ABSENCE = (ObjectRemoved, ZoneUnmanned)


class Rule(Protocol):
    """A rule of one camera, with what it remembers of the tracks."""

    def evaluate(self, sightings: list[Sighting], picture: Picture, now_s: float) -> list[Trigger]:
        """What fires on this frame."""
        ...


@runtime_checkable
class StayingRule(Rule, Protocol):
    """A rule about who stays in a zone: a restarted detector has to know who was there."""

    @property
    def rule_id(self) -> str:
        """The rule's id within its camera."""
        ...

    def stays(self) -> list[Stay]:
        """Who stays, for `resume` in another run."""
        ...

    def resume(self, stays: Iterable[Stay]) -> None:
        """Take up the stays of another run, before the first frame."""
        ...


AnyRule = Rule | PictureLost | AreaIntrusion


def make_rule(camera: CameraConfig, rule: RuleConfig) -> AnyRule:
    """The rule that a camera's config asks for; its zone, or its homography, exists."""
    camera_id, zones = camera.id, {zone.id: zone for zone in camera.zones}
    match rule:
        case PictureLostRule():
            return PictureLost(camera_id, rule)
        case AreaIntrusionRule():
            return AreaIntrusion(camera_id, rule)
        case RunningRule():
            known = camera.homography or ()
            return Running(camera_id, rule, GroundMap([(point.picture, point.ground_m) for point in known]))
        case LineCrossingRule():
            return LineCrossing(camera_id, rule)
        case ZoneIntrusionRule():
            return ZoneIntrusion(camera_id, rule, zones[rule.zone])
        case LoiteringRule():
            return Loitering(camera_id, rule, zones[rule.zone])
        case CrowdRule():
            return Crowd(camera_id, rule, zones[rule.zone])
        case VehicleStoppedRule():
            return VehicleStopped(camera_id, rule, zones[rule.zone])
        case ObjectLeftRule():
            return ObjectLeft(camera_id, rule, zones[rule.zone])
        case ObjectRemovedRule():
            return ObjectRemoved(camera_id, rule, zones[rule.zone])
        case WrongDirectionRule():
            return WrongDirection(camera_id, rule, zones[rule.zone])
        case ZoneUnmannedRule():
            return ZoneUnmanned(camera_id, rule, zones[rule.zone])


class _Slot:
    """A rule within its hours; outside them it knows nothing, so who is there when they begin is told of then."""

    def __init__(self, rule: RuleConfig, make: Callable[[], AnyRule]) -> None:
        self._hours = rule.hours
        self._make = make
        self.rule: AnyRule | None = make()

    def begin(self) -> None:
        """Know nothing, from now on."""
        self.rule = self._make()

    def at(self, local: datetime) -> AnyRule | None:
        """The rule if it counts at that instant on the site's clocks."""
        if not within(self._hours, local):
            self.rule = None
        elif self.rule is None:
            self.rule = self._make()
        return self.rule


class CameraRules:
    """The rules of one camera."""

    def __init__(self, camera: CameraConfig, class_names: Sequence[str], clocks: tzinfo = UTC) -> None:
        """The rules as the camera's config has them.

        Args:
            camera: a loaded camera; its rules name zones that exist.
            class_names: the model's names, indexed by class id.
            clocks: time zone of the rules' hours.
        """
        self._class_names = tuple(class_names)
        self._clocks = clocks
        self._need_look = any(isinstance(rule, PictureLostRule) for rule in camera.rules)
        self._slots = tuple(_Slot(rule, partial(make_rule, camera, rule)) for rule in camera.rules)

    def evaluate(
        self,
        tracks: Iterable[Track],
        picture: Picture,
        now_s: float,
        look: Look | None = None,
        sights: SightsUpdate | None = None,
    ) -> list[Trigger]:
        """What fires on this frame: rules about the picture first, the others in the config's order.

        While a rule doubts the picture, rules about who or what is not there take the frame for none.

        Args:
            tracks: the tracks seen on the frame, confirmed or not.
            picture: size of the frame the boxes refer to.
            now_s: when the frame was taken, seconds since the epoch.
            look: the frame's look, where a rule is about that.
            sights: where the tracks stand on the earth, of a camera that flies.
        """
        if not self._slots:
            return []
        sightings = [Sighting.of(track, self._class_names[track.class_id], picture) for track in tracks]
        local = datetime.fromtimestamp(now_s, self._clocks)
        counting = [rule for slot in self._slots if (rule := slot.at(local)) is not None]
        watching = [rule for rule in counting if isinstance(rule, PictureLost)]
        triggers = [trigger for rule in watching if look is not None for trigger in rule.watch(look, now_s)]
        is_in_doubt = any(rule.is_in_doubt for rule in watching)
        for rule in counting:
            if isinstance(rule, AreaIntrusion):
                triggers += rule.watch(sightings, sights, picture, now_s) if sights is not None else []
            elif not isinstance(rule, PictureLost) and not (is_in_doubt and isinstance(rule, _ABOUT_ABSENCE)):
                triggers += rule.evaluate(sightings, picture, now_s)
        return triggers

    def name_classes(self, class_names: Sequence[str]) -> None:
        """Go on with more classes; those there were keep their ids."""
        self._class_names = tuple(class_names)

    def forget_looks(self) -> None:
        """The looks to come are of another size: what the picture looked like before is no measure for them."""
        for slot in self._slots:
            if isinstance(slot.rule, PictureLost):
                slot.begin()

    @property
    def need_look(self) -> bool:
        """Whether a rule is about the picture itself, so that `evaluate` has to be told its look."""
        return self._need_look

    def stays(self) -> dict[str, list[Stay]]:
        """Who stays in which rule's zone, for `resume` in another run of the detector."""
        return {rule.rule_id: rule.stays() for rule in self._staying()}

    def resume_scaled(self, stays: Mapping[str, Iterable[Stay]], before: Picture, now: Picture) -> None:
        """Take up stays on a picture of another size."""
        x, y = now.width_px / before.width_px, now.height_px / before.height_px
        self.resume({rule_id: [stay.scaled(x, y) for stay in of_rule] for rule_id, of_rule in stays.items()})

    def resume(self, stays: Mapping[str, Iterable[Stay]]) -> None:
        """Take up what another run left, before the first frame: who is still there triggers nothing again."""
        for rule in self._staying():
            rule.resume(stays.get(rule.rule_id, ()))

    def _staying(self) -> list[StayingRule]:
        return [slot.rule for slot in self._slots if isinstance(slot.rule, StayingRule)]
