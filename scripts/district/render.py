"""Renders one camera's frames: background, everybody in depth order, then weather, noise and the burnt-in name."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.district.actors import Actor
from scripts.district.background import Background
from scripts.district.canvas import FAR_M
from scripts.district.geometry import Floats
from scripts.district.shape import placed
from scripts.district.sprite import Geometry, Projected, Sprite, draw_sprite, shadow_mask

Bytes = NDArray[np.uint8]
NOISE_FRAMES = 6
NOISE_PAD_PX = 64
NAME_PX = 56
REACH_M = 7.0


@dataclass(frozen=True)
class Seen:
    """One actor in one frame. The full box may leave the frame; `visible` is the share of the actor that shows."""

    actor: Actor
    geometry: Geometry
    visible: float
    ground_m: tuple[float, float]


class FrameRenderer:
    """Draws a camera's frames; keeps the pre-drawn parked vehicles, noise and rain."""

    def __init__(self, background: Background, parked: tuple[Actor, ...], osd: str, seed: int) -> None:
        self.background = background
        self.camera = background.camera
        self.osd = osd
        self._base = background.bgr.copy()
        self._hide_depth = background.hide_depth.copy()
        self._hide_cover = background.hide_cover.copy()
        self._standing = self._settle(parked)
        rng = np.random.default_rng(seed)
        self._noise = _noise_bank(self.camera.width_px, self.camera.height_px, background.light.noise, rng)
        self._rain = _rain_bank(self.camera.width_px, self.camera.height_px, rng) if background.light.rain else []
        self._jitter = rng.integers(0, NOISE_PAD_PX, (997, 2))
        self._glow = _glow_sprite()
        self._name = _name_patch(osd)

    def _settle(self, parked: tuple[Actor, ...]) -> list[tuple[Actor, Geometry, float, Bytes, tuple[int, int]]]:
        """Draws what never moves into the base picture, once."""
        settled = []
        burning = False
        order = sorted(parked, key=lambda a: -a.pose(0).y_m)
        for actor in order:
            projected = Projected(actor.figure(0), actor.pose(0), self.camera)
            if not projected.visible:
                continue
            geometry = projected.geometry()
            sprite = draw_sprite(projected, geometry, self.background, 1.0, burning)
            if sprite is None:
                continue
            self._darken(self._base, shadow_mask(projected, self.background, 1.0))
            cover = self._behind_standing(sprite, geometry.depth_m)
            _lay(self._base, sprite, cover)
            rows, columns = _area(sprite)
            solid = cover > 127
            self._hide_depth[rows, columns][solid] = geometry.depth_m
            self._hide_cover[rows, columns] = np.maximum(self._hide_cover[rows, columns], cover)
            settled.append((actor, geometry, _share(sprite, cover, geometry), cover, (sprite.x0, sprite.y0)))
        return settled

    def frame(self, actors: tuple[Actor, ...], time_s: float, number: int) -> tuple[Bytes, list[Seen]]:
        """The picture (H, W, 3) B, G, R at a loop time, and who is in it."""
        picture = self._base.copy()
        owner = np.zeros(picture.shape[:2], np.uint8)
        shapes = []
        for actor in actors:
            if actor.present(time_s):
                pose = actor.pose(time_s)
                if not self.camera.may_show(pose.x_m, pose.y_m, REACH_M):
                    continue
                projected = Projected(actor.figure(time_s), pose, self.camera)
                if projected.visible:
                    geometry = projected.geometry()
                    if _touches(geometry, self.camera.width_px, self.camera.height_px):
                        shapes.append((actor, projected, geometry))
        shapes.sort(key=lambda item: -item[2].depth_m)
        burning = self.background.light.lamps > 0.2
        drawn: list[tuple[Actor, Geometry, Sprite, Bytes, int]] = []
        for index, (actor, projected, geometry) in enumerate(shapes, start=1):
            in_sun = 1.0
            if burning:
                self._headlight_pool(picture, projected)
            self._darken(picture, shadow_mask(projected, self.background, in_sun), geometry.depth_m)
            sprite = draw_sprite(projected, geometry, self.background, in_sun, burning)
            if sprite is None:
                continue
            cover = self._behind_standing(sprite, geometry.depth_m)
            _lay(picture, sprite, cover)
            rows, columns = _area(sprite)
            owner[rows, columns][cover > 127] = index
            drawn.append((actor, geometry, sprite, cover, index))
            if burning:
                self._glare(picture, projected)
        seen = [
            Seen(actor, geometry, _share_owned(sprite, owner, index, geometry), _stands(actor, time_s))
            for actor, geometry, sprite, _, index in drawn
        ]
        seen += [
            Seen(actor, geometry, share * _uncovered(owner, cover, at), _stands(actor, time_s))
            for actor, geometry, share, cover, at in self._standing
        ]
        return self._finish(picture, time_s, number), seen

    def _behind_standing(self, sprite: Sprite, depth_m: float) -> Bytes:
        """The sprite's coverage after what stands in front of it took its share."""
        rows, columns = _area(sprite)
        nearer = self._hide_depth[rows, columns] < depth_m - 0.15
        if not nearer.any():
            return sprite.cover
        hidden = np.where(nearer, self._hide_cover[rows, columns], 0).astype(np.uint16)
        return np.asarray(sprite.cover.astype(np.uint16) * (255 - hidden) // 255, dtype=np.uint8)

    def _darken(self, picture: Bytes, shadow: tuple[int, int, Bytes] | None, depth_m: float = 0.0) -> None:
        if shadow is None:
            return
        x0, y0, mask = shadow
        rows, columns = slice(y0, y0 + mask.shape[0]), slice(x0, x0 + mask.shape[1])
        standing = self._hide_depth[rows, columns] < FAR_M
        if standing.any():
            mask = np.where(standing, 0, mask).astype(np.uint8)
        keep = cv2.bitwise_not(cv2.convertScaleAbs(mask, alpha=0.58))
        picture[rows, columns] = cv2.multiply(picture[rows, columns], cv2.merge([keep, keep, keep]), scale=1 / 255)

    def _headlight_pool(self, picture: Bytes, projected: Projected) -> None:
        """Light on the road before a vehicle."""
        if not any(forward for _, _, forward in projected.figure.lamps):
            return
        half, front = projected.figure.half_width_m, projected.figure.half_length_m
        local = np.array(
            [[front + 0.5, -half, 0], [front + 8, -half * 2.1, 0], [front + 8, half * 2.1, 0], [front + 0.5, half, 0]]
        )
        world = self.camera.clip_near(placed(local, projected.pose.x_m, projected.pose.y_m, projected.pose.heading_rad))
        if len(world) < 3:
            return
        outline = self.camera.project(world)[0]
        extent = np.minimum(outline.max(axis=0) - outline.min(axis=0), self.camera.width_px)
        blur = float(np.clip(min(extent) / 24, 1.5, 14))
        reach = int(blur * 4 * 3)
        low = np.maximum(np.floor(outline.min(axis=0)).astype(int) - reach, 0)
        high = np.minimum(
            np.ceil(outline.max(axis=0)).astype(int) + reach, [self.camera.width_px, self.camera.height_px]
        )
        if (high - low).min() < 4:
            return
        quarter = ((high - low) // 4 + 1).astype(int)
        mask = np.zeros((quarter[1], quarter[0]), np.uint8)
        cv2.fillPoly(mask, [((outline - low) / 4 * 8).astype(np.int32)], 150.0, cv2.LINE_AA, 3)
        soft = cv2.GaussianBlur(mask, (0, 0), blur, borderType=cv2.BORDER_REPLICATE)
        glow = cv2.resize(soft, (int(high[0] - low[0]), int(high[1] - low[1])))
        region = picture[low[1] : high[1], low[0] : high[0]]
        strength = min(self.background.light.lamps, 1.0)
        lift = cv2.multiply(region, cv2.merge([glow, glow, glow]), scale=0.0085 * strength)
        region[:] = cv2.add(region, lift)

    def _glare(self, picture: Bytes, projected: Projected) -> None:
        """Halos around lamps that face the camera."""
        lamps = projected.figure.lamps
        if not lamps:
            return
        world = placed(
            np.array([lamp[0] for lamp in lamps]), projected.pose.x_m, projected.pose.y_m, projected.pose.heading_rad
        )
        pixels, depths = self.camera.project(world)
        heading = np.array([math.cos(projected.pose.heading_rad), math.sin(projected.pose.heading_rad), 0.0])
        for (_, colour, forward), point, pixel, depth in zip(lamps, world, pixels, depths, strict=True):
            toward = self.camera.position_m - point
            cosine = float(toward @ heading) / float(np.linalg.norm(toward)) * (1 if forward else -1)
            if cosine <= 0.05 or depth < 1:
                continue
            size_m = (0.75 if forward else 0.35) * (0.4 + cosine)
            size = int(np.clip(size_m * self.camera.focal_px / depth, 3, 130))
            x, y = int(np.clip(pixel[0], -500, 3000)), int(np.clip(pixel[1], -500, 3000))
            if (
                0 <= x < self.camera.width_px
                and 0 <= y < self.camera.height_px
                and self._hide_depth[y, x] < depth - 0.3
            ):
                continue
            bright = np.array(colour) * (1.0 if forward else 0.9) * self.background.light.lamps
            _add_glow(picture, self._glow, x, y, size, bright)

    def _finish(self, picture: Bytes, time_s: float, number: int) -> Bytes:
        if self._rain:
            cv2.add(picture, self._rain[number % len(self._rain)], dst=picture)
        dx, dy = self._jitter[number % len(self._jitter)]
        plus, minus = self._noise[number % NOISE_FRAMES]
        height, width = picture.shape[:2]
        rows, columns = slice(int(dy), int(dy) + height), slice(int(dx), int(dx) + width)
        cv2.add(picture, plus[rows, columns], dst=picture)
        cv2.subtract(picture, minus[rows, columns], dst=picture)
        if self.osd:
            name, inked = self._name
            cv2.copyTo(name, inked, picture[-NAME_PX:, : name.shape[1]])
            stamp = f"L{int(time_s) // 60:02d}:{time_s % 60:04.1f}"
            _write(picture, stamp, (picture.shape[1] - 178, 38), 0.62)
        return np.asarray(picture, dtype=np.uint8)


def _name_patch(osd: str) -> tuple[Bytes, Bytes]:
    """The camera's name as it is burnt in at the bottom left, and which of its pixels are ink."""
    patch = np.zeros((NAME_PX, 520, 3), np.uint8)
    _write(patch, osd, (24, NAME_PX - 24), 0.62)
    return patch, np.asarray((patch.max(axis=2) > 0) * 255, dtype=np.uint8)


def _stands(actor: Actor, time_s: float) -> tuple[float, float]:
    pose = actor.pose(time_s)
    return pose.x_m, pose.y_m


def _write(picture: Bytes, text: str, at: tuple[int, int], size: float) -> None:
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1), (1, 1)):
        cv2.putText(
            picture, text, (at[0] + dx, at[1] + dy), cv2.FONT_HERSHEY_DUPLEX, size, (24, 24, 24), 1, cv2.LINE_AA
        )
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_DUPLEX, size, (240, 240, 240), 1, cv2.LINE_AA)


def _area(sprite: Sprite) -> tuple[slice, slice]:
    return slice(sprite.y0, sprite.y0 + sprite.cover.shape[0]), slice(sprite.x0, sprite.x0 + sprite.cover.shape[1])


def _lay(picture: Bytes, sprite: Sprite, cover: Bytes) -> None:
    """Puts a sprite over the picture where `cover` lets it."""
    rows, columns = _area(sprite)
    region = picture[rows, columns]
    colour = sprite.colour
    if cover is not sprite.cover:
        ratio = cv2.divide(cover, sprite.cover, scale=255)
        colour = np.asarray(cv2.multiply(colour, cv2.merge([ratio, ratio, ratio]), scale=1 / 255), dtype=np.uint8)
    rest = cv2.bitwise_not(cover)
    region[:] = cv2.add(cv2.multiply(region, cv2.merge([rest, rest, rest]), scale=1 / 255), colour)


def _touches(geometry: Geometry, width_px: int, height_px: int) -> bool:
    x0, y0, x1, y1 = geometry.box_xyxy
    return x1 > 1 and y1 > 1 and x0 < width_px - 1 and y0 < height_px - 1


def _in_frame(sprite: Sprite, geometry: Geometry) -> float:
    """The share of the full box that lies in the frame."""
    x0, y0, x1, y1 = geometry.box_xyxy
    height, width = sprite.cover.shape
    inside = max(min(sprite.x0 + width, x1) - max(sprite.x0, x0), 0) * max(
        min(sprite.y0 + height, y1) - max(sprite.y0, y0), 0
    )
    return float(inside) / max((x1 - x0) * (y1 - y0), 1e-6)


def _share(sprite: Sprite, cover: Bytes, geometry: Geometry) -> float:
    whole = int(np.count_nonzero(sprite.cover > 127))
    shown = int(np.count_nonzero(cover > 127))
    return _in_frame(sprite, geometry) * shown / max(whole, 1)


def _share_owned(sprite: Sprite, owner: Bytes, index: int, geometry: Geometry) -> float:
    rows, columns = _area(sprite)
    whole = int(np.count_nonzero(sprite.cover > 127))
    shown = int(np.count_nonzero(owner[rows, columns] == index))
    return _in_frame(sprite, geometry) * min(shown / max(whole, 1), 1.0)


def _uncovered(owner: Bytes, cover: Bytes, at: tuple[int, int]) -> float:
    """The share of a parked vehicle's visible pixels that nobody passes in front of."""
    region = owner[at[1] : at[1] + cover.shape[0], at[0] : at[0] + cover.shape[1]]
    solid = cover > 127
    total = int(solid.sum())
    return 1.0 - int(np.count_nonzero(region[solid])) / total if total else 0.0


def _noise_bank(width_px: int, height_px: int, sigma: float, rng: np.random.Generator) -> list[tuple[Bytes, Bytes]]:
    """Sensor noise as (to add, to subtract) pictures, larger than the frame so that it can be shifted."""
    bank = []
    shape = (height_px + NOISE_PAD_PX, width_px + NOISE_PAD_PX)
    for _ in range(NOISE_FRAMES):
        grey = rng.standard_normal(shape, dtype=np.float32)
        grey = cv2.GaussianBlur(grey, (3, 3), 0.7) * 1.9 * sigma
        tint = (
            cv2.resize(rng.standard_normal((shape[0] // 4, shape[1] // 4, 3), dtype=np.float32), shape[::-1])
            * sigma
            * 0.35
        )
        noise = grey[..., None] + tint
        bank.append((np.clip(noise, 0, 255).astype(np.uint8), np.clip(-noise, 0, 255).astype(np.uint8)))
    return bank


def _rain_bank(width_px: int, height_px: int, rng: np.random.Generator) -> list[Bytes]:
    """Pictures of falling streaks to add, near ones longer and fainter."""
    bank = []
    for _ in range(8):
        streaks = np.zeros((height_px, width_px), np.uint8)
        for _ in range(520):
            x, y = float(rng.uniform(-40, width_px)), float(rng.uniform(-60, height_px))
            length = float(rng.gamma(3.0, 9.0)) + 6
            bright = float(np.clip(rng.normal(34, 12), 8, 70))
            end = (int((x + length * 0.16) * 8), int((y + length) * 8))
            cv2.line(streaks, (int(x * 8), int(y * 8)), end, bright, 1, cv2.LINE_AA, 3)
        for _ in range(26):
            x, y = float(rng.uniform(0, width_px)), float(rng.uniform(0, height_px))
            length = float(rng.uniform(60, 150))
            cv2.line(streaks, (int(x), int(y)), (int(x + length * 0.16), int(y + length)), 22.0, 3, cv2.LINE_AA)
        soft = cv2.GaussianBlur(streaks, (3, 3), 0)
        bank.append(np.asarray(cv2.merge([soft, soft, soft]), dtype=np.uint8))
    return bank


def _glow_sprite() -> NDArray[np.float32]:
    """A halo (257, 257) that falls from 1 to 0."""
    line = np.linspace(-1, 1, 257, dtype=np.float32)
    radius = np.sqrt(line[:, None] ** 2 + line[None, :] ** 2)
    return np.asarray(np.clip(1 - radius, 0, 1) ** 2.4 * 0.7 + np.exp(-((radius / 0.11) ** 2)), dtype=np.float32)


def _add_glow(picture: Bytes, halo: NDArray[np.float32], x: int, y: int, radius: int, bgr: Floats) -> None:
    side = 2 * radius + 1
    x0, y0, x1, y1 = (
        max(x - radius, 0),
        max(y - radius, 0),
        min(x + radius + 1, picture.shape[1]),
        min(y + radius + 1, picture.shape[0]),
    )
    if x1 - x0 < 2 or y1 - y0 < 2:
        return
    small = cv2.resize(halo, (side, side), interpolation=cv2.INTER_LINEAR)[
        y0 - y + radius : y1 - y + radius, x0 - x + radius : x1 - x + radius
    ]
    light = np.clip(small[..., None] * bgr.astype(np.float32), 0, 255).astype(np.uint8)
    region = picture[y0:y1, x0:x1]
    region[:] = cv2.add(region, light)
