"""Carrying out the steps of a flight over a vehicle link."""

from __future__ import annotations

import asyncio

from drone.flight.steps import (
    Arm,
    CompareMission,
    Disarm,
    Goto,
    ReadFence,
    ReadParameters,
    Result,
    SetCurrent,
    SetMode,
    SetSpeed,
    StartMission,
    Step,
    Upload,
    Verdict,
)
from drone.mavlink.interface import Vehicle
from drone.mavlink.results import CommandResult, CommandStatus, TransferStatus
from drone.mission.compare import FLOAT_TOLERANCE_DEG, INT_TOLERANCE_DEG, differences
from drone.mission.items import Command, Mission, MissionType

_VERDICTS = {
    CommandStatus.ACCEPTED: Verdict.DONE,
    CommandStatus.NO_ANSWER: Verdict.NO_ANSWER,
    CommandStatus.CANCELLED: Verdict.NO_ANSWER,
    CommandStatus.UNCONFIRMED: Verdict.NO_ANSWER,
}
_GROUND_SPEED, _THROTTLE_AS_IT_IS = 1.0, -1.0


async def perform(vehicle: Vehicle, step: Step) -> Result:
    """Do it, however long it takes within the link's own bounds."""
    match step:
        case ReadParameters():
            return await _read(vehicle, step)
        case ReadFence():
            return await _read_fence(vehicle)
        case Upload():
            return await _upload(vehicle, step.mission)
        case CompareMission():
            return await _compare(vehicle, step.mission)
        case SetMode():
            return _result(await vehicle.set_mode(step.mode))
        case Arm():
            vehicle.forget_reached()
            return _result(await vehicle.arm())
        case Disarm():
            return _result(await vehicle.disarm())
        case StartMission():
            return _result(await vehicle.start_mission())
        case SetCurrent():
            return _result(await vehicle.set_current(step.seq))
        case Goto():
            return await _goto(vehicle, step)
        case SetSpeed():
            return _result(await _fly_at(vehicle, step.speed_m_s))


def _result(answer: CommandResult) -> Result:
    return Result(_VERDICTS.get(answer.status, Verdict.REFUSED), answer.detail or answer.status.value)


async def _read(vehicle: Vehicle, step: ReadParameters) -> Result:
    answers = await asyncio.gather(*(vehicle.read_parameter(name) for name in step.names))
    found = [(answer.name, answer.value) for answer in answers if answer.value is not None]
    return Result(Verdict.DONE if found else Verdict.NO_ANSWER, parameters=tuple(found))


async def _read_fence(vehicle: Vehicle) -> Result:
    answer = await vehicle.download(MissionType.FENCE)
    if answer.status is not TransferStatus.DONE or answer.mission is None:
        return Result(Verdict.NO_ANSWER, answer.detail or answer.status.value)
    return Result(Verdict.DONE, fence=answer.mission)


async def _upload(vehicle: Vehicle, mission: Mission) -> Result:
    answer = await vehicle.upload(mission, MissionType.MISSION)
    if answer.is_verified:
        return Result(Verdict.DONE)
    told = [answer.detail or answer.status.value, *(str(one) for one in answer.faults[:3])]
    return Result(Verdict.FAILED, "; ".join(dict.fromkeys(told)))


async def _compare(vehicle: Vehicle, mission: Mission) -> Result:
    answer = await vehicle.download(MissionType.MISSION)
    if answer.status is not TransferStatus.DONE or answer.mission is None:
        return Result(Verdict.NO_ANSWER, answer.detail or answer.status.value)
    tolerance_deg = FLOAT_TOLERANCE_DEG if answer.by_float else INT_TOLERANCE_DEG
    found = differences(mission, answer.mission, MissionType.MISSION, tolerance_deg)
    return Result(Verdict.FAILED, str(found[0])) if found else Result(Verdict.DONE)


async def _fly_at(vehicle: Vehicle, speed_m_s: float) -> CommandResult:
    return await vehicle.command(Command.DO_CHANGE_SPEED, _GROUND_SPEED, speed_m_s, _THROTTLE_AS_IT_IS)


async def _goto(vehicle: Vehicle, step: Goto) -> Result:
    if step.speed_m_s is not None:
        await _fly_at(vehicle, step.speed_m_s)
    answer = await vehicle.goto(step.lat, step.lon, step.alt_home_m)
    if answer.status is CommandStatus.UNCONFIRMED:
        return Result(Verdict.DONE, "sent without acknowledgement")
    return _result(answer)
