"""What the detector found on one frame: parallel arrays in source pixels."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Boxes of one frame, in no order that a consumer may depend on.

    Attributes:
        boxes_xyxy: (n, 4) float32, left, top, right, bottom in pixels of the source picture.
        confidence: (n,) float32, 0-1.
        class_id: (n,) int64, index into the model's class names.
    """

    boxes_xyxy: FloatArray
    confidence: FloatArray
    class_id: IntArray

    def __post_init__(self) -> None:
        """Refuse arrays that do not belong together.

        Raises:
            ValueError: shapes or dtypes differ from what the attributes promise.
        """
        count = len(self.confidence)
        if self.boxes_xyxy.shape != (count, 4) or self.confidence.shape != (count,) or self.class_id.shape != (count,):
            raise ValueError(
                f"boxes {self.boxes_xyxy.shape}, confidence {self.confidence.shape} and class ids "
                f"{self.class_id.shape} do not belong together"
            )
        if self.boxes_xyxy.dtype != np.float32 or self.confidence.dtype != np.float32:
            raise ValueError(f"boxes are {self.boxes_xyxy.dtype}, confidence {self.confidence.dtype}: float32 wanted")
        if self.class_id.dtype != np.int64:
            raise ValueError(f"class ids are {self.class_id.dtype}: int64 wanted")

    @classmethod
    def of(cls, boxes_xyxy: npt.ArrayLike, confidence: npt.ArrayLike, class_id: npt.ArrayLike) -> Detections:
        """Detections from anything array-like, cast to the promised dtypes."""
        return cls(
            np.asarray(boxes_xyxy, np.float32).reshape(-1, 4),
            np.asarray(confidence, np.float32).reshape(-1),
            np.asarray(class_id, np.int64).reshape(-1),
        )

    @classmethod
    def empty(cls) -> Detections:
        """A frame that was analysed and on which nothing was found."""
        return cls(np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty(0, np.int64))

    def __len__(self) -> int:
        return len(self.confidence)

    def usable(self, class_count: int) -> Detections:
        """Those with a box of finite numbers and one of the first `class_count` classes."""
        if not len(self):
            return self
        if self.class_id.min() >= 0 and self.class_id.max() < class_count and isfinite(self.boxes_xyxy.sum()):
            return self
        is_known = (self.class_id >= 0) & (self.class_id < class_count)
        return self.select(np.asarray(is_known & np.isfinite(self.boxes_xyxy).all(axis=1), np.bool_))

    def select(self, keep: BoolArray | IntArray) -> Detections:
        """The detections under a mask (n,) or at indices (m,)."""
        return Detections(self.boxes_xyxy[keep], self.confidence[keep], self.class_id[keep])
