"""What every inference engine promises: a batch of uint8 pictures in, the model's raw output out, or an error in time.

Pixels are in the channel order of the model's card; normalisation is the engine's work.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from detect.models.card import ModelInput

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

Answer = TypeVar("Answer")

ANSWER_WITHIN_S = 30.0


class Running(Protocol[Answer]):
    """A batch on its way; an engine answers with the model's output, a path with what is found."""

    def wait(self, at_most_s: float) -> bool:
        """Whether the answers are there, waited for that long at most.

        Raises:
            EngineStalled: no answer in time; only a new process helps.
            EngineError: the runtime refused.
        """
        ...

    def answers(self) -> list[Answer]:
        """One for every picture, in order, waited for; to be asked for once.

        Returns:
            an engine's are float32 arrays, views that the next `start` may overwrite.

        Raises:
            EngineStalled: no answer in time; only a new process helps.
            EngineError: the runtime refused.
        """
        ...


class Runs(Protocol):
    """What has a model and works on batches."""

    @property
    def name(self) -> str:
        """Backend, number format and input size, e.g. `openvino bf16 384x640`."""
        ...

    @property
    def full_batch(self) -> int:
        """The smallest batch that keeps the whole machine busy; larger ones gain nothing."""
        ...

    @property
    def parallel(self) -> int:
        """Batches that run side by side; with one more started the engine is never idle."""
        ...

    def close(self) -> None:
        """Let go of the model."""
        ...


class Engine(Runs, Protocol):
    """Runs one model."""

    @property
    def slot_shape(self) -> tuple[int, int, int]:
        """Of a picture as it costs least: (height, width, 3), or that of blocks (`detect.pictures.blocks`)."""
        ...

    def start(self, batch: Bytes) -> Running[Floats]:
        """Begin with a batch; the caller leaves it alone until its answers are there.

        Args:
            batch: uint8 (n, height, width, 3) or (n, *slot_shape), n at least 1.

        Raises:
            ValueError: the batch has another shape or type.
            EngineError: the runtime refused.
        """
        ...

    def infer(self, batch: Bytes) -> Floats:
        """The model's output for every picture, in order, waited for.

        Args:
            batch: uint8 (n, height, width, 3) or (n, *slot_shape), n at least 1.

        Returns:
            float32 (n, …), the caller's own.

        Raises:
            ValueError: the batch has another shape or type.
            EngineStalled: no answer in time; the engine must not be used again.
            EngineError: the runtime refused.
        """
        ...


def pixels_shape(target: ModelInput) -> tuple[int, int, int]:
    """Of a picture in pixels, by the model's input."""
    return target.height_px, target.width_px, 3


def check_batch(batch: Bytes, wanted: tuple[int, int, int]) -> None:
    """Refuse what is no batch of pictures of that shape.

    Raises:
        ValueError: another shape or type.
    """
    if batch.dtype != np.uint8 or batch.ndim != 4 or batch.shape[1:] != wanted or not len(batch):
        raise ValueError(f"batch is {batch.dtype} {batch.shape}: uint8 (n, {', '.join(map(str, wanted))}) wanted")
