"""The card of a model: what it finds, how a picture has to be put in, what comes out, where it comes from.

A bundle is a folder `models/<name>/` with `model.onnx` and `card.json`. A bare .onnx file gets a card made from what
the file says about itself (see `detect.models.model`).
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from detect.models.class_map import ClassMap, class_map_problem
from kernel.config.camera import CameraConfig
from kernel.errors import BadInputError

CARD_FILE = "card.json"
MODEL_FILE = "model.onnx"
INT8_GRAPH = "int8.xml"
INT8_WEIGHTS = "int8.bin"
_SHA256 = "^[0-9a-f]{64}$"


class Layout(StrEnum):
    """What a model's output means; C classes, N anchors, coordinates in pixels of the input."""

    ULTRALYTICS_END2END = "ultralytics_end2end"  # [n, 300, 6]: left, top, right, bottom, confidence, class
    ULTRALYTICS_NMS = "ultralytics_nms"  # [n, 4 + C, N]: centre x, centre y, width, height, class scores
    YOLOX = "yolox"  # [n, N, 5 + C]: offsets and log sizes in units of the stride, objectness, class scores


class ColourOrder(StrEnum):
    """Order of the input's channels."""

    RGB = "rgb"
    BGR = "bgr"


class PixelScale(StrEnum):
    """Range of the input's values."""

    UNIT = "0-1"
    BYTE = "0-255"


class PadPosition(StrEnum):
    """Where the picture lies within the letterbox."""

    CENTRE = "centre"
    TOP_LEFT = "top_left"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelInput(_Strict):
    """How a picture is put into the model."""

    width_px: Annotated[int, Field(ge=32, le=4096, multiple_of=32)]
    height_px: Annotated[int, Field(ge=32, le=4096, multiple_of=32)]
    color: ColourOrder = ColourOrder.RGB
    scale: PixelScale = PixelScale.UNIT
    pad_value: Annotated[int, Field(ge=0, le=255)] = 114
    pad_position: PadPosition = PadPosition.CENTRE


class Measure(StrEnum):
    """What tells how right boxes are."""

    MAP50 = "mAP50"  # against labels
    AGREEMENT = "agreement"  # mAP50 with the fp32 model's own sure boxes taken for the truth


class Int8Accuracy(_Strict):
    """How right the model is before and after, on pictures that did not calibrate it."""

    measure: Measure
    pictures: Annotated[int, Field(ge=1)]
    boxes: Annotated[int, Field(ge=0, description="There were to be found.")]
    fp32: float
    bf16: float | None = Field(default=None, description="None where the CPU has no bf16.")
    int8: float

    @property
    def drop(self) -> float:
        """What int8 is worse than fp32; negative where it is better."""
        return self.fp32 - self.int8


class Int8Card(_Strict):
    """The same model in whole numbers of 8 bits: made from what, and what that cost."""

    graph_sha256: Annotated[str, Field(pattern=_SHA256, description="Of int8.xml.")]
    weights_sha256: Annotated[str, Field(pattern=_SHA256, description="Of int8.bin.")]
    source: Annotated[str, Field(description="Whose pictures calibrated it.")]
    calibration_pictures: Annotated[int, Field(ge=1)]
    calibration_sha256: Annotated[str, Field(pattern=_SHA256, description="Of those pictures, as the model took them.")]
    nncf: str
    openvino: str
    accuracy: Int8Accuracy


class ModelCard(_Strict):
    """Everything a detector and its maintainer need to know about a model."""

    name: Annotated[str, Field(min_length=1)]
    task: Annotated[str, Field(pattern="^detect$")] = "detect"
    layout: Layout
    classes: Annotated[tuple[str, ...], Field(min_length=1)]
    class_map: dict[str, str] = Field(
        default_factory=dict, description="What rules call a class, where the model calls it otherwise."
    )
    input: ModelInput
    sha256: Annotated[str, Field(pattern=_SHA256, description="Of model.onnx.")]
    licence: str = ""
    data: str = Field(default="", description="What it was trained on.")
    metrics: dict[str, Any] = Field(default_factory=dict, description="Figures and the command that shows them.")
    limits: str = Field(default="", description="What it must not be used for.")
    district_only: bool = Field(default=False, description="Knows the simulated district and nothing else.")
    int8: Int8Card | None = Field(default=None, description="`lookout models quantize` made it.")

    @model_validator(mode="after")
    def _maps_known_classes(self) -> Self:
        if problem := class_map_problem(self.classes, self.class_map):
            raise ValueError(problem)
        return self


def read_card(path: Path) -> ModelCard:
    """The card in a file.

    Raises:
        BadInputError: not there, not JSON, or not a card.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{path}: cannot read the model card ({error.strerror}); a bundle needs one") from error
    try:
        return ModelCard.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise BadInputError(f"{path}: {where}: {first['msg']}{more}; correct the model card") from error


def class_map_of(camera: CameraConfig, card: ModelCard) -> ClassMap:
    """What the model's classes are called on a camera: as the card says, unless the camera's config says otherwise.

    Raises:
        BadInputError: the config names a class that the model, or nobody, knows.
    """
    try:
        return ClassMap.of(card.classes, {**card.class_map, **camera.class_map})
    except BadInputError as error:
        raise BadInputError(f"camera {camera.id}, model {card.name}: {error}") from error
