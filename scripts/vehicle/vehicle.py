"""The sans-IO core of the simulated vehicle: bytes and link time in, datagrams out.

receive(bytes, now_s) -> uplink radio -> handlers -+-> autopilot -> body
advance(now_s): flight time runs `speedup` times faster, in steps of 50 ms
outgoing(now_s) <- downlink radio <- codec <- answers, texts, telemetry
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from functools import partial
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as wire

from scripts.vehicle.arming import Readiness
from scripts.vehicle.autopilot import Autopilot, Outlets
from scripts.vehicle.battery import Battery
from scripts.vehicle.body import Body, Wind
from scripts.vehicle.camera import Camera
from scripts.vehicle.commands import ACCEPTED, DENIED, FAILED, IN_PROGRESS, Command, Commands, whole
from scripts.vehicle.failsafes import Failsafes
from scripts.vehicle.faults import Fault, Kind
from scripts.vehicle.gimbal import Gimbal
from scripts.vehicle.helm import Helm
from scripts.vehicle.legacy_lists import LegacyLists
from scripts.vehicle.modes import Mode
from scripts.vehicle.options import VehicleOptions
from scripts.vehicle.outbox import Codec
from scripts.vehicle.parameters import ParameterTable
from scripts.vehicle.plan_store import Home, PlanStore
from scripts.vehicle.plan_transfer import PlanTransfer
from scripts.vehicle.radio import Radio
from scripts.vehicle.streams import Streams
from scripts.vehicle.telemetry import Telemetry
from scripts.vehicle.twin import Twin
from scripts.vehicle.vector import LocalFrame, Vector

_STEP_S = 0.05
_CAPACITY_MAH = 5200.0
_PREARM_TEXT_EVERY_S = 30.0
_REBOOT_AFTER_S = 0.5
_AUTOPILOT_COMPONENT = 1
_Handler = Callable[[Any, float], Any]


class Vehicle:
    """One vehicle; `body`, `autopilot`, `plans`, `camera` are open to tests and to the drone's camera picture."""

    def __init__(self, options: VehicleOptions) -> None:
        self.options = options
        self._rng = random.Random(f"vehicle {options.seed} {options.sysid}")
        self.body = Body(self._rng, options.wind)
        home = Home(options.lat_deg, options.lon_deg, options.ground_amsl_m)
        self.parameters = ParameterTable(options.profile, self._post, options.parameters)
        self.parameters.set("SYSID_THISMAV", options.sysid)
        hover_a = _CAPACITY_MAH * 3.6 / options.endurance_s
        self.battery = Battery(_CAPACITY_MAH, hover_a, _CAPACITY_MAH * (1 - options.battery_percent / 100))
        frame = LocalFrame(options.lat_deg, options.lon_deg)
        self.helm = Helm(self.body, self.parameters, frame, options.ground_amsl_m, self._rng, home)
        self.plans = PlanStore(options.profile.mission_capacity, lambda: self.helm.home)
        self.uplink = Radio(options.uplink, random.Random(f"uplink {options.seed} {options.sysid}"))
        self.downlink = Radio(options.downlink, random.Random(f"downlink {options.seed} {options.sysid}"))
        self._codec = Codec(options.sysid, _AUTOPILOT_COMPONENT, options.signing_key, options.signing_strict)
        self.flight_s = self.link_s = 0.0
        self.cut_until_s = 0.0
        self.texts: list[str] = []
        self._faults = list(options.faults)
        self._endings: list[tuple[float, Callable[[], None]]] = []
        self._twin: Twin | None = None
        self._airborne_since_s: float | None = None
        self._boot()

    def _boot(self) -> None:
        """Start the autopilot: plans and parameters are kept, everything else is as at the first start."""
        options = self.options
        self._boot_flight_s = self.flight_s
        self._reboot_at_s: float | None = None
        self._prearm_text_s = 0.0 if options.profile.is_modern else _PREARM_TEXT_EVERY_S / 2
        self._fence_seen = -1
        self._homed = False
        readiness = Readiness(options.settle_s)
        outlets = Outlets(self.say, self._reached, lambda item: self._commands.do_item(item), self._home_set)
        self.autopilot = Autopilot(
            options.profile, self.helm, self.battery, lambda: self.plans.mission, readiness, outlets
        )
        self.autopilot.landed = self.body.on_ground
        self.gimbal = Gimbal(self.helm)
        self.camera = Camera(self._photo_taken)
        self.telemetry = Telemetry(options.profile, self.autopilot, self.gimbal, self._rng)
        self._streams = Streams(options.profile, self.telemetry)
        self._failsafes = Failsafes(options.profile, self.autopilot)
        self._commands = Commands(
            options.profile, self.autopilot, self.gimbal, self.camera, self._post, self._about_messages
        )
        self._transfer = PlanTransfer(
            options.profile, self.plans, self._post, self.say,
            current=lambda: self.autopilot.mission.current_seq,
            running=self._may_not_clear,
            may_keep_types=lambda: self._codec.speaks_v2,
            ask_int=options.ask_int,
        )  # fmt: skip
        self._lists = LegacyLists(self.parameters, self._post, self.say, self.autopilot.fence.load_points)
        self._handlers = self._handler_table()

    # ---- bytes

    def receive(self, data: bytes, link_s: float) -> None:
        """Bytes came at `link_s`; they pass the uplink before anything hears them."""
        self.uplink.push(data, link_s)
        self._hear(link_s)

    def advance(self, link_s: float) -> None:
        """Let time run to `link_s`."""
        while (self.flight_s + _STEP_S) <= link_s * self.options.speedup + 1e-9:
            self.flight_s += _STEP_S
            self._step(min(link_s, self.flight_s / self.options.speedup))
        self.link_s = link_s
        self._hear(link_s)
        self._tick_protocols(link_s)

    def outgoing(self, link_s: float) -> list[bytes]:
        """The frames that leave the downlink by `link_s`, one a datagram."""
        return self.downlink.due(link_s)

    def _hear(self, link_s: float) -> None:
        for data in self.uplink.due(link_s):
            for message in self._codec.decode(data):
                self._handle(message, link_s)

    def _may_not_clear(self) -> bool:
        """A running mission is not cleared; ArduCopter 4 allows it when disarmed."""
        return self.autopilot.mission.running and (self.autopilot.armed or not self.options.profile.is_modern)

    def _handle(self, message: Any, link_s: float) -> None:
        if getattr(message, "target_system", 0) not in (0, self.options.sysid):
            return
        handler = self._handlers.get(message.get_type())
        if handler is not None:
            handler(message, link_s)

    def _post(self, message: Any) -> None:
        if message.get_type() in self.options.withheld:
            return
        frame = self._codec.encode(message)
        if frame is not None:
            self.downlink.push(frame, self.link_s)

    def say(self, severity: int, text: str) -> None:
        """Send a STATUSTEXT."""
        self.texts.append(text)
        self._post(wire.MAVLink_statustext_message(severity, text.encode()[:50]))

    # ---- time

    def _step(self, link_s: float) -> None:
        """One physics step, ending now."""
        self.link_s = link_s
        boot_s = self.flight_s - self._boot_flight_s
        self.telemetry.boot_ms = round(boot_s * 1000)
        self._run_faults()
        self.autopilot.step(_STEP_S, boot_s, link_s)
        self._failsafes.tick(link_s, boot_s, self.telemetry.boot_ms)
        while self._failsafes.texts:
            self.say(*self._failsafes.texts.pop(0))
        self.gimbal.tick(_STEP_S)
        self.camera.tick(self.body.position, boot_s)
        if self._airborne_since_s is None and not self.autopilot.landed:
            self._airborne_since_s = self.flight_s
        self._find_home(boot_s)
        self._nag(boot_s)
        if self._fence_seen != self.plans.fence_changed and self.options.profile.has_plan_types:
            self._fence_seen = self.plans.fence_changed
            self.autopilot.fence.load_items(self.plans.fence)
        if self._reboot_at_s is not None and self.flight_s >= self._reboot_at_s:
            self._boot()

    def _tick_protocols(self, link_s: float) -> None:
        self._transfer.tick(link_s)
        self.parameters.tick(link_s)
        self._commands.tick(link_s)
        busy = self._transfer.receiving or self.parameters.listing
        for message_id in self._streams.due(self.flight_s, link_s, busy):
            self._post(self.telemetry.build(message_id))
        for frame in self._twin.frames(self.flight_s, link_s) if self._twin is not None else []:
            self.downlink.push(frame, link_s)

    def _find_home(self, boot_s: float) -> None:
        if not self._homed and self.autopilot.readiness.has_position(boot_s) and self.autopilot.landed:
            self._homed = True
            self.helm.set_home(self.body.position)
            self._home_set()

    def _nag(self, boot_s: float) -> None:
        """Disarmed and not ready: it says why every half minute."""
        if self.autopilot.armed or boot_s < self._prearm_text_s:
            return
        self._prearm_text_s = boot_s + _PREARM_TEXT_EVERY_S
        for problem in self.autopilot.readiness.checks(self.autopilot):
            self.say(2, problem)

    # ---- faults

    def _run_faults(self) -> None:
        airborne_s = None if self._airborne_since_s is None else self.flight_s - self._airborne_since_s
        for fault in list(self._faults):
            if fault.is_due(self.flight_s, airborne_s, self.autopilot.mission.current_seq):
                self._faults.remove(fault)
                self.fail(fault)
        for ending in [ending for ending in self._endings if self.link_s >= ending[0]]:
            self._endings.remove(ending)
            ending[1]()

    def fail(self, fault: Fault) -> None:
        """Make it happen now."""
        pilot, boot_s = self.autopilot, self.flight_s - self._boot_flight_s
        match fault.kind:
            case Kind.SILENCE | Kind.DEAF | Kind.MUTE:
                self._silence(fault)
            case Kind.CUT:
                self.cut_until_s = self.link_s + fault.for_s
            case Kind.PILOT:
                self.helm.climb_rate_m_s = 0.0
                pilot.set_mode(Mode[fault.mode], "pilot")
            case Kind.BATTERY:
                self.battery.used_mah = self.battery.capacity_mah * (1 - fault.value / 100)
            case Kind.RETURN:
                pilot.failsafe = True
                pilot.set_mode(Mode.RTL, "failsafe")
            case Kind.GPS_GLITCH:
                self.helm.glitch = Vector(fault.value, 0.0, 0.0)
                self._failsafes.glitched(boot_s, boot_s + fault.for_s)
                self._later(fault.for_s / self.options.speedup, lambda: setattr(self.helm, "glitch", Vector(0, 0, 0)))
            case Kind.NO_ARM:
                pilot.readiness.arming_problem = "Compass not calibrated"
                self._later(
                    fault.for_s / self.options.speedup, lambda: setattr(pilot.readiness, "arming_problem", None)
                )
            case Kind.REBOOT:
                self._reboot_at_s = self.flight_s
            case Kind.TWIN:
                place, now_s = self.options, self.link_s
                self._twin = Twin(place.sysid, place.lat_deg, place.lon_deg, now_s, now_s + fault.for_s)
            case Kind.WIND:
                self.body.wind = Wind(fault.value, self.body.wind.from_deg, self.body.wind.gust_m_s)
            case Kind.MOTORS:
                self.body.motors_dead = True

    def _silence(self, fault: Fault) -> None:
        radios = [radio for radio, kind in ((self.uplink, Kind.DEAF), (self.downlink, Kind.MUTE))
                  if fault.kind in (Kind.SILENCE, kind)]  # fmt: skip
        for radio in radios:
            radio.silent = True
            self._later(fault.for_s, partial(setattr, radio, "silent", False))

    def _later(self, after_s: float, action: Callable[[], None]) -> None:
        self._endings.append((self.link_s + after_s, action))

    # ---- handlers

    def _handler_table(self) -> dict[str, _Handler]:
        table: dict[str, _Handler] = {
            "HEARTBEAT": lambda m, t: self._failsafes.gcs_heard(m.get_srcSystem(), t),
            "RC_CHANNELS_OVERRIDE": lambda m, t: self._failsafes.rc_override(m.get_srcSystem(), m.chan3_raw, t),
            "PARAM_REQUEST_READ": self.parameters.on_param_request_read,
            "PARAM_REQUEST_LIST": self.parameters.on_param_request_list,
            "PARAM_SET": self.parameters.on_param_set,
            "MISSION_COUNT": self._transfer.on_mission_count,
            "MISSION_ITEM": self._on_item,
            "MISSION_ITEM_INT": self._on_item,
            "MISSION_REQUEST_LIST": self._transfer.on_mission_request_list,
            "MISSION_REQUEST": self._transfer.on_mission_request,
            "MISSION_REQUEST_INT": self._transfer.on_mission_request,
            "MISSION_CLEAR_ALL": self._transfer.on_mission_clear_all,
            "MISSION_SET_CURRENT": self._commands.on_mission_set_current,
            "COMMAND_LONG": self._commands.on_command_long,
            "COMMAND_INT": self._commands.on_command_int,
            "SET_MODE": self._commands.on_set_mode,
            "SET_POSITION_TARGET_GLOBAL_INT": self._commands.on_set_position_target_global_int,
            "REQUEST_DATA_STREAM": self._streams.on_request_data_stream,
            "AUTOPILOT_VERSION_REQUEST": lambda m, t: self._post(self.telemetry.autopilot_version()),
            "MOUNT_CONTROL": lambda m, t: self.gimbal.point(m.input_a / 100, m.input_c / 100),
        }
        if self.options.profile.is_modern:
            table["TIMESYNC"] = self._on_timesync
            table["GIMBAL_MANAGER_SET_PITCHYAW"] = self._on_gimbal_pitch_yaw
        else:
            table["FENCE_POINT"] = self._lists.on_fence_point
            table["FENCE_FETCH_POINT"] = self._lists.on_fence_fetch_point
            table["RALLY_POINT"] = self._lists.on_rally_point
            table["RALLY_FETCH_POINT"] = self._lists.on_rally_fetch_point
        return table

    def _on_item(self, message: Any, link_s: float) -> None:
        if not self._commands.on_guided_item(message, link_s):
            self._transfer.on_mission_item(message, link_s)

    def _on_timesync(self, message: Any, link_s: float) -> None:
        if message.tc1 == 0:
            self._post(wire.MAVLink_timesync_message(self.telemetry.boot_ms * 1_000_000, message.ts1))

    def _on_gimbal_pitch_yaw(self, message: Any, link_s: float) -> None:
        self.helm.look_at = None
        self.gimbal.point(math.degrees(message.pitch), math.degrees(message.yaw))

    def _about_messages(self, command: Command) -> int | None:
        """Commands about messages, calibration and the autopilot as a whole."""
        one, two = command.params[0], command.params[1]
        match command.number:
            case 520:
                self._post(self.telemetry.autopilot_version())
            case 410:
                if not self._homed:
                    return FAILED
                self._post(self.telemetry.home_position())
            case 511:
                return ACCEPTED if self._streams.set_interval(whole(one), two) else DENIED
            case 510:
                if not 0 <= whole(one) <= 0xFFFF:
                    return DENIED
                self._post(wire.MAVLink_message_interval_message(whole(one), self._streams.interval_us(whole(one))))
            case 512:
                if not self.telemetry.knows(whole(one)):
                    return DENIED
                self._post(self.telemetry.build(whole(one)))
            case 241:
                return FAILED if self.autopilot.armed else IN_PROGRESS
            case 246:
                return self._asked_to_reboot(one)
            case _:
                return None
        return ACCEPTED

    def _asked_to_reboot(self, how: float) -> int:
        """3.5 says yes in flight, and goes on flying; ArduCopter 4 refuses."""
        if self.autopilot.armed:
            return FAILED if self.options.profile.is_modern else ACCEPTED
        if how in (1.0, 3.0):
            self._reboot_at_s = self.flight_s + _REBOOT_AFTER_S
        return ACCEPTED

    # ---- news of the autopilot

    def _reached(self, seq: int) -> None:
        self._post(wire.MAVLink_mission_item_reached_message(seq))

    def _home_set(self) -> None:
        self._post(self.telemetry.home_position())

    def _photo_taken(self, number: int, place: Vector) -> None:
        if self.options.profile.is_modern:
            self._post(self.telemetry.image_captured(number, place))
        self._post(self.telemetry.camera_feedback(number, place))
