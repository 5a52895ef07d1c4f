"""Faults on schedule: what goes wrong, when, for how long."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from kernel.errors import BadInputError
from scripts.vehicle.modes import Mode


class Kind(StrEnum):
    """What goes wrong."""

    SILENCE = "silence"  # nothing gets through either way
    DEAF = "deaf"  # nothing gets to the vehicle
    MUTE = "mute"  # nothing gets from the vehicle
    CUT = "cut"  # the TCP connection is closed, and refused meanwhile
    PILOT = "pilot"  # a person with a remote control takes over
    BATTERY = "battery"  # the charge falls to `value` percent
    RETURN = "return"  # a failsafe makes it return, without a text
    GPS_GLITCH = "gps_glitch"  # the position jumps `value` metres
    NO_ARM = "no_arm"  # a pre-arm check fails
    REBOOT = "reboot"  # the autopilot restarts, in the air too
    TWIN = "twin"  # another vehicle with the same sysid talks on the link
    WIND = "wind"  # the wind rises to `value` m/s
    MOTORS = "motors"  # the motors stop


class Fault(BaseModel):
    """One fault. Exactly one of `at_s`, `airborne_s`, `seq` says when; times are flight time.

    `for_s` counts in link time for what concerns the link (silence, deaf, mute, cut, twin), in flight time else.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    at_s: float | None = Field(default=None, ge=0, description="seconds after the vehicle was switched on")
    airborne_s: float | None = Field(default=None, ge=0, description="seconds after it left the ground")
    seq: int | None = Field(default=None, ge=0, description="when this mission item becomes the current one")
    for_s: float = Field(default=20.0, gt=0)
    value: float = Field(default=10.0, description="percent, metres or m/s, as the kind needs")
    mode: str = Field(default="LOITER", description="the pilot's mode")

    @model_validator(mode="after")
    def _check(self) -> Fault:
        if sum(when is not None for when in (self.at_s, self.airborne_s, self.seq)) != 1:
            raise ValueError("say when by exactly one of at_s, airborne_s, seq")
        if self.mode not in Mode.__members__:
            raise ValueError(f"mode {self.mode!r} is not one of {', '.join(Mode.__members__)}")
        return self

    def is_due(self, flight_s: float, airborne_s: float | None, seq: int) -> bool:
        """Whether its time has come; `airborne_s` is None before the first take-off."""
        if self.at_s is not None:
            return flight_s >= self.at_s
        if self.airborne_s is not None:
            return airborne_s is not None and airborne_s >= self.airborne_s
        return seq == self.seq


def faults_from_file(path: Path) -> list[Fault]:
    """The faults in a YAML list.

    Raises:
        BadInputError: the file cannot be read or an entry is wrong.
    """
    try:
        entries = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        return TypeAdapter(list[Fault]).validate_python(entries or [])
    except (OSError, YAMLError, ValidationError) as error:
        raise BadInputError(f"{path}: not a list of faults: {_first_line(error)}") from error


def fault_from_option(text: str) -> Fault:
    """A fault written as `kind=silence,airborne_s=20,for_s=20`.

    Raises:
        BadInputError: an unknown key or a wrong value.
    """
    try:
        entries: dict[str, Any] = dict(part.split("=", 1) for part in text.split(","))
        return Fault.model_validate(entries)
    except (ValueError, ValidationError) as error:
        raise BadInputError(f"--fault {text}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return str(error).splitlines()[0]
