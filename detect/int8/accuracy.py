"""How right a model's boxes are in each number format: by labels, or beside its own boxes in fp32.

By labels: mAP50, the mean over classes. Without labels the fp32 model's sure boxes are taken for the truth, its
doubtful ones count neither way, and each class weighs as much as it has boxes: what a format loses of them, and what it
adds, lowers the figure. It tells how much alike two formats are, not how right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from detect.boxes.average_precision import FrameDetections, FrameTruth, average_precision
from detect.boxes.decode import Decoder, Thresholds
from detect.engines.engine import Engine
from detect.int8.footage import Picture
from detect.models.card import Int8Accuracy, Measure, ModelCard
from kernel.config.sections import Precision

LOWEST_CONFIDENCE = 0.01
DOUBTFUL_CONFIDENCE = 0.1
SURE_CONFIDENCE = 0.25
NMS_IOU = 0.6


def find_all(
    card: ModelCard, engine: Engine, pictures: Sequence[Picture], tell: Callable[[int], None]
) -> list[FrameDetections]:
    """What an engine finds on pictures, down to a very low confidence.

    Raises:
        EngineError: it does not run.
    """
    decoder = Decoder(card.layout, card.input, Thresholds(LOWEST_CONFIDENCE, NMS_IOU))
    found: list[FrameDetections] = []
    for start in range(0, len(pictures), engine.full_batch):
        some = pictures[start : start + engine.full_batch]
        for output, picture in zip(engine.infer(np.stack([one.pixels for one in some])), some, strict=True):
            boxes = decoder.decode(output, picture.letterbox).usable(len(card.classes))
            found.append(FrameDetections(boxes.boxes_xyxy, boxes.confidence, boxes.class_id))
        tell(len(found))
    return found


def judge(pictures: Sequence[Picture], found: Mapping[Precision, list[FrameDetections]], classes: int) -> Int8Accuracy:
    """How right each format is, fp32 and int8 among them.

    Args:
        pictures: all with their truth, or none.
        found: on each of them, by format.
        classes: how many the model has.
    """
    labelled = [picture.truth for picture in pictures if picture.truth is not None]
    by_labels = len(labelled) == len(pictures)
    truths = labelled if by_labels else [_taken_for_truth(frame) for frame in found[Precision.FP32]]
    figures = {
        precision: round(_mean(truths, frames, classes, not by_labels), 4) for precision, frames in found.items()
    }
    return Int8Accuracy(
        measure=Measure.MAP50 if by_labels else Measure.AGREEMENT,
        pictures=len(pictures),
        boxes=sum(int(np.sum(~truth.ignored)) for truth in truths),
        fp32=figures[Precision.FP32],
        bf16=figures.get(Precision.BF16),
        int8=figures[Precision.INT8],
    )


def _taken_for_truth(found: FrameDetections) -> FrameTruth:
    seen = found.confidence >= DOUBTFUL_CONFIDENCE
    doubtful = found.confidence[seen] < SURE_CONFIDENCE
    return FrameTruth(found.boxes_xyxy[seen], found.class_id[seen], np.asarray(doubtful, np.bool_))


def _mean(truths: Sequence[FrameTruth], found: Sequence[FrameDetections], classes: int, by_boxes: bool) -> float:
    """Mean over the classes there are, alike or each by its number of boxes; 0 where there is nothing to find."""
    by_class = {class_id: average_precision(truths, found, class_id) for class_id in range(classes)}
    known = {class_id: value for class_id, value in by_class.items() if value is not None}
    if not known:
        return 0.0
    counts = [sum(int(np.sum((truth.class_id == one) & ~truth.ignored)) for truth in truths) for one in known]
    return float(np.average(list(known.values()), weights=counts if by_boxes else None))
