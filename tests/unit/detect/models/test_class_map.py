from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detect.boxes.detections import Detections
from detect.models.card import Layout, ModelCard, ModelInput, class_map_of
from detect.models.class_map import ClassMap
from detect.models.coco import COCO_CLASSES
from detect.models.model import load_model
from kernel.config.lookout import LookoutConfig
from kernel.errors import BadInputError
from supervisor.listing import model_problems
from tests.unit.detect.tiny_models import bright_walker_model

AERIAL = ("pedestrian", "people", "car", "van", "awning-tricycle", "ignored regions")
WANTED = {"pedestrian": "person", "people": "person", "van": "car", "ignored regions": ""}
BOX, NEAR, FAR = (0.0, 0.0, 10.0, 20.0), (1.0, 0.0, 11.0, 20.0), (50.0, 0.0, 60.0, 20.0)


def called(classes: ClassMap, found: Detections) -> list[tuple[str, float]]:
    mapped = classes.apply(found, 0.6)
    pairs = zip(mapped.class_id, mapped.confidence, strict=True)
    return sorted((classes.names[index], round(float(confidence), 2)) for index, confidence in pairs)


def test_a_models_names_become_those_that_rules_know() -> None:
    classes = ClassMap.of(AERIAL, WANTED)
    assert classes.names == ("person", "car", "awning-tricycle")
    found = Detections.of([BOX, FAR, BOX, BOX], [0.9, 0.8, 0.7, 0.6], [0, 3, 4, 5])
    assert called(classes, found) == [("awning-tricycle", 0.7), ("car", 0.8), ("person", 0.9)]


def test_one_object_that_two_classes_found_is_one_where_they_became_one() -> None:
    classes = ClassMap.of(AERIAL, WANTED)
    assert called(classes, Detections.of([BOX, NEAR], [0.4, 0.9], [0, 1])) == [("person", 0.9)]
    assert called(classes, Detections.of([BOX, FAR], [0.4, 0.9], [0, 1])) == [("person", 0.4), ("person", 0.9)]


def test_without_a_map_detections_are_passed_on_as_they_are() -> None:
    found = Detections.of([BOX], [0.9], [1])
    assert ClassMap.of(AERIAL, {}).apply(found, 0.6) is found
    assert ClassMap.of(AERIAL, {"car": "car"}).apply(found, 0.6) is found


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"pedestrain": "person"}, "the model has no class 'pedestrain'; did you mean 'pedestrian'?"),
        ({"pedestrian": "persn"}, "'pedestrian' cannot become 'persn', which no rule knows; did you mean 'person'?"),
        ({"lorry": "truck"}, "the model has no class 'lorry'; use one of pedestrian, people, car"),
        (dict.fromkeys(AERIAL, ""), "leaves out every class of the model; keep one"),
    ],
)
def test_names_that_nobody_knows_are_refused_in_one_line(wanted: dict[str, str], words: str) -> None:
    with pytest.raises(BadInputError) as caught:
        ClassMap.of(AERIAL, wanted)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_classes_of_another_model_are_numbered_on_from_those_before() -> None:
    """Tracks go on over a change of models: person stays person by its number."""
    before = ClassMap.of(("car", "person"), {})
    after = ClassMap.of(AERIAL, WANTED).following(before.names)
    assert after.names == ("car", "person", "awning-tricycle")
    assert called(after, Detections.of([BOX, FAR, BOX], [0.9, 0.8, 0.7], [0, 3, 5])) == [("car", 0.8), ("person", 0.9)]


@given(st.dictionaries(st.sampled_from(AERIAL[:4]), st.sampled_from(COCO_CLASSES)), st.lists(st.sampled_from(AERIAL)))
def test_every_number_that_comes_out_has_the_name_that_was_wanted(wanted: dict[str, str], first: list[str]) -> None:
    classes = ClassMap.of(AERIAL, wanted).following(list(dict.fromkeys(first)))
    for index, name in enumerate(AERIAL):
        (came,) = classes.apply(Detections.of([BOX], [0.9], [index]), 0.6).class_id
        assert classes.names[came] == wanted.get(name, name)
    assert len(set(classes.names)) == len(classes.names)


def test_a_card_may_map_only_classes_it_has() -> None:
    fields = {"name": "m", "layout": Layout.YOLOX, "input": ModelInput(width_px=64, height_px=32), "sha256": "0" * 64}
    card = ModelCard.model_validate({**fields, "classes": AERIAL, "class_map": WANTED})
    assert card.class_map["van"] == "car"
    with pytest.raises(ValueError, match="has no class 'bus'"):
        ModelCard.model_validate({**fields, "classes": AERIAL, "class_map": {"bus": "car"}})


def test_a_cameras_map_goes_before_the_cards_and_the_check_of_a_config_names_what_is_wrong(tmp_path: Path) -> None:
    bright_walker_model(tmp_path / "walker.onnx")
    camera = {"id": "cam-1", "name": "Gate", "unit": "bureau", "streams": {"main": {"url": "rtsp://127.0.0.1/1"}}}
    cameras = [{**camera, "class_map": {"person": "dog"}}, {**camera, "id": "cam-2", "class_map": {"bus": "car"}}]
    models = {"default": str(tmp_path / "walker.onnx")}
    config = LookoutConfig.model_validate({"models": models, "cameras": cameras})
    card = load_model(models["default"], tmp_path).card.model_copy(update={"class_map": {"person": "cat"}})
    assert class_map_of(config.cameras[0], card).names == ("dog",)
    (problem,) = model_problems(config)
    assert problem == "camera cam-2, model walker: class_map: the model has no class 'bus'; use one of person"
