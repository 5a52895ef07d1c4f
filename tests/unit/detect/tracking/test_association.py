import numpy as np
import pytest

from detect.tracking import kalman
from detect.tracking.association import assign, association_cost, iou_matrix


def test_iou_of_known_boxes() -> None:
    one = np.array([[0, 0, 10, 10]], np.float64)
    others = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [10, 0, 20, 10], [40, 40, 50, 50]], np.float64)
    np.testing.assert_allclose(iou_matrix(one, others), [[1.0, 1 / 3, 0.0, 0.0]], atol=1e-9)


def cost_of(track_xyxy: list[float], box_xyxy: list[float], dt_s: float, classes: tuple[int, int] = (0, 0)) -> float:
    state = kalman.started(kalman.to_centre_size(np.array([track_xyxy], np.float64)))
    kalman.predict(state, dt_s)
    boxes = np.array([box_xyxy], np.float64)
    return float(association_cost(state, np.array([classes[0]]), boxes, np.array([classes[1]]))[0, 0])


def test_a_walker_who_left_his_own_box_is_within_reach_of_a_new_track_at_5_fps() -> None:
    """Plain IoU of these two is 0: it lost every brisk walker of a small box between two frames."""
    assert iou_matrix(np.array([[100.0, 100, 112, 136]]), np.array([[114.0, 100, 126, 136]]))[0, 0] == 0
    assert cost_of([100, 100, 112, 136], [114, 100, 126, 136], dt_s=0.2) < 0.85


def test_reach_grows_with_the_interval() -> None:
    costs = [cost_of([100, 100, 112, 136], [114, 100, 126, 136], dt_s) for dt_s in (0.03, 0.1, 0.2)]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > costs[-1]


def test_other_class_costs_more_and_other_size_is_forbidden() -> None:
    box = [100.0, 100, 140, 200]
    assert cost_of(box, box, 0.2) == pytest.approx(0)
    assert cost_of(box, box, 0.2, classes=(0, 2)) == pytest.approx(0.25)
    assert cost_of(box, [60.0, 50, 180, 330], 0.2) > 1e5


def test_assignment_leaves_out_dear_pairs_without_pushing_cheap_ones_aside() -> None:
    cost = np.array([[0.1, 0.2], [0.3, 9.0]])
    rows, columns = assign(cost, cost_max=0.85)
    assert sorted(zip(rows.tolist(), columns.tolist(), strict=True)) == [(0, 1), (1, 0)]
    rows, columns = assign(np.array([[0.1, 5.0], [5.0, 0.9]]), cost_max=0.85)
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [(0, 0)]
    assert len(assign(np.empty((0, 3)), 0.85)[0]) == 0
