from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from detect.engines.openvino_engine import cpu_has_bf16
from detect.engines.remembered import Measured, recall, remember
from detect.models.bench import bench_model
from detect.models.importing import ImportOptions, import_model
from detect.models.model import load_model
from kernel.config.sections import DetectConfig, Precision
from kernel.errors import BadInputError
from tests.unit.detect.int8_bundle import mean_colour_bundle
from tests.unit.detect.tiny_models import mean_colour_model

NAMES = {"names": "{0: 'person'}", "imgsz": "[32, 64]", "task": "detect", "end2end": "True", "license": "MIT"}


def test_an_onnx_file_becomes_a_bundle_that_loads_by_its_name(tmp_path: Path) -> None:
    source = mean_colour_model(tmp_path / "walkers.onnx", metadata=NAMES)
    said: list[str] = []
    options = ImportOptions("walkers", data="our own yard")
    imported = import_model(source, tmp_path / "models", options, tmp_path / "cache", said.append)
    model = load_model("walkers", tmp_path / "models")
    assert model.card == imported.card
    assert (model.card.name, model.card.classes, model.card.licence, model.card.data) == (
        "walkers",
        ("person",),
        "MIT",
        "our own yard",
    )
    assert model.card.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    assert imported.capacity_fps > 0
    assert "openvino" in imported.engine
    assert len(said) == 2
    assert [one.name for one in (tmp_path / "models").iterdir()] == ["walkers"]


def test_a_taken_name_is_replaced_only_when_asked(tmp_path: Path) -> None:
    models = tmp_path / "models"
    first = mean_colour_model(tmp_path / "a.onnx", metadata=NAMES)
    second = mean_colour_model(tmp_path / "b.onnx", metadata=NAMES | {"license": "Apache-2.0"})
    import_model(first, models, ImportOptions("yard"), tmp_path / "cache", print)
    with pytest.raises(BadInputError, match="there is a model of that name; give another --name, or --replace"):
        import_model(second, models, ImportOptions("yard"), tmp_path / "cache", print)
    assert load_model("yard", models).card.licence == "MIT"
    import_model(second, models, ImportOptions("yard", replaces=True), tmp_path / "cache", print)
    assert load_model("yard", models).card.licence == "Apache-2.0"
    assert [one.name for one in models.iterdir()] == ["yard"]


@pytest.mark.parametrize("name", ["", "../up", "Yard", "a b", "a/b", ".hidden", "x" * 64])
def test_a_name_that_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    source = mean_colour_model(tmp_path / "a.onnx", metadata=NAMES)
    with pytest.raises(BadInputError, match="use small letters, digits"):
        import_model(source, tmp_path / "models", ImportOptions(name), tmp_path / "cache", print)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"no model at all, only words", "ONNX"), (None, "no such file")],
)
def test_what_is_not_understood_leaves_nothing_behind(tmp_path: Path, content: bytes | None, said: str) -> None:
    source, models = tmp_path / "a.onnx", tmp_path / "models"
    if content is not None:
        source.write_bytes(content)
    with pytest.raises(BadInputError, match=said) as refused:
        import_model(source, models, ImportOptions("yard"), tmp_path / "cache", print)
    assert str(source) in str(refused.value)
    assert not models.exists() or not list(models.iterdir())


def test_a_damaged_model_is_not_taken_in(tmp_path: Path) -> None:
    source = mean_colour_model(tmp_path / "a.onnx", metadata=NAMES)
    source.write_bytes(source.read_bytes().replace(b"GlobalAveragePool", b"GlobalAveragePxxl"))
    with pytest.raises(BadInputError, match="not an ONNX model"):
        import_model(source, tmp_path / "models", ImportOptions("yard"), tmp_path / "cache", print)
    assert not list((tmp_path / "models").iterdir())


def test_a_models_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    source = mean_colour_model(tmp_path / "a.onnx", metadata=NAMES)
    (tmp_path / "file").write_text("no directory")
    with pytest.raises(BadInputError, match=r"file.*the model was not imported"):
        import_model(source, tmp_path / "file" / "models", ImportOptions("yard"), tmp_path / "cache", print)


def test_a_model_is_run_through_every_engine_and_one_is_taken(tmp_path: Path) -> None:
    source = mean_colour_model(tmp_path / "a.onnx", metadata=NAMES)
    rows = bench_model(load_model(str(source), tmp_path), DetectConfig(), tmp_path / "cache", 0.02)
    assert {"openvino fp32", "onnxruntime fp32"} <= {row["engine"] for row in rows}
    assert all(row["pictures_per_s"] > 0 and row["cpu_ms_per_picture"] >= 0 for row in rows)
    assert [row["taken"] for row in rows].count(True) == 1
    assert [bool(row["why"]) for row in rows] == [row["taken"] and cpu_has_bf16() for row in rows]


def test_int8_is_benched_too_and_the_choice_is_measured_anew(tmp_path: Path) -> None:
    model = load_model("yard", mean_colour_bundle(tmp_path / "yard").parent)
    stale = Measured(precision=Precision.FP32, sizes=(1,), capacity_fps=1.0, cpu_ms={Precision.FP32: 1.0})
    remember(model, DetectConfig(), tmp_path / "cache", stale)
    rows = bench_model(model, DetectConfig(), tmp_path / "cache", 0.02)
    assert "openvino int8" in {row["engine"] for row in rows}
    (taken,) = (row for row in rows if row["taken"])
    assert "int8 costs 0.013 of agreement" in taken["why"]
    assert recall(model, DetectConfig(), tmp_path / "cache") != stale


def test_a_folder_with_a_card_is_imported_with_it_and_without_the_int8_of_others(tmp_path: Path) -> None:
    folder = mean_colour_bundle(tmp_path / "stick" / "yard")
    imported = import_model(folder, tmp_path / "models", ImportOptions("gate"), tmp_path / "cache", print)
    assert (imported.card.name, imported.card.classes, imported.card.int8) == ("gate", ("person",), None)
    assert sorted(file.name for file in imported.folder.iterdir()) == ["card.json", "model.onnx"]
    assert load_model("gate", tmp_path / "models").card == imported.card
