"""Measurements of engines, kept beside the installation's data: a start without them costs seconds."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Annotated

import openvino as ov
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from detect.engines.openvino_engine import cpu_name
from detect.models.model import Model
from kernel.config.sections import DetectConfig, Precision

_log = logging.getLogger(__name__)

_GRAPH = "blocks"
"""How an engine puts a graph together; another word where that has changed what was measured."""
LARGER_PIECES = (2, 4)
"""Pictures an inference that are tried beside one."""
_PART = 48  # characters: Intel's processors differ after the 25th, and a file's name has room for 255


class Measured(BaseModel):
    """What was fastest for one model on one CPU."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    precision: Precision
    sizes: tuple[int, ...]
    capacity_fps: Annotated[float, Field(gt=0, description="With every stream busy and the machine to itself.")]
    cpu_ms: dict[Precision, float] = Field(
        default_factory=dict, description="Processor time a picture, of each number format that was tried."
    )


def recall(model: Model, config: DetectConfig, cache_dir: Path) -> Measured | None:
    """A measurement made before; None where there is none that can be read."""
    try:
        return Measured.model_validate_json(_place(model, config, cache_dir).read_bytes())
    except (OSError, ValidationError):
        return None


def remember(model: Model, config: DetectConfig, cache_dir: Path, measured: Measured) -> None:
    """Keep a measurement; not being able to costs the next start two seconds, no more."""
    path = _place(model, config, cache_dir)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(measured.model_dump(mode="json")) + "\n")
    except OSError as error:
        _log.warning("cannot keep the engine's measurement in %s: %s", path, error.strerror)


def forget(model: Model, config: DetectConfig, cache_dir: Path) -> None:
    """Have the next choice of an engine measure anew."""
    path = _place(model, config, cache_dir)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("cannot take away the engine's measurement %s: %s", path, error.strerror)


def _place(model: Model, config: DetectConfig, cache_dir: Path) -> Path:
    """A file whose name says everything that a measurement depends on."""
    of_int8 = (model.card.int8.graph_sha256,) if model.card.int8 else ()
    cores = str(len(os.sched_getaffinity(0)))
    pieces = "-".join(map(str, (*LARGER_PIECES, config.batch_max)))  # which of them are tried
    size = f"{model.card.input.width_px}x{model.card.input.height_px}"
    parts = (
        model.card.sha256,
        size,
        *of_int8,
        config.precision.value,
        cpu_name(),
        cores,
        ov.__version__,
        pieces,
        _GRAPH,
    )
    name = "-".join("".join(letter if letter.isalnum() else "_" for letter in part)[:_PART] for part in parts)
    return cache_dir / f"{name}.json"
