"""Constant-velocity Kalman filters over all tracks at once, with real frame intervals.

The four measured quantities of a box (centre x, centre y, width, height) are filtered independently: with diagonal
noise the 8x8 filter of ByteTrack falls apart into four filters of position and velocity, which have closed forms.
Process noise is white acceleration noise in continuous time, so two steps of 0.1 s equal one of 0.2 s.

Source: Bar-Shalom, Li, Kirubarajan, Estimation with Applications to Tracking and Navigation (2001), section 6.2.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

POSITION, VELOCITY, VAR_POSITION, COVARIANCE, VAR_VELOCITY = range(5)
"""Rows of a track's (5, 4) filter state; columns are centre x, centre y, width, height, in px and px/s."""

# Standard deviations in units of the box's size, sqrt(width * height): for a person that is about 1 m.
_MEASURED = np.array([0.04, 0.04, 0.06, 0.06])
_FIRST_VELOCITY_PER_S = np.array([3.0, 3.0, 0.5, 0.5])
_ACCELERATION_PER_S1_5 = np.array([2.0, 2.0, 0.6, 0.6])
_WEAK_NOISE_FACTOR = 2.0
_MEASURED_VARIANCE = _MEASURED**2
_FIRST_VELOCITY_VARIANCE = _FIRST_VELOCITY_PER_S**2
_ACCELERATION_VARIANCE = _ACCELERATION_PER_S1_5**2


def to_centre_size(boxes_xyxy: npt.NDArray[np.floating]) -> Floats:
    """Boxes (n, 4) left, top, right, bottom as centre x, centre y, width, height."""
    corners = np.asarray(boxes_xyxy, np.float64)
    low, high = corners[:, :2], corners[:, 2:]
    return np.concatenate(((low + high) / 2, high - low), axis=1)


def to_xyxy(centre_size: Floats) -> Floats:
    """Inverse of `to_centre_size`, for (…, 4); negative sizes become 0."""
    half = np.maximum(centre_size[..., 2:], 0.0) / 2
    return np.concatenate((centre_size[..., :2] - half, centre_size[..., :2] + half), axis=-1)


def box_area_px2(centre_size: Floats) -> Floats:
    """Area (…, 1) of boxes given as centre and size, at least 1 px^2: the square of their length scale."""
    return np.asarray(np.maximum(centre_size[..., 2:3] * centre_size[..., 3:4], 1.0))


def box_size_px(centre_size: Floats) -> Floats:
    """Length scale (…, 1) of boxes given as centre and size, at least 1 px."""
    return np.asarray(np.sqrt(box_area_px2(centre_size)))


def started(measured: Floats) -> Floats:
    """Filter states (n, 5, 4) of boxes (n, 4, centre and size) seen for the first time, at rest."""
    area_px2 = box_area_px2(measured)
    state = np.zeros((len(measured), 5, 4))
    state[:, POSITION] = measured
    state[:, VAR_POSITION] = _MEASURED_VARIANCE * area_px2
    state[:, VAR_VELOCITY] = _FIRST_VELOCITY_VARIANCE * area_px2
    return state


def predict(state: Floats, dt_s: float) -> None:
    """Move filter states (n, 5, 4) forward by `dt_s` seconds, in place."""
    _move(state, *_motion(dt_s))


def predict_each(state: Floats, dts_s: Sequence[float], of: npt.NDArray[np.intp]) -> None:
    """`predict`, each state by the seconds of the camera that `of` (n,) says it is of."""
    if len(set(dts_s)) == 1:
        predict(state, dts_s[0])
        return
    motions = [_motion(dt_s) for dt_s in dts_s]
    _move(state, np.array([step for step, _ in motions])[of], np.array([grown for _, grown in motions])[of])


def _move(state: Floats, step: Floats, grown: Floats) -> None:
    noise = _ACCELERATION_VARIANCE * box_area_px2(state[:, POSITION])
    state[:] = step @ state
    state[:, VAR_POSITION:] += noise[:, None] * grown


@lru_cache(maxsize=64)
def _motion(dt_s: float) -> tuple[Floats, Floats]:
    """The linear map (5, 5) of a state over a time, and what acceleration noise of unit strength adds (3, 1) to it."""
    step = np.eye(5)
    step[POSITION, VELOCITY] = dt_s
    step[VAR_POSITION, COVARIANCE : VAR_VELOCITY + 1] = 2 * dt_s, dt_s**2
    step[COVARIANCE, VAR_VELOCITY] = dt_s
    return step, np.array([[dt_s**3 / 3], [dt_s**2 / 2], [dt_s]])


def corrected(state: Floats, measured: Floats, weak: npt.NDArray[np.bool_]) -> Floats:
    """Filter states (n, 5, 4) after measurements (n, 4); weak ones (n,) are trusted less."""
    noise = _MEASURED_VARIANCE * box_area_px2(measured)
    if weak.any():
        noise[weak] *= _WEAK_NOISE_FACTOR**2
    noise += state[:, VAR_POSITION]
    covariance = state[:, VAR_POSITION:VAR_VELOCITY]
    gains = covariance / noise[:, None]
    after = np.empty_like(state)
    innovation = measured - state[:, POSITION]
    after[:, :VAR_POSITION] = state[:, :VAR_POSITION] + gains * innovation[:, None]
    after[:, VAR_POSITION:VAR_VELOCITY] = covariance - gains[:, :1] * covariance
    after[:, VAR_VELOCITY] = state[:, VAR_VELOCITY] - gains[:, 1] * state[:, COVARIANCE]
    return after
