"""`lookout models quantize`: int8 of a model by the operator's own pictures, judged, and kept if it is right enough.

bundle + footage -> int8 (NNCF) -> boxes of fp32, bf16, int8 on pictures held out -> within the bound? -> bundle
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import numpy as np
import openvino as ov

from detect.boxes.average_precision import FloatArray, FrameDetections
from detect.engines.choice import Speed, measure
from detect.engines.openvino_engine import OpenVinoEngine, cpu_has_bf16
from detect.errors import EngineError
from detect.int8.accuracy import find_all, judge
from detect.int8.calibration import Job, calibrate, require_nncf
from detect.int8.footage import Footage
from detect.models.card import (
    CARD_FILE,
    INT8_GRAPH,
    INT8_WEIGHTS,
    MODEL_FILE,
    Int8Accuracy,
    Int8Card,
    Layout,
    ModelCard,
    read_card,
)
from detect.models.importing import put_in_place
from detect.models.model import Model, sha256_of
from kernel.config.sections import Precision
from kernel.errors import BadInputError, ExitCode, LookoutError

FEWEST_BOXES = 50
_PIECES = (1, 4)
_SAME = 1e-2  # of the largest number of its kind, at least of 1: pieces of another size add up in another order


class Tell(Protocol):
    """Takes what is done, how many pictures are done and of how many."""

    def __call__(self, what: str, done: int, of: int) -> None: ...


class NotRightEnough(LookoutError):
    """Int8 was made and judged, and is not kept."""

    exit_code = ExitCode.ANSWER_IS_NO

    def __init__(self, model: str, accuracy: Int8Accuracy, max_drop: float) -> None:
        self.accuracy = accuracy
        self.max_drop = max_drop
        name = accuracy.measure.value
        super().__init__(
            f"{model}: int8 loses {accuracy.drop:.3f} of {name} ({accuracy.fp32:.3f} -> {accuracy.int8:.3f}), more "
            f"than the {max_drop:g} allowed; it is not kept; bring more pictures of all cameras and hours, or allow "
            f"more by --max-drop"
        )


class CannotJudge(LookoutError):
    """Too little is to be seen on the pictures held out."""

    exit_code = ExitCode.CANNOT_TELL

    def __init__(self, model: str, accuracy: Int8Accuracy) -> None:
        self.accuracy = accuracy
        why = f"show {accuracy.boxes} boxes, too few to judge int8 by ({FEWEST_BOXES} are needed)"
        remedy = "bring more pictures with more on them"
        if accuracy.boxes >= FEWEST_BOXES:
            fp32 = f"{accuracy.fp32:.3f} of {accuracy.measure.value}"
            why = f"judge nothing: fp32 itself has {fp32}, no more than may be lost"
            remedy = "look whether the labels are of these pictures and this model, or allow less by --max-drop"
        super().__init__(f"{model}: the {accuracy.pictures} pictures held out {why}; it is not kept; {remedy}")


@dataclass(frozen=True, slots=True)
class Quantized:
    """What came of it.

    Attributes:
        accuracy: before and after.
        speeds: of each number format here.
    """

    card: ModelCard
    accuracy: Int8Accuracy
    speeds: dict[Precision, Speed]


def check_can_quantize(model: Model) -> None:
    """Make sure that a model can be quantized here, before pictures are gathered.

    Raises:
        BadInputError: it is no bundle, so there is no place for int8 beside it.
        CannotRunError: NNCF is not installed.
    """
    if model.path.name != MODEL_FILE or not (model.path.parent / CARD_FILE).is_file():
        raise BadInputError(
            f"{model.path}: a bare file, int8 needs a bundle to lie in; bring it in by lookout models import"
        )
    if read_card(model.path.parent / CARD_FILE) != model.card:
        raise BadInputError(
            f"model {model.card.name}: quantize the model itself, without @WIDTHxHEIGHT; it serves both"
        )
    require_nncf()


def quantize(model: Model, footage: Footage, max_drop: float, tell: Tell) -> Quantized:
    """Make int8 of a model and put it into its bundle, whole or not at all.

    Args:
        model: a bundle of the models directory.
        footage: what calibrates, and what judges.
        max_drop: how much of the measure int8 may lose.
        tell: takes what is done, how many pictures are done and of how many.

    Raises:
        CannotRunError: NNCF is missing, or refuses the model.
        EngineError: int8 does not run here.
        NotRightEnough: it loses more than allowed.
        CannotJudge: the pictures held out show too little.
        BadInputError: no bundle, or no room for int8.
    """
    check_can_quantize(model)
    folder = model.path.parent
    try:
        with tempfile.TemporaryDirectory(prefix=".quantize-", dir=folder.parent) as scratch:
            made = Path(scratch) / "made"
            made.mkdir()
            job = Job(model=model.path.resolve(), input=model.card.input, graph=made / INT8_GRAPH)
            count = len(footage.calibration)
            calibrate(job, [one.pixels for one in footage.calibration], lambda done: tell("calibrating", done, count))
            candidate = replace(model, int8_path=job.graph)
            _check_pieces(candidate, footage)
            accuracy, speeds = _judged(candidate, footage, tell)
            decide(model.card.name, accuracy, max_drop)
            card = model.card.model_copy(update={"int8": _card_of(made, footage, accuracy)})
            bundle = Path(scratch) / "bundle"
            shutil.copytree(folder, bundle)
            for name in (INT8_GRAPH, INT8_WEIGHTS):
                (made / name).replace(bundle / name)
            (bundle / CARD_FILE).write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
            put_in_place(Path(scratch), bundle, folder)
    except OSError as error:
        raise BadInputError(f"{error.filename or folder}: {error.strerror}; int8 was not kept") from error
    return Quantized(card, accuracy, speeds)


def _check_pieces(model: Model, footage: Footage) -> None:
    """Make sure that int8 answers the same in pieces of several pictures, where the model takes them.

    Raises:
        EngineError: it does not.
    """
    if model.max_batch is not None:
        return
    with (
        closing(OpenVinoEngine(model, Precision.INT8)) as singly,
        closing(OpenVinoEngine(model, Precision.INT8, _PIECES)) as together,
    ):
        number = range(together.full_batch)
        pictures = np.stack([footage.held_out[index % len(footage.held_out)].pixels for index in number])
        alone, pieces = singly.infer(pictures), together.infer(pictures)
    if not says_the_same(alone, pieces, model.card.layout):
        raise EngineError(together.name, "answers otherwise for several pictures than for one")


def says_the_same(alone: FloatArray, pieces: FloatArray, layout: Layout) -> bool:
    """Whether two answers are alike, each kind of number by itself: a score is not measured by coordinates in pixels.

    Args:
        alone, pieces: outputs of a model, shape as `layout` says.
        layout: where the kinds of numbers are.
    """
    others = (0, 2) if layout is Layout.ULTRALYTICS_NMS else (0, 1)
    scale = np.maximum(np.abs(alone).max(axis=others, keepdims=True), 1.0)
    return bool(np.all(np.abs(alone - pieces) <= _SAME * scale))


def _judged(model: Model, footage: Footage, tell: Tell) -> tuple[Int8Accuracy, dict[Precision, Speed]]:
    """How right and how fast the formats are."""
    found: dict[Precision, list[FrameDetections]] = {}
    speeds: dict[Precision, Speed] = {}
    count = len(footage.held_out)
    for precision in (Precision.FP32, *([Precision.BF16] if cpu_has_bf16() else []), Precision.INT8):
        with closing(OpenVinoEngine(model, precision)) as engine:
            found[precision] = find_all(
                model.card, engine, footage.held_out, partial(tell, f"judging {precision.value}", of=count)
            )
            speeds[precision] = measure(engine)
    return judge(footage.held_out, found, len(model.card.classes)), speeds


def decide(model: str, accuracy: Int8Accuracy, max_drop: float) -> None:
    """Whether int8 is kept.

    Raises:
        CannotJudge: there was too little to find, or fp32 finds so little that int8 could find nothing.
        NotRightEnough: it loses more than allowed.
    """
    if accuracy.boxes < FEWEST_BOXES or accuracy.fp32 <= max_drop:
        raise CannotJudge(model, accuracy)
    if accuracy.drop > max_drop:
        raise NotRightEnough(model, accuracy, max_drop)


def _card_of(made: Path, footage: Footage, accuracy: Int8Accuracy) -> Int8Card:
    return Int8Card(
        graph_sha256=sha256_of(made / INT8_GRAPH),
        weights_sha256=sha256_of(made / INT8_WEIGHTS),
        source=footage.source,
        calibration_pictures=len(footage.calibration),
        calibration_sha256=footage.sha256(),
        nncf=version("nncf"),
        openvino=ov.__version__,
        accuracy=accuracy,
    )
