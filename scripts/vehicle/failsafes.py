"""What the vehicle does by itself: ground station lost, battery low, fence crossed, estimator lost."""

from __future__ import annotations

from scripts.vehicle.autopilot import Autopilot
from scripts.vehicle.modes import Mode
from scripts.vehicle.profiles import Profile

_WARNING, _CRITICAL = 4, 2
_GCS_TIMEOUT_S = 5.0
_RC_OVERRIDE_LASTS_S = 3.0
_EKF_PATIENCE_S = 1.0
_CONTINUE_IN_AUTO = 2  # FS_GCS_ENABLE of 3.5; ArduCopter 4 takes it for 1 and asks bit 1 of FS_OPTIONS
_LOW_FOR_S = 10.0


class Failsafes:
    """Watches one vehicle. A failsafe changes the mode once; what a pilot does afterwards stands."""

    def __init__(self, profile: Profile, autopilot: Autopilot) -> None:
        self._profile, self._autopilot = profile, autopilot
        self._gcs_heard_s: float | None = None
        self._override_s: float | None = None
        self._battery_low = self._ekf_lost = False
        self._low_since_s: float | None = None
        self._glitch_since_s: float | None = None
        self.texts: list[tuple[int, str]] = []

    def gcs_heard(self, sysid: int, link_s: float) -> None:
        """A HEARTBEAT came; it counts only from the configured ground station."""
        if sysid == int(self._autopilot.helm.parameters["SYSID_MYGCS"]):
            self._gcs_heard_s = link_s

    def rc_override(self, sysid: int, throttle_pwm: int, link_s: float) -> None:
        """RC_CHANNELS_OVERRIDE came: it counts as a heartbeat, and its throttle moves the stick."""
        helm = self._autopilot.helm
        if sysid != int(helm.parameters["SYSID_MYGCS"]):
            return
        self._gcs_heard_s = self._override_s = link_s
        if 900 < throttle_pwm < 2200:
            most = (helm.parameters.get("PILOT_VELZ_MAX") or helm.parameters.get("PILOT_SPEED_UP", 250)) / 100
            stick = max(-1.0, min(1.0, (throttle_pwm - 1500) / 500))
            helm.climb_rate_m_s = 0.0 if abs(stick) < 0.1 else stick * most

    def glitched(self, flight_s: float, until_s: float) -> None:
        """The GPS jumps until `until_s`."""
        self._glitch_since_s = flight_s
        self._autopilot.readiness.glitch_until_s = until_s

    def tick(self, link_s: float, flight_s: float, boot_ms: int) -> None:
        self._watch_gcs(link_s)
        self._watch_battery(flight_s)
        self._watch_estimator(flight_s)
        if self._autopilot.armed and self._autopilot.fence.breach(boot_ms):
            self._act_on_fence()

    def _watch_gcs(self, link_s: float) -> None:
        pilot, value = self._autopilot, self._autopilot.helm.parameters
        if self._gcs_heard_s is None or not value["FS_GCS_ENABLE"]:
            self._autopilot.ground_lost = False
            return
        silent_s = link_s - self._gcs_heard_s
        if silent_s < (value.get("FS_GCS_TIMEOUT") or _GCS_TIMEOUT_S):
            self._autopilot.ground_lost = False
            return
        # an override that was running when the ground station fell silent counts, though it has since run out
        overriding = self._override_s is not None and self._gcs_heard_s - self._override_s < _RC_OVERRIDE_LASTS_S
        if not (self._profile.gcs_failsafe_everywhere or overriding or pilot.mode is Mode.GUIDED):
            return
        if self._autopilot.ground_lost:
            return
        self._autopilot.ground_lost = True
        if not pilot.armed:
            return
        if pilot.landed and not pilot.auto_armed:
            pilot.disarm()
        elif not (pilot.mode is Mode.AUTO and self._goes_on_in_auto):
            self._change(Mode.LAND if value["FS_GCS_ENABLE"] == 5 else Mode.RTL, "GCS Failsafe")

    @property
    def _goes_on_in_auto(self) -> bool:
        value = self._autopilot.helm.parameters
        if self._profile.is_modern:
            return bool(int(value.get("FS_OPTIONS")) & 2)
        return value["FS_GCS_ENABLE"] == _CONTINUE_IN_AUTO

    def _watch_battery(self, flight_s: float) -> None:
        value, battery = self._autopilot.helm.parameters, self._autopilot.battery
        volts = value.get("FS_BATT_VOLTAGE") or value.get("BATT_LOW_VOLT")
        reserve_mah = value.get("FS_BATT_MAH") or value.get("BATT_LOW_MAH")
        low = bool(volts) and battery.voltage_v < volts
        low = low or (reserve_mah > 0 and battery.capacity_mah - battery.used_mah < reserve_mah)
        if not low:
            self._low_since_s = None
            return
        self._low_since_s = flight_s if self._low_since_s is None else self._low_since_s
        if not self._battery_low and flight_s - self._low_since_s >= value.get("BATT_LOW_TIMER", _LOW_FOR_S):
            self.battery_is_low()

    def battery_is_low(self) -> None:
        """The battery failsafe, by voltage or by a fault: land, return, or nothing, as the parameters say."""
        self._battery_low = True
        value = self._autopilot.helm.parameters
        action = int(value.get("FS_BATT_ENABLE") or value.get("BATT_FS_LOW_ACT"))
        if action and self._autopilot.armed:
            self._change(Mode.LAND if action == 1 else Mode.RTL, "Battery 1 is low: failsafe")

    def _watch_estimator(self, flight_s: float) -> None:
        if self._glitch_since_s is None:
            return
        if flight_s >= self._autopilot.readiness.glitch_until_s:
            self._glitch_since_s, self._ekf_lost = None, False
        elif not self._ekf_lost and flight_s - self._glitch_since_s >= _EKF_PATIENCE_S:
            self._ekf_lost = True
            self.texts.append((_CRITICAL, "EKF variance"))
            if self._autopilot.armed and self._autopilot.helm.parameters["FS_EKF_ACTION"]:
                self._change(Mode.LAND, "EKF Failsafe")

    def _act_on_fence(self) -> None:
        if self._autopilot.helm.parameters["FENCE_ACTION"]:
            self._change(Mode.RTL, "Fence Breached")

    def _change(self, mode: Mode, text: str) -> None:
        self._autopilot.failsafe = True
        if self._profile.says_failsafe:
            self.texts.append((_WARNING, text))
        self._autopilot.set_mode(mode, "failsafe")
