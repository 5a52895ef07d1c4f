"""Constant-velocity Kalman filters over all tracks at once, with real frame intervals.

The four measured quantities of a box (centre x, centre y, width, height) are filtered independently: with diagonal
noise the 8x8 filter of ByteTrack falls apart into four filters of position and velocity, which have closed forms.
Process noise is white acceleration noise in continuous time, so two steps of 0.1 s equal one of 0.2 s.

Source: Bar-Shalom, Li, Kirubarajan, Estimation with Applications to Tracking and Navigation (2001), section 6.2.2.
"""

from __future__ import annotations

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


def to_centre_size(boxes_xyxy: npt.NDArray[np.floating]) -> Floats:
    """Boxes (n, 4) left, top, right, bottom as centre x, centre y, width, height."""
    corners = np.asarray(boxes_xyxy, np.float64)
    low, high = corners[:, :2], corners[:, 2:]
    return np.concatenate(((low + high) / 2, high - low), axis=1)


def to_xyxy(centre_size: Floats) -> Floats:
    """Inverse of `to_centre_size`; negative sizes become 0."""
    half = np.maximum(centre_size[:, 2:], 0.0) / 2
    return np.concatenate((centre_size[:, :2] - half, centre_size[:, :2] + half), axis=1)


def box_size_px(centre_size: Floats) -> Floats:
    """Length scale (n, 1) of boxes given as centre and size, at least 1 px."""
    return np.sqrt(np.maximum(centre_size[:, 2:3] * centre_size[:, 3:4], 1.0))


def started(measured: Floats) -> Floats:
    """Filter states (n, 5, 4) of boxes (n, 4, centre and size) seen for the first time, at rest."""
    size_px = box_size_px(measured)
    state = np.zeros((len(measured), 5, 4))
    state[:, POSITION] = measured
    state[:, VAR_POSITION] = (_MEASURED * size_px) ** 2
    state[:, VAR_VELOCITY] = (_FIRST_VELOCITY_PER_S * size_px) ** 2
    return state


def predict(state: Floats, dt_s: float) -> None:
    """Move filter states (n, 5, 4) forward by `dt_s` seconds, in place."""
    noise = (_ACCELERATION_PER_S1_5 * box_size_px(state[:, POSITION])) ** 2
    state[:, POSITION] += state[:, VELOCITY] * dt_s
    state[:, VAR_POSITION] += 2 * dt_s * state[:, COVARIANCE] + dt_s**2 * state[:, VAR_VELOCITY] + noise * (dt_s**3 / 3)
    state[:, COVARIANCE] += dt_s * state[:, VAR_VELOCITY] + noise * (dt_s**2 / 2)
    state[:, VAR_VELOCITY] += noise * dt_s


def corrected(state: Floats, measured: Floats, weak: npt.NDArray[np.bool_]) -> Floats:
    """Filter states (n, 5, 4) after measurements (n, 4); weak ones (n,) are trusted less."""
    noise = (_MEASURED * box_size_px(measured)) ** 2
    noise[weak] *= _WEAK_NOISE_FACTOR**2
    innovation_variance = state[:, VAR_POSITION] + noise
    gain = state[:, VAR_POSITION] / innovation_variance
    gain_velocity = state[:, COVARIANCE] / innovation_variance
    innovation = measured - state[:, POSITION]
    after = np.empty_like(state)
    after[:, POSITION] = state[:, POSITION] + gain * innovation
    after[:, VELOCITY] = state[:, VELOCITY] + gain_velocity * innovation
    after[:, VAR_POSITION] = (1 - gain) * state[:, VAR_POSITION]
    after[:, COVARIANCE] = (1 - gain) * state[:, COVARIANCE]
    after[:, VAR_VELOCITY] = state[:, VAR_VELOCITY] - gain_velocity * state[:, COVARIANCE]
    return after
