"""Parameters read and set over a lossy link, in both encodings."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drone.mavlink.dialect import Message, Target, mavlink
from drone.mavlink.parameters import ParameterRead, ParameterSet, decoded, encoded
from drone.mavlink.timing import Timing
from tests.unit.drone.mavlink.lossy_wire import CLEAN, Faults, LossyWire

_INT32, _REAL32, _INT8 = 6, 9, 2


@dataclass
class _Parameters:
    """A vehicle's parameters: name -> [value, type]. What is read-only stays; what is not there gets no answer."""

    values: dict[str, list[float]] = field(
        default_factory=lambda: {
            "FS_GCS_ENABLE": [1, _INT8],
            "RTL_ALT": [1500, _INT32],
            "WPNAV_SPEED": [500.0, _REAL32],
        }
    )
    bytewise: bool = False
    read_only: bool = False

    def receive(self, message: Message, now_s: float) -> list[Message]:
        entry = self.values.get(getattr(message, "param_id", ""))
        if entry is None:
            return []
        if message.get_type() == "PARAM_SET" and not self.read_only:
            entry[0] = self._number(message.param_value)
        return [self._value(message.param_id, *entry)]

    def tick(self, now_s: float) -> list[Message]:
        return []

    def _number(self, wire: float) -> float:
        return struct.unpack("<i", struct.pack("<f", wire))[0] if self.bytewise else wire

    def _value(self, name: str, value: float, kind: float) -> Message:
        wire = struct.unpack("<f", struct.pack("<i", round(value)))[0] if self.bytewise else value
        return mavlink.MAVLink_param_value_message(name.encode(), wire, int(kind), 900, 1)


def _read(vehicle: _Parameters, name: str, faults: Faults = CLEAN, seed: int = 0) -> float | None:
    exchange = ParameterRead(name, Target(1), Timing(), vehicle.bytewise)
    LossyWire(vehicle, faults, seed).run(exchange)
    assert exchange.result is not None
    return exchange.result.value


def _set(vehicle: _Parameters, name: str, value: float, faults: Faults = CLEAN, seed: int = 0) -> float | None:
    exchange = ParameterSet(name, value, Target(1), Timing(), vehicle.bytewise)
    LossyWire(vehicle, faults, seed).run(exchange)
    assert exchange.result is not None
    return exchange.result.value


def test_reads_by_name() -> None:
    assert _read(_Parameters(), "RTL_ALT") == 1500
    assert _read(_Parameters(), "NO_SUCH") is None


def test_px4_integers_are_bytes() -> None:
    px4 = _Parameters({"COM_RCL_EXCEPT": [4, _INT32]}, bytewise=True)
    assert _read(px4, "COM_RCL_EXCEPT") == 4
    assert _set(px4, "COM_RCL_EXCEPT", 7) == 7
    assert px4.values["COM_RCL_EXCEPT"][0] == 7


def test_setting_keeps_the_type_and_reads_back() -> None:
    vehicle = _Parameters()
    assert _set(vehicle, "FS_GCS_ENABLE", 2) == 2
    assert vehicle.values["FS_GCS_ENABLE"] == [2, _INT8]


def test_a_parameter_that_will_not_change_is_told_as_it_is() -> None:
    assert _set(_Parameters(read_only=True), "RTL_ALT", 3000) == 1500


def test_no_such_parameter_is_not_set() -> None:
    assert _set(_Parameters(), "NO_SUCH", 1) is None


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_over_a_lossy_link_a_value_said_to_be_set_is_set(seed: int) -> None:
    """The old value may be told once more, by a packet that came late: that refuses a flight, and harms nobody."""
    vehicle = _Parameters()
    faults = Faults(loss=0.3, double=0.2, jitter_s=0.3)
    value = _set(vehicle, "WPNAV_SPEED", 812.5, faults, seed)
    assert value in (None, 500.0, 812.5)
    if value == 812.5:
        assert vehicle.values["WPNAV_SPEED"][0] == 812.5


@settings(deadline=None)
@given(value=st.integers(-(2**31), 2**31 - 1))
def test_bytewise_goes_there_and_back(value: int) -> None:
    wire = encoded(value, _INT32, bytewise=True)
    if wire == wire:  # a NaN pattern survives as bytes, not as a Python float to compare
        assert decoded(wire, _INT32, bytewise=True) == value


def test_what_does_not_fit_its_type_is_said() -> None:
    exchange = ParameterSet("COM_RCL_EXCEPT", 2**40, Target(1), Timing(), bytewise=True)
    LossyWire(_Parameters({"COM_RCL_EXCEPT": [4, _INT32]}, bytewise=True)).run(exchange)
    assert exchange.result is not None
    assert "does not fit" in exchange.result.detail


def test_a_name_too_long_for_the_wire_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="16 ASCII"):
        ParameterRead("SEVENTEEN_LETTERS", Target(1), Timing(), bytewise=False)
