"""Asking a vehicle for the messages its state is made of."""

from __future__ import annotations

from dataclasses import replace

from drone.mavlink.command import CommandExchange, Fallback, Order
from drone.mavlink.dialect import Message, mavlink
from drone.mavlink.modes import Autopilot
from drone.mavlink.results import CommandStatus
from drone.mavlink.session import Session
from drone.mavlink.timing import Timing
from drone.mission.items import Command

_FAST = (mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT, mavlink.MAVLINK_MSG_ID_ATTITUDE)
_SLOW = (
    mavlink.MAVLINK_MSG_ID_SYS_STATUS,
    mavlink.MAVLINK_MSG_ID_SYSTEM_TIME,
    mavlink.MAVLINK_MSG_ID_GPS_RAW_INT,
    mavlink.MAVLINK_MSG_ID_MISSION_CURRENT,
    mavlink.MAVLINK_MSG_ID_VFR_HUD,
    mavlink.MAVLINK_MSG_ID_BATTERY_STATUS,
    mavlink.MAVLINK_MSG_ID_HOME_POSITION,
    mavlink.MAVLINK_MSG_ID_EXTENDED_SYS_STATE,
)
_ARDUPILOT = (
    mavlink.MAVLINK_MSG_ID_EKF_STATUS_REPORT,
    mavlink.MAVLINK_MSG_ID_FENCE_STATUS,
    mavlink.MAVLINK_MSG_ID_WIND,
)
_GIMBAL = (mavlink.MAVLINK_MSG_ID_MOUNT_STATUS, mavlink.MAVLINK_MSG_ID_GIMBAL_DEVICE_ATTITUDE_STATUS)
_PX4 = (mavlink.MAVLINK_MSG_ID_ESTIMATOR_STATUS,)
_SLOW_HZ = 1.0
_TRIES = 3


async def ask_streams(session: Session, timing: Timing, rate_hz: float) -> None:
    """Ask for telemetry, then for version, capabilities and home where they are not known yet."""
    timing = replace(timing, command_tries=_TRIES, confirm_s=timing.command_s)
    state = session.telemetry.state
    others = _PX4 if state.autopilot == Autopilot.PX4 else _ARDUPILOT
    wanted = [(number, rate_hz) for number in (*_FAST, *_GIMBAL)] + [(number, _SLOW_HZ) for number in (*_SLOW, *others)]
    for number, hz in wanted:
        exchange = CommandExchange(
            Order(Command.SET_MESSAGE_INTERVAL, (number, round(1e6 / hz))), session.target, timing
        )
        await session.play(exchange)
        assert exchange.result is not None
        is_unknown = exchange.result.status is CommandStatus.UNSUPPORTED and number == wanted[0][0]
        if is_unknown or exchange.result.status in (CommandStatus.NO_ANSWER, CommandStatus.CANCELLED):
            _ask_in_groups(session, rate_hz)
            break
    if session.telemetry.state.version is None:
        await _ask_once(session, timing, "AUTOPILOT_VERSION", Command.REQUEST_AUTOPILOT_CAPABILITIES)
    if session.telemetry.state.home is None:
        await _ask_once(session, timing, "HOME_POSITION", Command.GET_HOME_POSITION)


def _ask_in_groups(session: Session, rate_hz: float) -> None:
    """REQUEST_DATA_STREAM: every group; nobody acknowledges it, so it is said three times."""
    everything, start = mavlink.MAV_DATA_STREAM_ALL, 1
    target = session.target
    message = mavlink.MAVLink_request_data_stream_message(
        target.system, target.component, everything, round(max(rate_hz, 1)), start
    )
    session.send([message] * _TRIES)


async def _ask_once(session: Session, timing: Timing, name: str, older_command: int) -> None:
    """REQUEST_MESSAGE, else the older command that makes the vehicle send the same."""

    def seen(message: Message) -> bool:
        return bool(message.get_type() == name)

    number = getattr(mavlink, f"MAVLINK_MSG_ID_{name}")
    older = Order(older_command, (1.0,)).message(session.target, 0)
    fallback = Fallback(f"command {older_command}", older)
    order = Order(Command.REQUEST_MESSAGE, (number,))
    await session.play(CommandExchange(order, session.target, timing, seen, fallback))
