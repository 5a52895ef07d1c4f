"""COMMAND_LONG, COMMAND_INT, SET_MODE and GUIDED targets: what is done, and what the ACK says: not the same thing."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from pymavlink.dialects.v20 import ardupilotmega as wire

from scripts.vehicle import controllers
from scripts.vehicle.autopilot import Autopilot
from scripts.vehicle.camera import Camera
from scripts.vehicle.gimbal import Gimbal
from scripts.vehicle.mission_items import ABSOLUTE, RELATIVE, TERRAIN, StoredItem
from scripts.vehicle.modes import Mode, known_mode
from scripts.vehicle.profiles import Profile
from scripts.vehicle.vector import Vector

ACCEPTED, TEMPORARILY_REJECTED, DENIED, UNSUPPORTED, FAILED, IN_PROGRESS = 0, 1, 2, 3, 4, 5  # MAV_RESULT
_FORCE_ARM, _FORCE_DISARM = 2989, 21196
_CALIBRATION_S = 4.0
_FRAMES = {0: ABSOLUTE, 5: ABSOLUTE, 3: RELATIVE, 6: RELATIVE, 10: TERRAIN, 11: TERRAIN}
_IGNORE_POSITION, _IGNORE_VELOCITY = 0x0007, 0x0038


class Command(NamedTuple):
    """A command of either kind. `place` is None in a COMMAND_LONG, whose last three are floats in `rest`."""

    number: int
    params: tuple[float, float, float, float]
    rest: tuple[float, float, float]
    place: tuple[float, float, float, int] | None


class Commands:
    """Runs commands on the autopilot, gimbal, camera; `special` handles those about messages and the link itself."""

    def __init__(
        self, profile: Profile, autopilot: Autopilot, gimbal: Gimbal, camera: Camera,
        post: Callable[[Any], None], special: Callable[[Command], int | None],
    ) -> None:  # fmt: skip
        self._profile, self._autopilot, self._gimbal, self._camera = profile, autopilot, gimbal, camera
        self._post, self._special = post, special
        self._later: list[tuple[float, int, tuple[int, int]]] = []

    def on_command_long(self, message: Any, link_s: float) -> None:
        rest = (message.param5, message.param6, message.param7)
        command = Command(message.command, _params(message), rest, None)
        known = command.number in self._profile.commands_long
        self._answer(message, self.run(command) if known else UNSUPPORTED, link_s)

    def on_command_int(self, message: Any, link_s: float) -> None:
        place = (message.x / 1e7, message.y / 1e7, message.z, message.frame)
        command = Command(message.command, _params(message), (float(message.x), float(message.y), message.z), place)
        known = command.number in self._profile.commands_int
        self._answer(message, self.run(command) if known else UNSUPPORTED, link_s)

    def on_set_mode(self, message: Any, link_s: float) -> None:
        """The old way to change the mode; 3.5 answers with an ACK of the message's own number, 11, 4 not at all."""
        mode = known_mode(message.custom_mode) if message.base_mode & 1 else None
        done = mode is not None and self._autopilot.set_mode(mode)
        if self._profile.acks_set_mode:
            self._ack(message.get_msgId(), ACCEPTED if done else FAILED, _sender(message))

    def on_set_position_target_global_int(self, message: Any, link_s: float) -> None:
        """A GUIDED target; outside GUIDED, or in a frame it does not know, it is ignored without a word."""
        if message.coordinate_frame not in (0, 3, 5, 6, 11):
            return
        if not message.type_mask & _IGNORE_POSITION:
            self._go(message.lat_int / 1e7, message.lon_int / 1e7, message.alt, message.coordinate_frame)
        elif not message.type_mask & _IGNORE_VELOCITY:
            velocity = Vector(message.vx, message.vy, -message.vz)
            self._autopilot.guide(controllers.Velocity(self._autopilot.helm, velocity))

    def on_guided_item(self, message: Any, link_s: float) -> bool:
        """A MISSION_ITEM with current=2 is a GUIDED target, not part of a plan; true when this was one."""
        if message.current != 2:
            return False
        scale = 1e7 if message.get_type() == "MISSION_ITEM_INT" else 1.0
        frame = message.frame if message.frame in self._profile.location_frames else -1
        done = self._go(message.x / scale, message.y / scale, message.z, frame)
        self._post(wire.MAVLink_mission_ack_message(*_sender(message), 0 if done else 1))
        return True

    def on_mission_set_current(self, message: Any, link_s: float) -> None:
        """Answered by MISSION_CURRENT when it can be done, by nothing when not."""
        if self._autopilot.mission.set_current(message.seq):
            self._post(wire.MAVLink_mission_current_message(self._autopilot.mission.current_seq))

    def tick(self, link_s: float) -> None:
        """Send the final ACKs that have come due."""
        for entry in [entry for entry in self._later if link_s >= entry[0]]:
            self._later.remove(entry)
            self._ack(entry[1], ACCEPTED, entry[2])

    def do_item(self, item: StoredItem) -> None:
        """A DO item of the mission."""
        place = (item.lat_e7 / 1e7, item.lon_e7 / 1e7, item.alt_m, item.frame)
        self.run(Command(item.command, item.params, (item.lat_e7, item.lon_e7, item.alt_m), place))

    def run(self, command: Command) -> int:
        """Do it; the MAV_RESULT."""
        result = self._special(command)
        if result is not None:
            return result
        for group in (self._fly, self._steer, self._look, self._photograph):
            result = group(command)
            if result is not None:
                return result
        return UNSUPPORTED

    def _fly(self, command: Command) -> int | None:
        pilot, (one, two, _, _) = self._autopilot, command.params
        match command.number:
            case 400:
                if one not in (0.0, 1.0):
                    return UNSUPPORTED
                done = pilot.arm(two == _FORCE_ARM) if one else pilot.disarm(two == _FORCE_DISARM)
            case 300:
                if self._profile.is_modern and (one or two):
                    return DENIED
                done = pilot.start_mission()
            case 22:
                if command.place is not None and command.place[3] != RELATIVE:
                    return DENIED
                done = pilot.take_off(command.rest[2])
            case 17 | 20 | 21:
                done = pilot.set_mode({17: Mode.LOITER, 20: Mode.RTL, 21: Mode.LAND}[command.number])
            case 176:
                mode = known_mode(whole(two)) if whole(one) & 1 else None
                done = mode is not None and pilot.set_mode(mode)
            case 185:
                done = one > 0.5
                if done:
                    pilot.disarm(force=True)
            case 224:
                done = pilot.mission.set_current(whole(one))
            case 193:
                return self._pause(one)
            case _:
                return None
        return ACCEPTED if done else FAILED

    def _steer(self, command: Command) -> int | None:
        helm, (one, two, three, four) = self._autopilot.helm, command.params
        match command.number:
            case 178:
                if two <= 0:
                    return FAILED
                helm.speed_m_s = two if one < 2 else helm.speed_m_s
            case 115:
                turn = one * (three or 1.0) + helm.body.yaw_deg if four else one
                helm.fixed_yaw_deg = turn % 360
            case 192:
                return self._reposition(command)
            case 179:
                return self._set_home(command)
            case 207:
                helm.parameters.set("FENCE_ENABLE", float(one > 0.5))
            case 181 | 183:
                pass
            case _:
                return None
        return ACCEPTED

    def _look(self, command: Command) -> int | None:
        helm, (one, two, three, _) = self._autopilot.helm, command.params
        match command.number:
            case 195 | 201:
                lat, lon, alt, frame = command.place or (*command.rest, RELATIVE)
                nowhere = lat == 0 and lon == 0 and alt == 0
                helm.look_at = None if nowhere else helm.place(lat, lon, alt, _FRAMES.get(frame, RELATIVE))
            case 197:
                helm.look_at = None
            case 205:
                helm.look_at = None
                self._gimbal.point(one, three)
            case 204:
                self._gimbal.point(0.0, 0.0)
            case 1000:
                helm.look_at = None
                self._gimbal.point(one, two)
            case _:
                return None
        return ACCEPTED

    def _photograph(self, command: Command) -> int | None:
        camera, place, (one, two, three, _) = self._camera, self._autopilot.helm.body.position, command.params
        match command.number:
            case 203:
                if command.rest[0] > 0:
                    camera.take(place)
            case 206:
                camera.by_distance(one)
                if three == 1:
                    camera.take(place)
            case 2000:
                camera.by_time(two, whole(three), self._autopilot.flight_s)
            case 2001:
                camera.stop()
            case 202:
                pass
            case _:
                return None
        return ACCEPTED

    def _pause(self, go: float) -> int:
        """DO_PAUSE_CONTINUE of ArduCopter 4: only in AUTO and GUIDED, where it stops in the leg."""
        pilot = self._autopilot
        if pilot.mode not in (Mode.AUTO, Mode.GUIDED) or pilot.landed:
            return FAILED
        pilot.paused = controllers.Hold(pilot.helm) if go == 0 else None
        return ACCEPTED

    def _reposition(self, command: Command) -> int:
        if command.place is None:
            return UNSUPPORTED
        lat, lon, alt, frame = command.place
        if abs(lat) > 90 or abs(lon) > 180:
            return DENIED
        if self._autopilot.mode is not Mode.GUIDED and not whole(command.params[1]) & 1:
            return DENIED
        if not self._autopilot.set_mode(Mode.GUIDED):
            return FAILED
        return ACCEPTED if self._go(lat, lon, alt, frame) else DENIED

    def _go(self, lat_deg: float, lon_deg: float, alt_m: float, frame: int) -> bool:
        helm = self._autopilot.helm
        if frame not in _FRAMES:
            return False
        target = helm.place(lat_deg, lon_deg, alt_m, _FRAMES[frame])
        return target is not None and self._autopilot.guide(controllers.FlyTo(helm, target))

    def _set_home(self, command: Command) -> int:
        helm, (one, _, _, _) = self._autopilot.helm, command.params
        if one == 1:
            helm.set_home(helm.position._replace(up=0.0))
            return ACCEPTED
        lat, lon, alt, frame = command.place or (*command.rest, ABSOLUTE)
        if lat == 0 and lon == 0:
            return FAILED
        place = helm.place(lat, lon, alt, _FRAMES.get(frame, ABSOLUTE))
        if place is None or not math.isfinite(place.up):
            return FAILED
        helm.set_home(place)
        return ACCEPTED

    def _answer(self, message: Any, result: int, link_s: float) -> None:
        if result == IN_PROGRESS:
            self._later.append((link_s + _CALIBRATION_S, message.command, _sender(message)))
            if not self._profile.says_failsafe:
                return  # 3.5 is silent until it is done
        self._ack(message.command, result, _sender(message))

    def _ack(self, number: int, result: int, to: tuple[int, int]) -> None:
        to = to if self._profile.is_modern else (0, 0)  # 3.5 does not say whom it answers
        self._post(wire.MAVLink_command_ack_message(number, result, 0, 0, *to))


def whole(value: float) -> int:
    """A parameter that stands for a whole number; what is none counts as 0."""
    return int(value) if math.isfinite(value) else 0


def _params(message: Any) -> tuple[float, float, float, float]:
    return message.param1, message.param2, message.param3, message.param4


def _sender(message: Any) -> tuple[int, int]:
    return message.get_srcSystem(), message.get_srcComponent()
