"""What can go wrong in the detector, beside bad models (see `detect.models.card` and `detect.models.model`)."""

from __future__ import annotations

from kernel.errors import LookoutError


class EngineError(LookoutError):
    """An inference engine gave no answer for a batch: its frames count as not analysed."""

    def __init__(self, engine: str, reason: str) -> None:
        self.engine = engine
        self.reason = reason
        super().__init__(f"engine {engine} failed: {reason}")


class EngineStalled(EngineError):
    """An inference did not return in time; the engine cannot be used any more in this process."""

    def __init__(self, engine: str, waited_s: float) -> None:
        self.waited_s = waited_s
        super().__init__(engine, f"no answer within {waited_s:.0f} s")


class DeviceLost(EngineStalled):
    """A GPU failed under this process, which cannot use it again: CUDA's errors stay."""

    def __init__(self, engine: str, reason: str) -> None:
        EngineError.__init__(self, engine, f"{reason}; a new process has to use the device")
        self.waited_s = 0.0
