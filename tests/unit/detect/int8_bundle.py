"""Bundles with an int8 graph made by hand: OpenVINO's own of the same network, taking 0-255."""

from __future__ import annotations

from pathlib import Path

import openvino as ov

from detect.engines.openvino_graph import take_bytes
from detect.models.card import (
    CARD_FILE,
    INT8_GRAPH,
    INT8_WEIGHTS,
    MODEL_FILE,
    Int8Accuracy,
    Int8Card,
    Layout,
    Measure,
    ModelCard,
    ModelInput,
    PixelScale,
)
from detect.models.model import sha256_of
from tests.unit.detect.tiny_models import HEIGHT_PX, WIDTH_PX, mean_colour_model

ACCURACY = Int8Accuracy(measure=Measure.AGREEMENT, pictures=9, boxes=80, fp32=1.0, int8=0.987)


def mean_colour_bundle(folder: Path, batch: int | str = "n", scale: PixelScale = PixelScale.UNIT) -> Path:
    """A bundle that answers the mean colours, with the same network as its int8; returns its folder."""
    folder.mkdir(parents=True)
    mean_colour_model(folder / MODEL_FILE, batch)
    target = ModelInput(width_px=WIDTH_PX, height_px=HEIGHT_PX, scale=scale)
    graph = ov.Core().read_model(folder / MODEL_FILE)
    take_bytes(graph, target)
    ov.save_model(graph, folder / INT8_GRAPH, compress_to_fp16=False)
    int8 = Int8Card(
        graph_sha256=sha256_of(folder / INT8_GRAPH),
        weights_sha256=sha256_of(folder / INT8_WEIGHTS),
        source="folder yard",
        calibration_pictures=20,
        calibration_sha256="0" * 64,
        nncf="3.4.0",
        openvino="2026.4",
        accuracy=ACCURACY,
    )
    card = ModelCard(
        name=folder.name,
        layout=Layout.ULTRALYTICS_END2END,
        classes=("person",),
        input=target,
        sha256=sha256_of(folder / MODEL_FILE),
        int8=int8,
    )
    (folder / CARD_FILE).write_text(card.model_dump_json())
    return folder
