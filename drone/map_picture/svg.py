"""A sheet as SVG: plain shapes and text, no script, no address."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from drone.map_picture.shapes import XY, Area, Dot, Label, Line, Rgb, Shape, Sheet

_FONT = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif"


def to_svg(sheet: Sheet) -> str:
    """The text of an SVG file."""
    size = f'width="{sheet.width_px}" height="{sheet.height_px}" viewBox="0 0 {sheet.width_px} {sheet.height_px}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{_FONT}">',
        f'<rect width="100%" height="100%" fill="{_hex(sheet.background)}"/>',
    ]
    for number, shape in enumerate(sheet.shapes):
        lines += _written(shape, number, sheet.background)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _written(shape: Shape, number: int, paper: Rgb) -> Iterable[str]:
    match shape:
        case Line():
            dash = f' stroke-dasharray="{shape.dash_px:g}"' if shape.dash_px else ""
            style = f'stroke="{_hex(shape.color)}" stroke-width="{shape.width_px:g}"{dash}'
            yield f'<polyline points="{_points(shape.points)}" fill="none" {style} stroke-linejoin="round"/>'
        case Area():
            path = " ".join(f"M{_points(ring).replace(' ', 'L')}Z" for ring in shape.rings)
            fill = f'fill="{_hex(shape.color)}" fill-opacity="{shape.opacity:g}"'
            if shape.is_hatched:
                yield (
                    f'<pattern id="h{number}" width="10" height="10" patternUnits="userSpaceOnUse" '
                    f'patternTransform="rotate(45)"><rect width="10" height="10" {fill}/>'
                    f'<line x1="0" y1="0" x2="0" y2="10" stroke="{_hex(shape.color)}" stroke-opacity="0.5"/></pattern>'
                )
                fill = f'fill="url(#h{number})"'
            yield f'<path d="{path}" {fill} fill-rule="evenodd"/>'
        case Dot():
            at = f'cx="{shape.at[0]:.1f}" cy="{shape.at[1]:.1f}" r="{shape.radius_px:g}"'
            yield f'<circle {at} fill="{_hex(shape.color)}" stroke="{_hex(paper)}" stroke-width="1.5"/>'
        case Label():
            anchor = ' text-anchor="middle"' if shape.is_centred else ""
            at = f'x="{shape.at[0]:.1f}" y="{shape.at[1]:.1f}" font-size="{shape.size_px:g}"{anchor}'
            halo = f'stroke="{_hex(paper)}" stroke-width="3" paint-order="stroke"'
            yield f'<text {at} fill="{_hex(shape.color)}" {halo}>{escape(shape.text)}</text>'


def _points(points: Iterable[XY]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _hex(color: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)
