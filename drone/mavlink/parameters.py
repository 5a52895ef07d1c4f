"""Parameters by name: read, set, and read back.

A PARAM_VALUE carries four bytes that ArduPilot fills with the number as float32, and PX4 with the bytes of the
parameter's own type. Source: MAVLink parameter protocol, "Parameter encoding".
"""

from __future__ import annotations

import struct

from drone.mavlink.dialect import Message, Target, mavlink
from drone.mavlink.results import ParameterResult
from drone.mavlink.timing import Timing

_REAL32 = 9  # MAV_PARAM_TYPE
_INTEGERS = {1: "<B3x", 2: "<b3x", 3: "<H2x", 4: "<h2x", 5: "<I", 6: "<i"}
_LONGEST_NAME = 16


def decoded(value: float, kind: int, bytewise: bool) -> float:
    """The parameter's value from a message's `param_value` and `param_type`."""
    if bytewise and kind in _INTEGERS:
        number: int = struct.unpack(_INTEGERS[kind], struct.pack("<f", value))[0]
        return float(number)
    return round(value) if kind in _INTEGERS else value


def encoded(value: float, kind: int, bytewise: bool) -> float:
    """What to put into `param_value`.

    Raises:
        struct.error: the value does not fit the parameter's type.
    """
    if bytewise and kind in _INTEGERS:
        number: float = struct.unpack("<f", struct.pack(_INTEGERS[kind], round(value)))[0]
        return number
    return value


def is_same_value(one: float, other: float) -> bool:
    """Whether two values are one after the float32 of the wire."""
    return _float32(one) == _float32(other)


def _float32(value: float) -> float:
    number: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return number


class ParameterRead:
    """Asks for one parameter by name. A vehicle without it may say nothing at all: then `value` stays None."""

    def __init__(self, name: str, target: Target, timing: Timing, bytewise: bool) -> None:
        if not name.isascii() or not 1 <= len(name) <= _LONGEST_NAME:
            raise ValueError(f"a parameter's name has 1 to {_LONGEST_NAME} ASCII characters: {name!r}")
        self.result: ParameterResult | None = None
        self.kind = _REAL32
        self._name = name
        self._target = target
        self._timing = timing
        self._bytewise = bytewise
        self._tries = 0
        self._asked_at_s = 0.0

    @property
    def is_done(self) -> bool:
        return self.result is not None

    def cancel(self) -> None:
        if self.result is None:
            self.result = ParameterResult(self._name, None, "cancelled")

    def start(self, now_s: float) -> list[Message]:
        self._tries += 1
        self._asked_at_s = now_s
        address = (self._target.system, self._target.component)
        return [mavlink.MAVLink_param_request_read_message(*address, self._name.encode(), -1)]

    def receive(self, message: Message, now_s: float) -> list[Message]:
        if self.is_done or getattr(message, "param_id", None) != self._name:
            return []
        if message.get_type() == "PARAM_VALUE":
            self.kind = message.param_type
            self.result = ParameterResult(self._name, decoded(message.param_value, message.param_type, self._bytewise))
        elif message.get_type() == "PARAM_ERROR":
            self.result = ParameterResult(self._name, None, f"the vehicle has no {self._name} to read")
        return []

    def tick(self, now_s: float) -> list[Message]:
        if self.is_done or now_s - self._asked_at_s < self._timing.parameter_s:
            return []
        if self._tries >= self._timing.parameter_tries:
            self.result = ParameterResult(
                self._name, None, f"no answer: the vehicle has no {self._name}, or does not hear"
            )
            return []
        return self.start(now_s)


class ParameterSet:
    """Reads a parameter (for its type), sets it, and reads it back: the result's value is what the vehicle has.

    reading the type ──► setting (repeated until a PARAM_VALUE shows it) ──► reading back
    """

    def __init__(self, name: str, value: float, target: Target, timing: Timing, bytewise: bool) -> None:
        self.result: ParameterResult | None = None
        self._name = name
        self._value = value
        self._target = target
        self._timing = timing
        self._bytewise = bytewise
        self._reading = ParameterRead(name, target, timing, bytewise)
        self._is_set = False
        self._tries = 0
        self._sent_at_s = 0.0

    @property
    def is_done(self) -> bool:
        return self.result is not None

    def cancel(self) -> None:
        if self.result is None:
            self.result = ParameterResult(self._name, None, "cancelled")

    def start(self, now_s: float) -> list[Message]:
        return self._reading.start(now_s)

    def receive(self, message: Message, now_s: float) -> list[Message]:
        if self.is_done:
            return []
        if not self._reading.is_done:
            self._reading.receive(message, now_s)
            return self._after_reading(now_s)
        if message.get_type() == "PARAM_VALUE" and message.param_id == self._name:
            value = decoded(message.param_value, message.param_type, self._bytewise)
            if is_same_value(value, self._value):
                return self._read_back(now_s)
        return []

    def tick(self, now_s: float) -> list[Message]:
        if self.is_done:
            return []
        if not self._reading.is_done:
            return self._reading.tick(now_s) + self._after_reading(now_s)
        if now_s - self._sent_at_s < self._timing.parameter_s:
            return []
        if self._tries >= self._timing.parameter_tries:
            return self._read_back(now_s)  # it keeps another value, or its answers are lost: see which
        return self._send(now_s)

    def _after_reading(self, now_s: float) -> list[Message]:
        read = self._reading.result
        if read is None:
            return []
        if self._is_set or read.value is None:
            self.result = read
            return []
        return self._send(now_s)

    def _send(self, now_s: float) -> list[Message]:
        self._tries += 1
        self._sent_at_s = now_s
        kind = self._reading.kind
        try:
            value = encoded(self._value, kind, self._bytewise)
        except struct.error:
            self.result = ParameterResult(self._name, None, f"{self._value:g} does not fit {self._name}")
            return []
        address = (self._target.system, self._target.component)
        return [mavlink.MAVLink_param_set_message(*address, self._name.encode(), value, kind)]

    def _read_back(self, now_s: float) -> list[Message]:
        self._is_set = True
        self._reading = ParameterRead(self._name, self._target, self._timing, self._bytewise)
        return self._reading.start(now_s)
