"""A model's own class names -> the names this field knows (`coco`), so that a rule means the same on any model.

A model trained on pictures from drones says pedestrian, people, van; a rule says person and car. The map is in the
model's card, and a camera's config may say otherwise. A name mapped to nothing is not looked at. Pure.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detect.boxes.detections import Detections, IntArray
from detect.boxes.nms import keep_by_class
from detect.models.coco import COCO_CLASSES
from kernel.errors import BadInputError

LEFT_OUT = ""
_NONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class ClassMap:
    """What the classes of a model are called.

    Attributes:
        names: of the classes that come out, by their id.
        ids: (classes of the model,), which of them each becomes, -1 for none; None where all stay as they are.
        is_merging: two of the model's classes become one, so that an object may have two boxes.
    """

    names: tuple[str, ...]
    ids: IntArray | None = None
    is_merging: bool = False

    @classmethod
    def of(cls, own: Sequence[str], wanted: Mapping[str, str]) -> ClassMap:
        """The map of a model's classes; those that `wanted` does not name keep their own.

        Raises:
            BadInputError: a name on the left that the model does not have, or on the right that nobody knows.
        """
        if problem := class_map_problem(own, wanted):
            raise BadInputError(problem)
        if not any(name != became for name, became in wanted.items()):
            return cls(tuple(own))
        return cls._numbered([wanted.get(name, name) for name in own], ())

    def following(self, before: Sequence[str]) -> ClassMap:
        """This map with the classes numbered on from `before`, so that tracks of another model keep their classes."""
        if tuple(before) == self.names:
            return self
        ids = range(len(self.names)) if self.ids is None else self.ids
        return self._numbered([LEFT_OUT if index == _NONE else self.names[index] for index in ids], before)

    @classmethod
    def _numbered(cls, became: Sequence[str], first: Sequence[str]) -> ClassMap:
        """The map of classes that are called so, numbered after the names in `first`."""
        names = tuple(dict.fromkeys((*first, *(name for name in became if name != LEFT_OUT))))
        numbers = {name: index for index, name in enumerate(names)}
        ids = np.array([numbers.get(name, _NONE) for name in became], np.int64)
        kept = ids[ids != _NONE]
        return cls(names, ids, len(np.unique(kept)) < len(kept))

    def apply(self, found: Detections, nms_iou: float) -> Detections:
        """What was found, by the names that come out; of two boxes of one object the weaker goes.

        Args:
            found: by the model's own class ids.
            nms_iou: overlap above which two boxes of a class are one object, where two classes became one.
        """
        if self.ids is None or not len(found):
            return found
        class_id = self.ids[found.class_id]
        mapped = Detections(found.boxes_xyxy, found.confidence, class_id)
        if (class_id == _NONE).any():
            mapped = mapped.select(class_id != _NONE)
        if self.is_merging and len(mapped) > 1:
            mapped = mapped.select(keep_by_class(mapped.boxes_xyxy, mapped.confidence, mapped.class_id, nms_iou))
        return mapped


def class_map_problem(own: Sequence[str], wanted: Mapping[str, str]) -> str:
    """What is wrong with a map for a model of these classes, in one line; empty where nothing is."""
    known = {*COCO_CLASSES, *own, LEFT_OUT}
    for name, became in wanted.items():
        if name not in own:
            return f"class_map: the model has no class {name!r}; {_nearest(name, own)}"
        if became not in known:
            remedy = _nearest(became, COCO_CLASSES)
            return f"class_map: {name!r} cannot become {became!r}, which no rule knows; {remedy}, or '' to leave it out"
    if own and all(wanted.get(name) == LEFT_OUT for name in own):
        return "class_map: leaves out every class of the model; keep one"
    return ""


def _nearest(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(known[:6])}{' …' * (len(known) > 6)}"
