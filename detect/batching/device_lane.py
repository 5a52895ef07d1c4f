"""The device's way as a lane takes it: slots in pinned memory, and pictures put there whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from time import perf_counter

import cv2
import numpy as np

from detect.batching.batch_path import Underway, thresholds_of
from detect.batching.device_path import STAGINGS, DevicePath, RunningPictures, Staging
from detect.boxes.detections import Detections
from detect.engines.torch_engine import DeviceNetwork, TorchNetwork
from detect.errors import DeviceLost, EngineError, EngineStalled
from detect.models.card import ModelInput
from detect.models.model import Model
from detect.pictures.frames import FrameCopy
from detect.pictures.letterbox import Letterbox
from detect.pictures.preprocess import I420, Bytes, Polygons
from detect.pictures.slots import MakePutsIn
from kernel.config.sections import DetectConfig

_MEASURE_S = 0.3
_BLACK_LUMA, _NEUTRAL_CHROMA = 16, 128


@dataclass(frozen=True, slots=True)
class DeviceSlot:
    """A place in the next batch."""

    staging: Staging
    index: int

    def put(self, planes: I420, box: Letterbox) -> FrameCopy:
        """Copy a picture here; what was here or behind does not count any more."""
        self.staging.keep(self.index)
        return self.staging.put(planes, box)


class DevicePreprocessor:
    """Puts whole pictures of one size into slots; see `detect.pictures.slots.PutsIn`."""

    def __init__(self, target: ModelInput, width_px: int, height_px: int, masks: Polygons = ()) -> None:
        self.letterbox = Letterbox.fit(width_px, height_px, target)
        self._masks = [np.array(polygon, np.float64) for polygon in masks]
        self._copy: FrameCopy | None = None

    @property
    def luma(self) -> Bytes:
        """The luma of the picture filled in last, as small as the model takes it."""
        if self._copy is None:
            raise RuntimeError("no picture was filled in")
        size_px = (self.letterbox.width_px, self.letterbox.height_px)
        return np.asarray(cv2.resize(self._copy.y, size_px, interpolation=cv2.INTER_LINEAR), np.uint8)

    def fill(self, planes: I420, slot: DeviceSlot) -> None:
        """Copy a picture into a slot, masks burnt in."""
        copy = self._copy = slot.put(planes, self.letterbox)
        for polygon in self._masks:
            for plane, value in ((copy.y, _BLACK_LUMA), (copy.u, _NEUTRAL_CHROMA), (copy.v, _NEUTRAL_CHROMA)):
                corners = np.rint(polygon * (plane.shape[1], plane.shape[0])).astype(np.int32)
                cv2.fillPoly(plane, [corners], (value,))


class DeviceLanePath:
    """See `detect.batching.batch_path`. On a GPU every failure is final: CUDA does not recover within a process."""

    puts_in: MakePutsIn = DevicePreprocessor

    def __init__(self, path: DevicePath, *, failures_are_final: bool) -> None:
        self.name = path.name
        self.full_batch = path.full_batch
        self.parallel = STAGINGS
        self.tile_room = path.full_batch
        self._path = path
        self._failures_are_final = failures_are_final
        self._staging = path.next_staging()
        self._first: int | None = None

    @classmethod
    def of(
        cls, model: Model, config: DetectConfig, device: str, network: DeviceNetwork | None = None
    ) -> DeviceLanePath:
        """The way for a model, by PyTorch where no other network of it is given.

        Raises:
            EngineError: it does not run there.
        """
        network = network or TorchNetwork(model, device, config.precision)
        path = DevicePath(network, model.card.layout, thresholds_of(config), config.batch_max)
        return cls(path, failures_are_final=network.device.type == "cuda")

    @property
    def slots(self) -> DeviceLanePath:
        """Where the next batch goes."""
        return self

    @property
    def all_slots(self) -> DeviceLanePath:
        """See `BatchPath.all_slots`; every slot is of the batch that is put together."""
        return self

    def __getitem__(self, index: int) -> DeviceSlot:
        """A slot of the batch that is put together; whoever begins at another place begins a batch anew."""
        if self._first is None or not 0 <= index - self._first <= len(self._staging.letterboxes):
            self._first = index
        return DeviceSlot(self._staging, index - self._first)

    def analyse(self, letterboxes: Sequence[Letterbox]) -> list[Detections]:
        """What is found on the pictures in the first slots.

        Raises:
            EngineStalled, EngineError: see `BatchPath.begin`.
        """
        return self.begin(0, letterboxes).answers()

    def begin(self, first: int, letterboxes: Sequence[Letterbox]) -> Underway:
        """See `BatchPath.begin`."""
        staging, self._staging = self._staging, self._path.next_staging()
        begun, self._first = self._first, None
        staging.leave_out(first - (begun or 0))
        staging.keep(len(letterboxes))
        with self._told():
            return _DeviceUnderway(self._path.start(staging), self._told)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Failures as what they mean here."""
        try:
            yield
        except EngineStalled:
            raise
        except EngineError as error:
            if self._failures_are_final:
                raise DeviceLost(self.name, error.reason) from error
            raise

    def close(self) -> None:
        """See `Runs.close`; graphs and memory go with the last reference."""

    def measured_fps(self, target: ModelInput) -> float:
        """Pictures a second, from planes of the network's size to detections."""
        half = (target.height_px // 2, target.width_px // 2)
        random = np.random.default_rng(0)
        sizes = ((target.height_px, target.width_px), half, half)
        picture = FrameCopy(*(random.integers(0, 256, size, np.uint8) for size in sizes))
        box = Letterbox.fit(target.width_px, target.height_px, target)
        pictures, started_s = 0, perf_counter()
        while (elapsed_s := perf_counter() - started_s) < _MEASURE_S or not pictures:
            for index in range(self.full_batch):
                self[index].put(picture, box)
            self.analyse([box] * self.full_batch)
            pictures += self.full_batch
        return pictures / elapsed_s


class _DeviceUnderway:
    """A batch on the device; see `Underway`."""

    def __init__(self, running: RunningPictures, told: Callable[[], AbstractContextManager[None]]) -> None:
        self._running = running
        self._told = told

    def wait(self, at_most_s: float) -> bool:
        """See `Running.wait`."""
        with self._told():
            return self._running.wait(at_most_s)

    def answers(self) -> list[Detections]:
        """See `Running.answers`."""
        with self._told():
            return self._running.answers()
