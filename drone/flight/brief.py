"""What a flight is told before it begins: fixed for its whole life, and written into its record."""

from __future__ import annotations

from dataclasses import dataclass, field

from drone.mission.items import Mission
from drone.plan.way_home import WayHome
from kernel.drone_events import FlightCause, ReasonText
from kernel.geodesy import LatLon


@dataclass(frozen=True, slots=True)
class Limits:
    """Times and distances a flight is judged by.

    Attributes:
        contact_s: longest wait for the first heartbeat.
        ready_s: longest wait for GPS, estimator and the like before it is refused.
        version_s: longest wait for the autopilot's version before its parameters are read.
        soft_s: longest wait for reports that not every autopilot sends.
        upload_s: longest upload, verification included.
        arming_s: from the order to arm to the armed HEARTBEAT.
        take_off_s: from MISSION_START to being off the ground.
        landing_s: from standing on the ground to being disarmed by the autopilot itself.
        mode_s: longest wait for a change of mode.
        watch_s: after so long without a heartbeat in flight the watch ends.
        loss_s: a link lost for longer has to have sent the aircraft home, where link_loss is return.
        heartbeats: heard so many before the gate decides: two vehicles of one sysid show themselves in them.
        done_m: a patrol is done only when disarmed this near to home.
        home_m: the vehicle stands this near to its dock before it is armed.
        point_m: a point flown to by hand counts as reached within this.
        airborne_m: above this height it is in the air.
        fall_m: disarmed above this height, it did not land.
        stall_s: in flight it may come no nearer to where it is to be for so long, and its stay there.
        pause_s: it may hover for so long before somebody is asked whether it is to go on.
        late_share, late_s: a leg may take so many times its planned time, and so long.
        place_s: longest wait, once disarmed, for a position told since: where the link was lost the last one is old.
        why_s: then waited for the autopilot to say why: it may have restarted.
    """

    contact_s: float = 30.0
    ready_s: float = 120.0
    version_s: float = 5.0
    soft_s: float = 10.0
    upload_s: float = 180.0
    arming_s: float = 30.0
    take_off_s: float = 40.0
    landing_s: float = 30.0
    mode_s: float = 15.0
    watch_s: float = 1800.0
    loss_s: float = 8.0
    heartbeats: int = 12
    done_m: float = 2.0
    home_m: float = 10.0
    point_m: float = 3.0
    airborne_m: float = 1.0
    fall_m: float = 8.0
    place_s: float = 10.0
    why_s: float = 5.0
    stall_s: float = 60.0
    pause_s: float = 180.0
    late_share: float = 1.5
    late_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Brief:
    """One flight to be flown.

    Attributes:
        mission: item 0 is home; ends with a return.
        home: configured dock, WGS-84.
        returns_on_loss: `link_loss: return`.
        battery_needed_percent: for the plan and the reserve.
        stop_percent: of the battery that one more stop on the way takes.
        gcs_sysid: MAVLink id of this ground station.
        autopilot: `ardupilot` or `px4`, as configured.
        allows_untested: `untested_autopilot: allow`.
        parameters: (name, value) pairs that the config asks for besides.
        ceiling_m: highest above ground.
        return_altitude_m: the plan relies on the autopilot's own return being this high above home; 0: it does not.
        legs_s: by item, seconds from leaving the place before it to leaving its own, as planned.
        way_home: what the way home takes of its battery; None: not known.
        plan_reasons: what the checks of the plan say against it.
    """

    flight_id: str
    drone_id: str
    patrol_id: str | None
    mission: Mission
    home: LatLon
    actor: str = "operator"
    cause: FlightCause = FlightCause.OPERATOR
    gcs_sysid: int = 255
    autopilot: str = "ardupilot"
    allows_untested: bool = False
    returns_on_loss: bool = True
    battery_needed_percent: float = 0.0
    stop_percent: float = 0.0
    ceiling_m: float = 120.0
    return_altitude_m: float = 0.0
    parameters: tuple[tuple[str, float], ...] = ()
    legs_s: tuple[float, ...] = ()
    way_home: WayHome | None = None
    plan_reasons: tuple[ReasonText, ...] = ()
    run_id: str | None = None
    alert_id: str | None = None
    limits: Limits = field(default_factory=Limits)
