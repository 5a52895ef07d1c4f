"""A sheet as PNG, drawn with OpenCV. Its fonts know no Chinese: labels fall back to ids."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from drone.map_picture.shapes import XY, Area, Dot, Label, Line, Rgb, Shape, Sheet
from drone.map_picture.sheet import dashes

Picture = npt.NDArray[np.uint8]
_SHIFT = 4  # OpenCV takes coordinates in sixteenths of a pixel
_SCALE = 2  # drawn larger and shrunk: finer edges
_HATCH_PX = 12
_FONT = cv2.FONT_HERSHEY_DUPLEX
_FONT_PX = 30.0  # height of that font at scale 1


def to_png(sheet: Sheet) -> bytes:
    """The bytes of a PNG file."""
    picture: Picture = np.empty((sheet.height_px * _SCALE, sheet.width_px * _SCALE, 3), np.uint8)
    picture[:] = _bgr(sheet.background)
    for shape in sheet.shapes:
        picture = _drawn(picture, shape, sheet.background)
    small = cv2.resize(picture, (sheet.width_px, sheet.height_px), interpolation=cv2.INTER_AREA)
    is_encoded, data = cv2.imencode(".png", small)
    if not is_encoded:
        raise ValueError("OpenCV encoded no PNG")
    return bytes(data)


def _drawn(picture: Picture, shape: Shape, paper: Rgb) -> Picture:
    match shape:
        case Line():
            pieces = dashes(shape.points, shape.dash_px) if shape.dash_px else [shape.points]
            width = max(1, round(shape.width_px * _SCALE))
            cv2.polylines(
                picture, [_fixed(piece) for piece in pieces], False, _bgr(shape.color), width, cv2.LINE_AA, _SHIFT
            )
        case Area():
            return _filled(picture, shape)
        case Dot():
            [middle] = _fixed([shape.at]).tolist()
            for radius_px, color in ((shape.radius_px + 1.5, paper), (shape.radius_px, shape.color)):
                radius = round(radius_px * _SCALE * (1 << _SHIFT))
                cv2.circle(picture, tuple(middle), radius, _bgr(color), -1, cv2.LINE_AA, _SHIFT)
        case Label():
            _write(picture, shape, paper)
    return picture


def _filled(picture: Picture, area: Area) -> Picture:
    rings = [_fixed(ring) for ring in area.rings]
    rows, columns = len(picture), len(picture[0])
    mask = np.zeros((rows, columns), np.uint8)
    cv2.fillPoly(mask, rings, 255, cv2.LINE_AA, _SHIFT)  # even-odd, as OpenCV fills
    weight = mask.astype(np.float32) / 255 * area.opacity
    if area.is_hatched:
        diagonal = np.add.outer(np.arange(rows), np.arange(columns))
        weight += mask.astype(np.float32) / 255 * 0.35 * (diagonal % (_HATCH_PX * _SCALE) < _SCALE)
    color = np.array(_bgr(area.color), np.float32)
    blended = picture * (1 - weight[..., None]) + color * weight[..., None]
    return blended.astype(np.uint8)


def _write(picture: Picture, label: Label, paper: Rgb) -> None:
    text, scale = label.ascii_text, label.size_px * _SCALE / _FONT_PX
    if not text:
        return
    (width_px, _), _ = cv2.getTextSize(text, _FONT, scale, 1)
    x = label.at[0] * _SCALE - (width_px / 2 if label.is_centred else 0)
    at = (round(x), round(label.at[1] * _SCALE))
    for thickness, color in ((5 * _SCALE // 2, paper), (_SCALE // 2, label.color)):
        cv2.putText(picture, text, at, _FONT, scale, _bgr(color), max(1, thickness), cv2.LINE_AA)


def _fixed(points: tuple[XY, ...] | list[XY]) -> npt.NDArray[np.int32]:
    return np.round(np.array(points) * _SCALE * (1 << _SHIFT)).astype(np.int32)


def _bgr(color: Rgb) -> tuple[int, int, int]:
    return color[2], color[1], color[0]
