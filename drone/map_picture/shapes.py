"""What a map is made of, in pixels from the sheet's upper left corner, whichever file it becomes."""

from __future__ import annotations

from dataclasses import dataclass

XY = tuple[float, float]
Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Line:
    """Through points; dashed where dash_px is not 0."""

    points: tuple[XY, ...]
    color: Rgb
    width_px: float = 1.0
    dash_px: float = 0.0


@dataclass(frozen=True, slots=True)
class Area:
    """Rings of polygons: outer ones and holes alike (even-odd), filled with a share of the colour."""

    rings: tuple[tuple[XY, ...], ...]
    color: Rgb
    opacity: float = 0.2
    is_hatched: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle with a rim of the sheet's colour."""

    at: XY
    radius_px: float
    color: Rgb


@dataclass(frozen=True, slots=True)
class Label:
    """A text with a halo, so that it reads over lines; `plain` stands in where no Chinese font is at hand."""

    at: XY
    text: str
    color: Rgb
    size_px: float = 12.0
    plain: str = ""
    is_centred: bool = False

    @property
    def ascii_text(self) -> str:
        """The text, or what stands in for it."""
        return self.text if self.text.isascii() else self.plain


Shape = Line | Area | Dot | Label


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet and what is drawn on it, the lowest first."""

    width_px: int
    height_px: int
    background: Rgb
    shapes: tuple[Shape, ...]
