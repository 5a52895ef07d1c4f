"""One picture from the air: the ground by a homography, the sky above the horizon, everybody with a shadow."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.district.background import Background
from scripts.district.geometry import PinholeCamera
from scripts.district.light import Light
from scripts.district.sprite import Geometry, Pose, Projected, draw_sprite, shadow_mask
from scripts.vehicle.eye.ground_map import HALF_M, GroundMap
from scripts.vehicle.eye.traffic import Standing

WIDTH_PX, HEIGHT_PX = 640, 360
DEFAULT_FOV_DEG = 70.0
_LOWEST_M = 1.2
_FULL_DETAIL_PIXEL_M = 0.12
_REACH_M = 7.0
_PAD_SEEN_M = 300.0
_HAZE_ROWS_PX = 60.0


@dataclass(frozen=True)
class EyePose:
    """Where the camera is (metres east and north of home, above the ground) and where it looks.

    `heading_deg` is the compass heading of its optical axis, `pitch_deg` 0 level and -90 straight down.
    """

    east_m: float
    north_m: float
    up_m: float
    heading_deg: float
    pitch_deg: float


@dataclass(frozen=True)
class Sighting:
    """Somebody in a picture: what, the box in pixels, where it stands (metres east and north of home), and who."""

    class_name: str
    box_xyxy: tuple[float, float, float, float]
    east_m: float
    north_m: float
    number: int


_Shown = tuple[Standing, Projected, Geometry]


class AirView:
    """Draws pictures of a ground map with traffic."""

    def __init__(self, ground: GroundMap, light: Light, fov_deg: float = DEFAULT_FOV_DEG) -> None:
        """`fov_deg` is the horizontal field of view."""
        self._ground, self._light = ground, light
        self._focal_px = WIDTH_PX / 2 / math.tan(math.radians(fov_deg) / 2)
        self._horizon_bgr = np.clip(np.array(light.horizon_bgr) * 235, 0, 255)
        self._zenith_bgr = np.clip(np.array(light.zenith_bgr) * 255, 0, 255)

    def camera(self, pose: EyePose) -> PinholeCamera:
        """The pinhole at this pose; its origin is on the ground under it, X east, Y north."""
        height_m = max(_LOWEST_M, pose.up_m)
        return PinholeCamera(height_m, -pose.pitch_deg, self._focal_px, WIDTH_PX, HEIGHT_PX, pose.heading_deg)

    def near(self, pose: EyePose) -> Callable[[Pose], bool]:
        """Whether somebody may be in the picture from there, or his shadow: quick, never wrongly False."""
        camera = self.camera(pose)

        def may_be_seen(one: Pose) -> bool:
            return camera.may_show(_nearest(one.x_m - pose.east_m), _nearest(one.y_m - pose.north_m), _REACH_M)

        return may_be_seen

    def picture(self, pose: EyePose, traffic: list[Standing], caption: str) -> tuple[NDArray[np.uint8], list[Sighting]]:
        """The picture (H, W, 3) B, G, R, and who is in it."""
        camera = self.camera(pose)
        picture = self._terrain(camera, pose)
        sightings = self._people(picture, camera, pose, traffic)
        _write(picture, caption)
        return picture, sightings

    def _terrain(self, camera: PinholeCamera, pose: EyePose) -> NDArray[np.uint8]:
        to_pixels = _ground_homography(camera)
        here = np.array([[1.0, 0.0, -pose.east_m], [0.0, 1.0, -pose.north_m], [0.0, 0.0, 1.0]])
        size = (WIDTH_PX, HEIGHT_PX)
        warped = cv2.warpPerspective(
            self._ground.picture, to_pixels @ here @ self._ground.to_metres, size,
            flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP,
        )  # fmt: skip
        picture: NDArray[np.uint8] = np.asarray(warped, dtype=np.uint8)
        self._lay_pad(picture, to_pixels @ here @ self._ground.pad_to_metres, pose)
        share = min(1.0, _FULL_DETAIL_PIXEL_M * self._focal_px / camera.height_m)
        if share > 0.3:
            fine = cv2.warpPerspective(
                self._ground.detail, to_pixels @ here @ self._ground.detail_to_metres, size,
                flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP,
            )  # fmt: skip
            rough = 1 + share * (np.asarray(fine, np.float32) / 128 - 1) * 0.5
            picture = np.clip(picture * rough[..., None], 0, 255).astype(np.uint8)
        self._sky(picture, camera)
        return picture

    def _lay_pad(self, picture: NDArray[np.uint8], to_pixels: NDArray[np.float64], pose: EyePose) -> None:
        """The pad at home, where any of it can be in front of the camera."""
        if math.hypot(pose.east_m, pose.north_m) > _PAD_SEEN_M:
            return
        size, whole = (WIDTH_PX, HEIGHT_PX), np.full(self._ground.pad.shape[:2], 255, np.uint8)
        cover = np.asarray(cv2.warpPerspective(whole, to_pixels, size, flags=cv2.INTER_LINEAR), dtype=np.uint8)
        if cover.any():
            pad = np.asarray(cv2.warpPerspective(self._ground.pad, to_pixels, size, flags=cv2.INTER_LINEAR))
            picture[cover > 127] = pad[cover > 127]

    def _sky(self, picture: NDArray[np.uint8], camera: PinholeCamera) -> None:
        """Sky above the horizon, haze just under it."""
        if camera.tilt_deg >= 89.0:
            return
        horizon = camera.horizon_px
        rows = np.arange(HEIGHT_PX, dtype=np.float64)[:, None]
        haze = np.clip(1 - (rows - horizon) / _HAZE_ROWS_PX, 0, 1) * 0.85
        height = np.clip((horizon - rows) / HEIGHT_PX, 0, 1)
        sky = self._horizon_bgr * (1 - height) + self._zenith_bgr * height
        share = np.where(rows < horizon + 2, 1.0, haze)[..., None]
        touched = share[:, 0, 0] > 0
        mixed = picture[touched] * (1 - share[touched]) + sky[touched][:, None, :] * share[touched]
        picture[touched] = mixed.astype(np.uint8)

    def sightings(self, pose: EyePose, traffic: list[Standing]) -> list[Sighting]:
        """Who is in a picture, without drawing it."""
        return [_sighting(one, pose) for one in self._shown(self.camera(pose), pose, traffic)]

    def _shown(self, camera: PinholeCamera, pose: EyePose, traffic: list[Standing]) -> list[_Shown]:
        """Who is in the picture, the furthest first."""
        shown: list[_Shown] = []
        for one in traffic:
            near = Pose(
                _nearest(one.pose.x_m - pose.east_m), _nearest(one.pose.y_m - pose.north_m), one.pose.heading_rad
            )
            if not camera.may_show(near.x_m, near.y_m, _REACH_M):
                continue
            projected = Projected(one.figure, near, camera)
            if projected.visible and _lies_in_picture(geometry := projected.geometry()):
                shown.append((one, projected, geometry))
        shown.sort(key=lambda item: -item[2].depth_m)
        return shown

    def _people(
        self, picture: NDArray[np.uint8], camera: PinholeCamera, pose: EyePose, traffic: list[Standing]
    ) -> list[Sighting]:
        background = Background(
            picture, np.zeros((1, 1), np.float32), np.zeros((1, 1), np.uint8), camera, self._light, ()
        )
        shown = self._shown(camera, pose, traffic)
        for _, projected, geometry in shown:
            _shade(picture, shadow_mask(projected, background, 1.0))
            sprite = draw_sprite(projected, geometry, background, 1.0, False)
            if sprite is not None:
                height, width = sprite.cover.shape
                region = picture[sprite.y0 : sprite.y0 + height, sprite.x0 : sprite.x0 + width]
                rest = cv2.bitwise_not(sprite.cover)
                region[:] = cv2.add(cv2.multiply(region, cv2.merge([rest] * 3), scale=1 / 255), sprite.colour)
        return [_sighting(one, pose) for one in shown]


def _sighting(shown: _Shown, pose: EyePose) -> Sighting:
    one, projected, geometry = shown
    return Sighting(
        one.actor.class_name or one.actor.kind,
        geometry.box_xyxy,
        projected.pose.x_m + pose.east_m,
        projected.pose.y_m + pose.north_m,
        one.actor.id,
    )


def _nearest(offset_m: float) -> float:
    """The people of the repeating square that are nearest."""
    return (offset_m + HALF_M) % (2 * HALF_M) - HALF_M


def _ground_homography(camera: PinholeCamera) -> NDArray[np.float64]:
    """(3, 3): metres east and north of the point under the camera to pixels."""
    lens = np.array(
        [[camera.focal_px, 0, camera.width_px / 2], [0, camera.focal_px, camera.height_px / 2], [0, 0, 1.0]]
    )
    through = lens @ camera.rotation
    return np.column_stack([through[:, 0], through[:, 1], -through @ camera.position_m])


def _lies_in_picture(geometry: Geometry) -> bool:
    x0, y0, x1, y1 = geometry.box_xyxy
    return x1 > 1 and y1 > 1 and x0 < WIDTH_PX - 1 and y0 < HEIGHT_PX - 1


def _shade(picture: NDArray[np.uint8], shadow: tuple[int, int, NDArray[np.uint8]] | None) -> None:
    if shadow is None:
        return
    x0, y0, mask = shadow
    region = picture[y0 : y0 + mask.shape[0], x0 : x0 + mask.shape[1]]
    keep = cv2.bitwise_not(cv2.convertScaleAbs(mask, alpha=0.58))
    region[:] = cv2.multiply(region, cv2.merge([keep] * 3), scale=1 / 255)


def _write(picture: NDArray[np.uint8], caption: str) -> None:
    for colour, width in (((24, 24, 24), 3), ((240, 240, 240), 1)):
        cv2.putText(picture, caption, (12, HEIGHT_PX - 12), cv2.FONT_HERSHEY_DUPLEX, 0.45, colour, width, cv2.LINE_AA)
