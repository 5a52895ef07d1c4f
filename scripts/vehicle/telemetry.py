"""The messages of the telemetry streams, built from the vehicle as it is; no better than a real vehicle knows."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as wire

from scripts.vehicle.autopilot import Autopilot
from scripts.vehicle.gimbal import Gimbal
from scripts.vehicle.mission_run import RunState
from scripts.vehicle.modes import PILOT_HOLDS_THROTTLE
from scripts.vehicle.profiles import Profile

_GPS_SIGMA_M = 0.4
_MAV_TYPE_QUADROTOR, _MAV_AUTOPILOT_ARDUPILOT = 2, 3
_STANDBY, _ACTIVE, _CRITICAL, _EMERGENCY = 3, 4, 5, 6  # MAV_STATE
_SENSORS = 0x0020_FC2F
_PREARM_BIT = 0x1000_0000
_UNKNOWN_CELL_MV = 65535
_EKF_GOOD, _EKF_SETTLING, _EKF_LOST = 0x033F, 0x00A7, 0x0087
_UNIX_EPOCH_US = 1_790_000_000_000_000


class Telemetry:
    """Builds any message by its number."""

    def __init__(self, profile: Profile, autopilot: Autopilot, gimbal: Gimbal, rng: random.Random) -> None:
        self._profile, self._pilot, self._gimbal, self._rng = profile, autopilot, gimbal, rng
        self.boot_ms = 0
        self._builders: dict[int, Callable[[], Any]] = {
            0: self.heartbeat, 1: self._sys_status, 2: self._system_time, 24: self._gps_raw, 27: self._raw_imu,
            30: self._attitude, 32: self._local_position, 33: self._global_position, 36: self._servo_output,
            42: self.mission_current, 62: self._nav_output, 65: self._rc_channels, 74: self._vfr_hud,
            125: self._power, 147: self._battery, 148: self.autopilot_version, 152: self._memory,
            158: self._mount_status, 162: self._fence_status, 193: self._ekf, 242: self.home_position,
        }  # fmt: skip
        if profile.is_modern:
            self._builders |= {
                245: self._extended_state, 280: self._gimbal_information, 281: self._gimbal_status,
                285: self._gimbal_attitude,
            }  # fmt: skip

    def knows(self, message_id: int) -> bool:
        return message_id in self._builders

    def build(self, message_id: int) -> Any:
        """The message with this number, now."""
        return self._builders[message_id]()

    def heartbeat(self) -> Any:
        pilot = self._pilot
        base = 1 | 16 | (0 if pilot.mode in PILOT_HOLDS_THROTTLE else 8) | (128 if pilot.armed else 0) | 64
        return wire.MAVLink_heartbeat_message(
            _MAV_TYPE_QUADROTOR, _MAV_AUTOPILOT_ARDUPILOT, base, int(pilot.mode), self._system_status(), 3
        )

    def _system_status(self) -> int:
        if self._pilot.helm.body.broken:
            return _EMERGENCY
        if self._pilot.failsafe or self._pilot.ground_lost:
            return _CRITICAL
        return _STANDBY if self._pilot.landed else _ACTIVE

    def mission_current(self) -> Any:
        mission = self._pilot.mission
        if not self._profile.is_modern:
            return wire.MAVLink_mission_current_message(mission.current_seq)
        state = {RunState.STOPPED: 4, RunState.RUNNING: 3, RunState.COMPLETE: 5}[mission.state]
        state = 1 if mission.count < 2 else 2 if mission.current_seq == 0 and not mission.running else state
        return wire.MAVLink_mission_current_message(mission.current_seq, max(0, mission.count - 1), state, 0)

    def home_position(self) -> Any:
        home, local = self._pilot.helm.home, self._pilot.helm.home_local
        return wire.MAVLink_home_position_message(
            round(home.lat_deg * 1e7), round(home.lon_deg * 1e7), round(home.amsl_altitude_m * 1000),
            local.north, local.east, -local.up, [1.0, 0.0, 0.0, 0.0], 0.0, 0.0, 0.0,
        )  # fmt: skip

    def autopilot_version(self) -> Any:
        major, minor, patch = self._profile.version
        release = 255  # FIRMWARE_VERSION_TYPE_OFFICIAL
        version = major << 24 | minor << 16 | patch << 8 | release
        return wire.MAVLink_autopilot_version_message(
            self._profile.capabilities, version, 0, 0, 0, [0] * 8, [0] * 8, [0] * 8, 0, 0, 0
        )

    def camera_feedback(self, number: int, place: Any) -> Any:
        helm = self._pilot.helm
        lat, lon = helm.frame.to_global(place.north, place.east)
        return wire.MAVLink_camera_feedback_message(
            self.boot_ms * 1000, 0, 0, number, round(lat * 1e7), round(lon * 1e7), helm.ground_amsl_m + place.up,
            place.up - helm.home_local.up, 0.0, self._gimbal.pitch_deg, helm.body.yaw_deg, 0.0, 0, number,
        )  # fmt: skip

    def image_captured(self, number: int, place: Any) -> Any:
        helm = self._pilot.helm
        lat, lon = helm.frame.to_global(place.north, place.east)
        return wire.MAVLink_camera_image_captured_message(
            self.boot_ms, 0, 0, round(lat * 1e7), round(lon * 1e7), round((helm.ground_amsl_m + place.up) * 1000),
            round((place.up - helm.home_local.up) * 1000), [1.0, 0.0, 0.0, 0.0], number, 1, b"",
        )  # fmt: skip

    def _sys_status(self) -> Any:
        battery, ready = self._pilot.battery, not self._pilot.readiness.checks(self._pilot)
        present = _SENSORS | (_PREARM_BIT if self._profile.is_modern else 0)
        health = present if ready else present & ~_PREARM_BIT & ~0x20
        return wire.MAVLink_sys_status_message(
            present, present, health, 300, round(battery.voltage_v * 1000), round(battery.current_a * 100),
            round(battery.remaining * 100), 0, 0, 0, 0, 0, 0,
        )  # fmt: skip

    def _battery(self) -> Any:
        """Cell voltages are all unknown, as on the vehicle that was measured: SYS_STATUS has the voltage."""
        battery = self._pilot.battery
        return wire.MAVLink_battery_status_message(
            0, 0, 1, 32767, [_UNKNOWN_CELL_MV] * 10, round(battery.current_a * 100), round(battery.used_mah), -1,
            round(battery.remaining * 100),
        )  # fmt: skip

    def _system_time(self) -> Any:
        return wire.MAVLink_system_time_message(_UNIX_EPOCH_US + self.boot_ms * 1000, self.boot_ms)

    def _gps_raw(self) -> Any:
        helm, body = self._pilot.helm, self._pilot.helm.body
        fix = self._pilot.readiness.gps_fix(self._pilot.flight_s)
        north, east, up = (value + self._rng.gauss(0, _GPS_SIGMA_M) for value in body.position.plus(helm.glitch))
        lat, lon = helm.frame.to_global(north, east)
        speed = body.velocity.horizontal
        return wire.MAVLink_gps_raw_int_message(
            self.boot_ms * 1000, fix, round(lat * 1e7), round(lon * 1e7), round((helm.ground_amsl_m + up) * 1000),
            121 if fix >= 3 else 9999, 200 if fix >= 3 else 9999, round(speed * 100),
            round(math.degrees(math.atan2(body.velocity.east, body.velocity.north)) % 360 * 100),
            10 if fix >= 3 else 4,
        )  # fmt: skip

    def _raw_imu(self) -> Any:
        return wire.MAVLink_raw_imu_message(self.boot_ms * 1000, 0, 0, -1000, 0, 0, 0, 200, 50, -400)

    def _attitude(self) -> Any:
        yaw = math.radians((self._pilot.helm.body.yaw_deg + 180) % 360 - 180)
        return wire.MAVLink_attitude_message(self.boot_ms, 0.0, 0.0, yaw, 0.0, 0.0, 0.0)

    def _local_position(self) -> Any:
        place, speed = self._pilot.helm.position, self._pilot.helm.body.velocity
        return wire.MAVLink_local_position_ned_message(
            self.boot_ms, place.north, place.east, -place.up, speed.north, speed.east, -speed.up
        )

    def _global_position(self) -> Any:
        helm = self._pilot.helm
        place, speed = helm.position, helm.body.velocity
        lat, lon = helm.frame.to_global(place.north, place.east)
        if not self._pilot.readiness.has_position(self._pilot.flight_s) and self._pilot.landed:
            lat = lon = 0.0  # no position yet: zeros, as the real one sends
        return wire.MAVLink_global_position_int_message(
            self.boot_ms, round(lat * 1e7), round(lon * 1e7), round((helm.ground_amsl_m + place.up) * 1000),
            round((place.up - helm.home_local.up) * 1000), _cm_s(speed.north), _cm_s(speed.east), _cm_s(-speed.up),
            round(helm.body.yaw_deg * 100) % 36000,
        )  # fmt: skip

    def _servo_output(self) -> Any:
        pwm = 1500 if self._pilot.armed and not self._pilot.landed else 1100 if self._pilot.armed else 1000
        return wire.MAVLink_servo_output_raw_message(self.boot_ms * 1000, 0, *([pwm] * 4), *([0] * 4))

    def _nav_output(self) -> Any:
        return wire.MAVLink_nav_controller_output_message(0.0, 0.0, round(self._pilot.helm.body.yaw_deg), 0, 0, 0, 0, 0)

    def _rc_channels(self) -> Any:
        climb = self._pilot.helm.climb_rate_m_s
        throttle = 1000 if climb < 0 else 1500 if climb == 0 else 1800
        return wire.MAVLink_rc_channels_message(
            self.boot_ms, 8, 1500, 1500, throttle, 1500, *([1500] * 4), *([0] * 10), 0
        )

    def _vfr_hud(self) -> Any:
        helm = self._pilot.helm
        speed = helm.body.velocity
        throttle = 40 if not self._pilot.landed else 0
        return wire.MAVLink_vfr_hud_message(
            speed.horizontal, speed.horizontal, round(helm.body.yaw_deg), throttle,
            helm.ground_amsl_m + helm.position.up, speed.up,
        )  # fmt: skip

    def _power(self) -> Any:
        return wire.MAVLink_power_status_message(5000, 0, 0)

    def _memory(self) -> Any:
        return wire.MAVLink_meminfo_message(0, 65535)

    def _mount_status(self) -> Any:
        gimbal = self._gimbal
        return wire.MAVLink_mount_status_message(0, 0, round(gimbal.pitch_deg * 100), 0, round(gimbal.yaw_deg * 100))

    def _fence_status(self) -> Any:
        status = self._pilot.fence.status
        return wire.MAVLink_fence_status_message(
            status.breached, status.breach_count, status.breach_type, status.breached_at_ms
        )

    def _ekf(self) -> Any:
        pilot = self._pilot
        glitching = pilot.flight_s < pilot.readiness.glitch_until_s
        settled = pilot.readiness.has_position(pilot.flight_s)
        flags = _EKF_LOST if glitching else _EKF_GOOD if settled else _EKF_SETTLING
        variance = 1.6 if glitching else 0.05
        return wire.MAVLink_ekf_status_report_message(flags, variance, variance, 0.03, 0.04, 0.0)

    def _extended_state(self) -> Any:
        return wire.MAVLink_extended_sys_state_message(0, 1 if self._pilot.landed else 2)

    def _gimbal_information(self) -> Any:
        half = math.pi / 2
        return wire.MAVLink_gimbal_manager_information_message(
            self.boot_ms, 0x1E2F, 1, 0.0, 0.0, -half, half / 3, -math.pi, math.pi
        )

    def _gimbal_status(self) -> Any:
        return wire.MAVLink_gimbal_manager_status_message(self.boot_ms, 12, 1, 0, 0, 0, 0)

    def _gimbal_attitude(self) -> Any:
        pitch, yaw = math.radians(self._gimbal.pitch_deg) / 2, math.radians(self._gimbal.yaw_deg) / 2
        turn = [
            math.cos(pitch) * math.cos(yaw), -math.sin(pitch) * math.sin(yaw),
            math.sin(pitch) * math.cos(yaw), math.cos(pitch) * math.sin(yaw),
        ]  # fmt: skip
        return wire.MAVLink_gimbal_device_attitude_status_message(0, 0, self.boot_ms, 12, turn, 0.0, 0.0, 0.0, 0)


def _cm_s(speed_m_s: float) -> int:
    return max(-32768, min(32767, round(speed_m_s * 100)))
