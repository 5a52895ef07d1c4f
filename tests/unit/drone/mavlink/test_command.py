"""Commands over a link that loses them, to vehicles that know them and to those that do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drone.mavlink.command import CommandExchange, Fallback, Order, Place
from drone.mavlink.dialect import Message, Target, mavlink
from drone.mavlink.results import CommandStatus
from drone.mavlink.timing import Timing
from drone.mission.items import Command
from tests.unit.drone.mavlink.lossy_wire import Faults, LossyWire, over_the_wire

TIMING = Timing()
TARGET = Target(1)
_RTL = 6


@dataclass
class _Commanded:
    """Takes a command and answers `results`, one a time, the last for ever; shows its mode once a second."""

    results: list[int]
    took: list[Message] = field(default_factory=list)
    mode: int = 0
    later: list[tuple[float, int]] = field(default_factory=list)
    _beat_at_s: float = 0.0

    def receive(self, message: Message, now_s: float) -> list[Message]:
        self.took.append(message)
        if message.get_type() == "SET_MODE":
            self.mode = message.custom_mode
            return []
        if not message.get_type().startswith("COMMAND_"):
            return []
        result = self.results[0] if len(self.results) == 1 else self.results.pop(0)
        if result == 0 and message.command == Command.DO_SET_MODE:
            self.mode = int(message.param2)
        return [mavlink.MAVLink_command_ack_message(message.command, result)]

    def tick(self, now_s: float) -> list[Message]:
        due = [mavlink.MAVLink_command_ack_message(400, result) for at_s, result in self.later if at_s <= now_s]
        self.later = [entry for entry in self.later if entry[0] > now_s]
        if now_s - self._beat_at_s >= 1:
            self._beat_at_s = now_s
            due.append(mavlink.MAVLink_heartbeat_message(2, 3, 1, self.mode, 4, 3))
        return due


def _arm() -> CommandExchange:
    return CommandExchange(Order(Command.COMPONENT_ARM_DISARM, (1.0,)), TARGET, TIMING)


def _shows_rtl(message: Message) -> bool:
    return bool(message.get_type() == "HEARTBEAT" and message.custom_mode == _RTL)


def _set_rtl() -> CommandExchange:
    fallback = Fallback("SET_MODE", mavlink.MAVLink_set_mode_message(1, 1, _RTL))
    return CommandExchange(Order(Command.DO_SET_MODE, (1, _RTL)), TARGET, TIMING, _shows_rtl, fallback)


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (0, CommandStatus.ACCEPTED),
        (1, CommandStatus.TEMPORARILY_REJECTED),
        (2, CommandStatus.DENIED),
        (3, CommandStatus.UNSUPPORTED),
        (4, CommandStatus.FAILED),
        (6, CommandStatus.CANCELLED),
        (77, CommandStatus.FAILED),
    ],
)
def test_each_result_has_its_name(result: int, status: CommandStatus) -> None:
    exchange = _arm()
    LossyWire(_Commanded([result])).run(exchange)
    assert exchange.result is not None
    assert (exchange.result.status, exchange.result.vehicle_result) == (status, result)


def test_a_repeat_counts_up_its_confirmation_and_silence_ends() -> None:
    exchange = _arm()
    wire = LossyWire(_Commanded([0]), Faults(loss=1.0))
    took_s = wire.run(exchange)
    assert exchange.result is not None
    assert exchange.result.status is CommandStatus.NO_ANSWER
    assert [message.confirmation for message in wire.sent] == list(range(TIMING.command_tries))
    assert took_s < TIMING.command_tries * TIMING.command_s + 1


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), loss=st.sampled_from([0.2, 0.4]))
def test_over_a_lossy_link_it_ends_and_never_lies(seed: int, loss: float) -> None:
    vehicle = _Commanded([0])
    exchange = _arm()
    LossyWire(vehicle, Faults(loss=loss, double=0.2, jitter_s=0.3), seed).run(exchange)
    assert exchange.result is not None
    if exchange.result.is_accepted:
        assert vehicle.took


def test_progress_makes_it_wait_far_longer() -> None:
    vehicle = _Commanded([5])
    vehicle.later = [(40.0, 5), (95.0, 0)]
    exchange = _arm()
    wire = LossyWire(vehicle)
    assert wire.run(exchange) > 90
    assert exchange.result is not None
    assert exchange.result.is_accepted
    assert len(wire.sent) == 1, "a command in progress is not sent again"


def test_progress_without_an_end_ends() -> None:
    exchange = _arm()
    assert LossyWire(_Commanded([5])).run(exchange) < TIMING.progress_s + 1
    assert exchange.result is not None
    assert exchange.result.status is CommandStatus.NO_ANSWER


def test_an_answer_to_another_command_is_none() -> None:
    exchange = _arm()
    exchange.start(0.0)
    exchange.receive(mavlink.MAVLink_command_ack_message(Command.MISSION_START, 0), 0.1)
    assert not exchange.is_done


def test_accepted_is_not_done_until_the_effect_shows() -> None:
    exchange = _set_rtl()
    exchange.start(0.0)
    exchange.receive(mavlink.MAVLink_command_ack_message(Command.DO_SET_MODE, 0), 0.1)
    assert not exchange.is_done
    exchange.tick(TIMING.confirm_s + 0.2)
    assert exchange.result is not None
    assert exchange.result.status is CommandStatus.UNCONFIRMED


def test_an_effect_seen_makes_up_for_a_lost_answer() -> None:
    exchange = _set_rtl()
    exchange.start(0.0)
    exchange.receive(mavlink.MAVLink_heartbeat_message(2, 3, 1, _RTL, 4, 3), 0.1)
    assert exchange.result is not None
    assert exchange.result.is_accepted


def test_an_unsupported_command_falls_back() -> None:
    """DO_SET_MODE is unsupported (3) on ArduCopter 3.5.7; SET_MODE does it, and nobody acknowledges that."""
    vehicle = _Commanded([3])
    exchange = _set_rtl()
    LossyWire(vehicle, Faults(loss=0.3), seed=2).run(exchange)
    assert exchange.result is not None
    assert exchange.result.is_accepted
    assert exchange.result.fallback == "SET_MODE"
    assert vehicle.mode == _RTL


def test_a_vehicle_deaf_to_the_command_gets_the_fallback_with_the_first_repeat() -> None:
    """A return must not wait until every try of a command the vehicle does not know is used up."""

    class _Deaf(_Commanded):
        def receive(self, message: Message, now_s: float) -> list[Message]:
            return super().receive(message, now_s) if message.get_type() == "SET_MODE" else []

    exchange = _set_rtl()
    assert LossyWire(_Deaf([3])).run(exchange) < 2 * TIMING.command_s + 1
    assert exchange.result is not None
    assert exchange.result.is_accepted


def test_a_fallback_without_effect_is_unconfirmed() -> None:
    exchange = CommandExchange(
        Order(Command.DO_REPOSITION),
        TARGET,
        TIMING,
        lambda message: False,
        Fallback("SET_POSITION_TARGET_GLOBAL_INT", mavlink.MAVLink_set_mode_message(1, 1, 4)),
    )
    LossyWire(_Commanded([3])).run(exchange)
    assert exchange.result is not None
    assert exchange.result.status is CommandStatus.UNCONFIRMED


def test_a_denied_command_does_not_fall_back() -> None:
    vehicle = _Commanded([2])
    exchange = _set_rtl()
    LossyWire(vehicle).run(exchange)
    assert exchange.result is not None
    assert exchange.result.status is CommandStatus.DENIED
    assert "SET_MODE" not in {message.get_type() for message in vehicle.took}


def test_a_place_goes_out_as_an_integer() -> None:
    order = Order(Command.DO_REPOSITION, (-1.0, 1.0), Place(3, 41.7694312, 109.9700155, 60.0))
    message = over_the_wire(order.message(TARGET, 0))
    assert message.get_type() == "COMMAND_INT"
    assert (message.x, message.y, message.z, message.frame) == (417694312, 1099700155, 60.0, 3)


@pytest.mark.parametrize("build", [_arm, _set_rtl])
def test_cancelling_ends_it(build: Callable[[], CommandExchange]) -> None:
    exchange = build()
    exchange.start(0.0)
    exchange.cancel()
    assert exchange.result is not None
    assert exchange.result.status is CommandStatus.CANCELLED
    assert exchange.tick(100.0) == []
