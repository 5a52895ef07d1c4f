"""Slots: where the small pictures of the next batch are put, and what puts them there."""

from __future__ import annotations

from typing import Any, Protocol

from detect.models.card import ModelInput
from detect.pictures.letterbox import Letterbox
from detect.pictures.preprocess import I420, Bytes, Polygons


class PutsIn(Protocol):
    """Puts pictures of one source size into slots (`detect.pictures.preprocess.Preprocessor`, or the device's own)."""

    @property
    def letterbox(self) -> Letterbox: ...
    @property
    def luma(self) -> Bytes: ...
    def fill(self, planes: I420, slot: Any) -> None: ...


class MakePutsIn(Protocol):
    """Makes one for a source size."""

    def __call__(self, target: ModelInput, width_px: int, height_px: int, masks: Polygons) -> PutsIn: ...


class Slots(Protocol):
    """Places of the next batch, by number."""

    def __getitem__(self, index: int) -> Any: ...
