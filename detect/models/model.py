"""A model file and its card, read and checked: by name in the models directory, by folder, or a bare .onnx file."""

from __future__ import annotations

import ast
import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from detect.models.card import (
    CARD_FILE,
    INT8_GRAPH,
    INT8_WEIGHTS,
    MODEL_FILE,
    ColourOrder,
    Layout,
    ModelCard,
    ModelInput,
    PadPosition,
    PixelScale,
    read_card,
)
from detect.models.coco import COCO_CLASSES
from detect.models.onnx_file import OnnxSummary, describe_onnx
from kernel.errors import BadInputError

YOLOX_STRIDES_PX = (8, 16, 32)
_BOX_VALUES = 4
_END2END_VALUES = 6
_MOST_END2END_BOXES = 1000
_SHAPED = re.compile(r"(.+)@([0-9]{1,5})x([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be run.

    Attributes:
        path: the .onnx file.
        card: what it is; made from the file where there is no card.
        max_batch: 1 where the file's batch size is fixed at one, else None.
        int8_path: the same in whole numbers of 8 bits, as a graph of OpenVINO's; None where nobody made it.
    """

    path: Path
    card: ModelCard
    max_batch: int | None
    int8_path: Path | None = None


def load_model(name: str, models_dir: Path) -> Model:
    """The model of that name: a folder of `models_dir`, or the path of a folder or of an .onnx file.

    `NAME@576x416` is the same with an input of that width and height: for cameras of other proportions.

    Raises:
        BadInputError: not there, empty, not ONNX, of unknown layout, not the file its card speaks of, or not to be run
            with that input.
    """
    base, size_px = split_shape(name)
    return _load(base, models_dir) if size_px is None else _shaped(_load(base, models_dir), size_px)


def split_shape(name: str) -> tuple[str, tuple[int, int] | None]:
    """A model's name without, and width and height of, the input it asks for; None where it asks for none."""
    found = _SHAPED.fullmatch(name)
    return (found[1], (int(found[2]), int(found[3]))) if found else (name, None)


def _shaped(model: Model, size_px: tuple[int, int]) -> Model:
    """The model with another input."""
    name = f"{model.card.name}@{size_px[0]}x{size_px[1]}"
    if describe_onnx(model.path).input_size_px is not None:
        target = model.card.input
        raise BadInputError(
            f"model {name!r}: its input is fixed at {target.width_px}x{target.height_px}; export it with an open one "
            f"(dynamic=True)"
        )
    sides = {"width_px": size_px[0], "height_px": size_px[1]}
    try:
        target = ModelInput.model_validate({**model.card.input.model_dump(), **sides})
    except ValidationError as error:
        raise BadInputError(f"model {name!r}: the sides of an input are multiples of 32, from 32 to 4096") from error
    return replace(model, card=model.card.model_copy(update={"name": name, "input": target}))


def _load(name: str, models_dir: Path) -> Model:
    path = _place_of(name, models_dir)
    if path is None:
        raise BadInputError(
            f"model {name!r}: neither a folder in {models_dir} nor a file; set models.default or the camera's model "
            f"to one of them"
        )
    return _load_bundle(path) if path.is_dir() else _load_bare(path)


def model_files(name: str, models_dir: Path) -> tuple[Path, ...]:
    """The files a model is read from, whether they are there or not."""
    name = split_shape(name)[0]
    path = _place_of(name, models_dir) or models_dir / name
    return (path,) if path.is_file() else (path / CARD_FILE, path / MODEL_FILE)


def _place_of(name: str, models_dir: Path) -> Path | None:
    candidates = [Path(name)] if Path(name).is_absolute() else [models_dir / name, Path(name)]
    return next((candidate for candidate in candidates if candidate.exists()), None)


def _load_bundle(folder: Path) -> Model:
    """A folder with card.json and model.onnx."""
    card = read_card(folder / CARD_FILE)
    path = folder / MODEL_FILE
    summary = describe_onnx(path)
    _check_digest(path, card.sha256, "fetch the file again or import the model anew")
    _check_card(path, card, summary)
    if card.int8 is None:
        return Model(path, card, summary.fixed_batch)
    again = "run lookout models quantize again, or take int8 out of the card"
    _check_digest(folder / INT8_GRAPH, card.int8.graph_sha256, again)
    _check_digest(folder / INT8_WEIGHTS, card.int8.weights_sha256, again)
    return Model(path, card, summary.fixed_batch, folder / INT8_GRAPH)


def _check_digest(path: Path, wanted: str, remedy: str) -> None:
    """Refuse a file that is not the one its card speaks of."""
    try:
        found = sha256_of(path)
    except OSError as error:
        raise BadInputError(
            f"{path}: cannot be read ({error.strerror}), and its card speaks of it; {remedy}"
        ) from error
    if found != wanted:
        raise BadInputError(f"{path}: sha256 is {found[:12]}…, its card says {wanted[:12]}…; {remedy}")


def _check_card(path: Path, card: ModelCard, summary: OnnxSummary) -> None:
    """Refuse a card whose input size or class count the file contradicts."""
    size_px = (card.input.height_px, card.input.width_px)
    if summary.input_size_px is not None and summary.input_size_px != size_px:
        raise BadInputError(
            f"{path}: input is {_size(summary.input_size_px)}, its card says {_size(size_px)}; correct the card"
        )
    layout = recognise_layout(summary, size_px)
    if layout is not None and layout is not card.layout:
        raise BadInputError(
            f"{path}: output {summary.shapes} is {layout.value}, its card says {card.layout.value}; correct the card"
        )
    classes = _class_count(card.layout, summary)
    if classes is not None and classes != len(card.classes):
        raise BadInputError(f"{path}: finds {classes} classes, its card names {len(card.classes)}; correct the card")


def _class_count(layout: Layout, summary: OnnxSummary) -> int | None:
    """Number of classes by the output's shape, where the shape tells."""
    if layout is Layout.ULTRALYTICS_NMS and summary.output_shape[1] is not None:
        return summary.output_shape[1] - _BOX_VALUES
    if layout is Layout.YOLOX and summary.output_shape[2] is not None:
        return summary.output_shape[2] - _BOX_VALUES - 1
    return None


def _load_bare(path: Path) -> Model:
    """An .onnx file without a card."""
    summary = describe_onnx(path)
    task = summary.metadata.get("task", "detect")
    if task != "detect":
        raise BadInputError(f"{path}: a model for the task {task!r}; export one for the task 'detect'")
    size_px = summary.input_size_px or _exported_size(summary)
    if size_px is None:
        raise BadInputError(
            f"{path}: its input size is open ({summary.shapes}) and it names none; export it again with a fixed imgsz"
        )
    layout = recognise_layout(summary, size_px)
    if layout is None:
        raise BadInputError(
            f"{path}: output {summary.shapes} is no known layout (ultralytics [n, 300, 6] or [n, 4+C, N], "
            f"YOLOX [n, N, 5+C]); export a detection model of YOLOv8, 11, 26 or YOLOX"
        )
    height_px, width_px = size_px
    yolox = layout is Layout.YOLOX
    card = ModelCard(
        name=path.stem,
        layout=layout,
        classes=_class_names(path, layout, summary),
        input=ModelInput(
            width_px=width_px,
            height_px=height_px,
            color=ColourOrder.BGR if yolox else ColourOrder.RGB,
            scale=PixelScale.BYTE if yolox else PixelScale.UNIT,
            pad_position=PadPosition.TOP_LEFT if yolox else PadPosition.CENTRE,
        ),
        sha256=sha256_of(path),
        licence=summary.metadata.get("license", ""),
        data=summary.metadata.get("description", ""),
    )
    return Model(path, card, summary.fixed_batch)


def recognise_layout(summary: OnnxSummary, size_px: tuple[int, int]) -> Layout | None:
    """Which layout the output has, None where it is none of those known.

    Args:
        summary: what the file says.
        size_px: height and width of the input.
    """
    if len(summary.output_shape) != 3:
        return None
    _, middle, last = summary.output_shape
    if _drops_doubles_itself(summary):
        return Layout.ULTRALYTICS_END2END
    anchors = sum((size_px[0] // stride) * (size_px[1] // stride) for stride in YOLOX_STRIDES_PX)
    if last == _END2END_VALUES and "names" in summary.metadata and (middle is None or middle <= _MOST_END2END_BOXES):
        return Layout.ULTRALYTICS_END2END
    if "names" in summary.metadata and (last is None or last == anchors) and middle != anchors:
        return Layout.ULTRALYTICS_NMS
    if middle == anchors and last is not None and last > _BOX_VALUES + 1:
        return Layout.YOLOX
    if last == anchors and middle is not None and middle > _BOX_VALUES:
        return Layout.ULTRALYTICS_NMS
    return None


def _drops_doubles_itself(summary: OnnxSummary) -> bool:
    """Whether ultralytics says that it exported an end-to-end head or put NMS into the graph."""
    arguments = _parsed(summary.metadata.get("args", ""))
    nms_inside = isinstance(arguments, dict) and arguments.get("nms") is True
    return summary.metadata.get("end2end") == "True" or nms_inside


def _class_names(path: Path, layout: Layout, summary: OnnxSummary) -> tuple[str, ...]:
    """Class names from the metadata, or COCO's where their number says so."""
    count = _class_count(layout, summary)
    if "names" in summary.metadata:
        names = _parsed(summary.metadata["names"])
        if isinstance(names, dict) and names and sorted(names) == list(range(len(names))):
            found = tuple(str(names[index]) for index in range(len(names)))
            if count is None or count == len(found):
                return found
    if count == len(COCO_CLASSES):
        return COCO_CLASSES
    raise BadInputError(
        f"{path}: {count if count is not None else 'an unknown number of'} classes without usable names; "
        f"put the file into a folder with a card.json that names them"
    )


def _exported_size(summary: OnnxSummary) -> tuple[int, int] | None:
    """Height and width by ultralytics' metadata."""
    size = _parsed(summary.metadata.get("imgsz", ""))
    if isinstance(size, list | tuple) and len(size) == 2 and all(isinstance(side, int) for side in size):
        return size[0], size[1]
    return None


def _parsed(literal: str) -> object:
    """A Python literal of the metadata, None where it is none."""
    try:
        return ast.literal_eval(literal)
    except (ValueError, SyntaxError):
        return None


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size(size_px: tuple[int, int]) -> str:
    return f"{size_px[1]}x{size_px[0]}"
