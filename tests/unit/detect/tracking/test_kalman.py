import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detect.tracking import kalman

BOXES = kalman.to_centre_size(np.array([[100, 200, 140, 300], [500, 50, 620, 110]], np.float64))


def test_centre_size_and_back() -> None:
    boxes = np.array([[1, 2, 11, 42], [0, 0, 3, 3]], np.float64)
    np.testing.assert_allclose(kalman.to_xyxy(kalman.to_centre_size(boxes)), boxes)


@given(st.lists(st.floats(0.01, 0.5), min_size=1, max_size=6))
def test_many_short_steps_equal_one_long_step(steps_s: list[float]) -> None:
    many, one = kalman.started(BOXES), kalman.started(BOXES)
    for dt_s in steps_s:
        kalman.predict(many, dt_s)
    kalman.predict(one, sum(steps_s))
    np.testing.assert_allclose(many, one, rtol=1e-9)


def test_velocity_is_learnt_over_irregular_intervals() -> None:
    velocity = np.array([80.0, -20.0, 0.0, 0.0])
    state = kalman.started(BOXES)
    now_s = 0.0
    for dt_s in (0.07, 0.5, 0.2, 0.13, 0.4, 0.2, 0.1):
        now_s += dt_s
        kalman.predict(state, dt_s)
        state = kalman.corrected(state, BOXES + velocity * now_s, np.zeros(2, np.bool_))
    np.testing.assert_allclose(state[:, kalman.VELOCITY, :2], [velocity[:2]] * 2, atol=5)
    kalman.predict(state, 0.4)
    np.testing.assert_allclose(state[:, kalman.POSITION], BOXES + velocity * (now_s + 0.4), atol=4)


def test_equals_the_textbook_filter_with_full_matrices() -> None:
    state = kalman.started(BOXES)
    mean = np.array([state[0, kalman.POSITION, 0], 0.0])
    covariance = np.diag([state[0, kalman.VAR_POSITION, 0], state[0, kalman.VAR_VELOCITY, 0]])
    size_px = float(kalman.box_size_px(BOXES)[0, 0])
    dt_s = 0.3
    transition = np.array([[1, dt_s], [0, 1]])
    noise = (2.0 * size_px) ** 2 * np.array([[dt_s**3 / 3, dt_s**2 / 2], [dt_s**2 / 2, dt_s]])
    mean, covariance = transition @ mean, transition @ covariance @ transition.T + noise
    measured = BOXES + np.array([12.0, 0.0, 0.0, 0.0])
    gain = covariance[:, 0] / (covariance[0, 0] + (0.04 * size_px) ** 2)
    mean = mean + gain * (measured[0, 0] - mean[0])
    covariance = covariance - np.outer(gain, covariance[0])

    kalman.predict(state, dt_s)
    state = kalman.corrected(state, measured, np.zeros(2, np.bool_))
    rows = [kalman.POSITION, kalman.VELOCITY, kalman.VAR_POSITION, kalman.COVARIANCE, kalman.VAR_VELOCITY]
    expected = [mean[0], mean[1], covariance[0, 0], covariance[0, 1], covariance[1, 1]]
    np.testing.assert_allclose(state[0, rows, 0], expected)


def test_weak_measurement_moves_the_state_less() -> None:
    state = kalman.started(BOXES)
    kalman.predict(state, 0.2)
    moved = kalman.corrected(state, BOXES + 10.0, np.array([False, True]))
    shift = moved[:, kalman.POSITION, 2] - BOXES[:, 2]
    assert 0 < shift[1] / 10 < shift[0] / 10
