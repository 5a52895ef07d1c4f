"""What was found on a picture and on its tiles -> one detection for each object; pure.

An object in the strip that two tiles share is found twice, one that an inner edge cuts is found in pieces, and the
whole picture shows the larger ones once more. In this order:

1. pieces on both sides of a seam that each span the whole strip are one object, longer than the strip: joined;
2. sources are laid over one another, each box taking at most one of another source for its own;
3. a piece that lies in a box from elsewhere, or in a larger piece, belongs to that: dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from detect.boxes.detections import Detections
from detect.boxes.nms import pairwise_iou
from detect.pictures.tiles import Tile

Floats = npt.NDArray[np.float32]

_EDGE_SHARE = 0.012  # of a tile's side: a box that ends this close to an inner edge is cut by it
_ALONGSIDE = 0.5  # of the shorter piece, along the seam
_COVERED = 0.5  # of a piece, by the box it belongs to
_SAME_IOU, _SAME_IOU_OTHER_CLASS = 0.4, 0.7
_SIDES = ((0, 2), (1, 3))  # left and right, top and bottom in a box


def merge_tiles(whole: Detections, found: Sequence[Detections], tiles: Sequence[Tile]) -> Detections:
    """One detection for each object, in pixels of the picture.

    Args:
        whole: found on the whole picture.
        found: on each tile, in its pixels.
        tiles: where they lie.
    """
    placed = [_placed(part, tile) for part, tile in zip(found, tiles, strict=True)]
    cuts = [_cuts(part.boxes_xyxy, tile, tiles) for part, tile in zip(placed, tiles, strict=True)]
    joined, used = _joined(placed, cuts, tiles)
    pieces, sources = [joined], []
    for index, (part, cut) in enumerate(zip(placed, cuts, strict=True)):
        is_cut = np.asarray(cut.any(axis=1), np.bool_)
        sources.append(part.select(~is_cut))
        pieces.append(part.select(is_cut & ~used[index]))
    together = Detections.empty()
    for source in sources:
        together = _laid_over(together, source)
    together = _laid_over(together, whole, _strip_px(tiles))
    for piece in _largest_first(pieces):  # one that ends just before an edge is whole though it looks cut
        if _covered(piece.boxes_xyxy, together.boxes_xyxy)[0] < _COVERED:
            together = _laid_over(together, piece)
    return together


def _placed(found: Detections, tile: Tile) -> Detections:
    offset = np.array([tile.left_px, tile.top_px, tile.left_px, tile.top_px], np.float32)
    return Detections(found.boxes_xyxy + offset, found.confidence, found.class_id)


def _cuts(boxes_xyxy: Floats, tile: Tile, tiles: Sequence[Tile]) -> npt.NDArray[np.bool_]:
    """Which sides of each box (n, 4) an inner edge of its tile cuts off."""
    inner = (
        tile.left_px > 0,
        tile.top_px > 0,
        tile.right_px < max(one.right_px for one in tiles),
        tile.bottom_px < max(one.bottom_px for one in tiles),
    )
    edges = np.array([tile.left_px, tile.top_px, tile.right_px, tile.bottom_px], np.float32)
    return np.asarray((np.abs(boxes_xyxy - edges) <= _margins(tile)) & np.array(inner), np.bool_)


def _margins(tile: Tile) -> Floats:
    return _EDGE_SHARE * np.array([tile.width_px, tile.height_px, tile.width_px, tile.height_px], np.float32)


def _joined(
    placed: Sequence[Detections], cuts: Sequence[npt.NDArray[np.bool_]], tiles: Sequence[Tile]
) -> tuple[Detections, list[npt.NDArray[np.bool_]]]:
    """Objects that reach over seams, and which pieces of each tile they are made of."""
    groups = _Groups([len(part) for part in placed])
    for (first, one), (second, other) in combinations(enumerate(tiles), 2):
        for axis, (near, far) in enumerate(_SIDES):
            if _begin(one, axis) == _begin(other, axis):
                continue
            before, after = (first, second) if _begin(one, axis) < _begin(other, axis) else (second, first)
            is_apart = _begin(tiles[after], axis) >= _begin(tiles[before], axis) + _length(tiles[before], axis)
            if is_apart or _begin(one, 1 - axis) != _begin(other, 1 - axis):
                continue
            for i in np.flatnonzero(cuts[before][:, far]):
                for j in np.flatnonzero(cuts[after][:, near]):
                    if placed[before].class_id[i] == placed[after].class_id[j] and _spans_strip(
                        placed[before].boxes_xyxy[i], placed[after].boxes_xyxy[j], tiles[before], tiles[after], axis
                    ):
                        groups.join((before, int(i)), (after, int(j)))
    used = [np.zeros(len(part), np.bool_) for part in placed]
    boxes, confidence, class_id = [], [], []
    for members in groups.of_several():
        for part, index in members:
            used[part][index] = True
        rows = np.array([placed[part].boxes_xyxy[index] for part, index in members])
        boxes.append(np.concatenate((rows[:, :2].min(axis=0), rows[:, 2:].max(axis=0))))
        confidence.append(max(float(placed[part].confidence[index]) for part, index in members))
        class_id.append(int(placed[members[0][0]].class_id[members[0][1]]))
    return Detections.of(np.array(boxes).reshape(-1, 4), confidence, class_id), used


def _begin(tile: Tile, axis: int) -> int:
    return tile.left_px if axis == 0 else tile.top_px


def _spans_strip(before: Floats, after: Floats, tile: Tile, next_tile: Tile, axis: int) -> bool:
    """Whether two pieces reach through the whole strip that their tiles share, at the same height along the seam."""
    near, far = _SIDES[axis]
    along_near, along_far = _SIDES[1 - axis]
    margin = _margins(tile)[axis]
    if (
        before[near] > _begin(next_tile, axis) + margin
        or after[far] < _begin(tile, axis) + _length(tile, axis) - margin
    ):
        return False
    shared = min(before[along_far], after[along_far]) - max(before[along_near], after[along_near])
    shorter = min(before[along_far] - before[along_near], after[along_far] - after[along_near])
    return bool(shared >= _ALONGSIDE * shorter)


def _length(tile: Tile, axis: int) -> int:
    return tile.width_px if axis == 0 else tile.height_px


class _Groups:
    """Pieces by (tile, index), some of them joined."""

    def __init__(self, counts: Sequence[int]) -> None:
        self._of = {(part, index): [(part, index)] for part, count in enumerate(counts) for index in range(count)}

    def join(self, one: tuple[int, int], other: tuple[int, int]) -> None:
        """They are of one object."""
        mine, theirs = self._of[one], self._of[other]
        if mine is not theirs:
            mine.extend(theirs)
            for member in theirs:
                self._of[member] = mine

    def of_several(self) -> list[list[tuple[int, int]]]:
        """Every group of more than one."""
        return list({id(group): group for group in self._of.values() if len(group) > 1}.values())


def _largest_first(parts: Sequence[Detections]) -> list[Detections]:
    """Every box by itself."""
    boxes = [part.select(np.array([index])) for part in parts for index in range(len(part))]
    return sorted(boxes, key=lambda one: -float(np.prod(one.boxes_xyxy[0, 2:] - one.boxes_xyxy[0, :2])))


def _laid_over(pool: Detections, source: Detections, tiles_see_px: Floats | None = None) -> Detections:
    """Both, once each: a box of the source that is one of the pool's makes that surer at most.

    Args:
        pool: what is known.
        source: boxes of one picture; none of them is another of them.
        tiles_see_px: width and height of what is whole on some tile, where the source is the whole picture: a box so
            small that the tiles, which show it larger, did not find is taken for a mistake.
    """
    if not len(source):
        return pool
    iou = pairwise_iou(source.boxes_xyxy, pool.boxes_xyxy)
    same_class = source.class_id[:, None] == pool.class_id[None, :]
    rank = np.where(same_class & (iou >= _SAME_IOU), 1 + iou, np.where(iou >= _SAME_IOU_OTHER_CLASS, iou, 0))
    confidence, class_id = pool.confidence.copy(), pool.class_id.copy()
    is_new = np.ones(len(source), np.bool_)
    while (best := rank.max(initial=0.0)) > 0:
        i, j = (int(index) for index in np.argwhere(rank == best)[0])
        if source.confidence[i] > confidence[j]:
            confidence[j], class_id[j] = source.confidence[i], source.class_id[i]
        is_new[i] = False
        rank[i, :] = rank[:, j] = 0
    if tiles_see_px is not None:
        sides_px = source.boxes_xyxy[:, 2:] - source.boxes_xyxy[:, :2]
        is_new &= (sides_px > tiles_see_px).any(axis=1)
    new = source.select(is_new)
    return Detections(
        np.concatenate((pool.boxes_xyxy, new.boxes_xyxy)),
        np.concatenate((confidence, new.confidence)),
        np.concatenate((class_id, new.class_id)),
    )


def _strip_px(tiles: Sequence[Tile]) -> Floats:
    """Width and height up to which everything is whole on some tile."""
    strips_px = []
    for axis in (0, 1):
        begins = sorted({_begin(tile, axis) for tile in tiles})
        length_px = _length(tiles[0], axis)
        strips_px.append(length_px - (begins[1] - begins[0]) if len(begins) > 1 else length_px)
    return np.array(strips_px, np.float32)


def _covered(boxes_xyxy: Floats, by_xyxy: Floats) -> Floats:
    """The largest share of each box (n,) that one of the others covers."""
    left_top = np.maximum(boxes_xyxy[:, None, :2], by_xyxy[None, :, :2])
    sides = np.clip(np.minimum(boxes_xyxy[:, None, 2:], by_xyxy[None, :, 2:]) - left_top, 0, None)
    area = np.prod(np.clip(boxes_xyxy[:, 2:] - boxes_xyxy[:, :2], 1e-6, None), axis=1)
    return np.asarray((sides[..., 0] * sides[..., 1] / area[:, None]).max(axis=1, initial=0.0), np.float32)
