import pytest

from kernel.ledger import Span
from supervisor.exam.online_truth import OnlineTime, Sending, error_pp, online_spans, online_time, together

WINDOW = Span(100.0, 200.0)


def spans(*ends: tuple[float, float]) -> list[Span]:
    return [Span(start_s, end_s) for start_s, end_s in ends]


def sendings(*rows: tuple[str, float, float]) -> list[Sending]:
    return [Sending(session, Span(start_s, end_s)) for session, start_s, end_s in rows]


@pytest.mark.parametrize(
    ("rows", "online"),
    [
        pytest.param([("a", 100, 120), ("a", 127, 150)], [(100, 120), (127, 150)], id="silence over the time-out"),
        pytest.param([("a", 100, 120), ("a", 124, 150)], [(100, 150)], id="silence within the time-out"),
        pytest.param([("a", 100, 120), ("b", 122, 150)], [(100, 120), (122, 150)], id="a session ended: no time-out"),
        pytest.param([("b", 122, 150), ("a", 100, 120)], [(100, 120), (122, 150)], id="any order"),
        pytest.param([("a", 100, 120), ("b", 110, 150)], [(100, 150)], id="two sessions at once"),
        pytest.param([], [], id="never sent"),
    ],
)
def test_online_spans(rows: list[tuple[str, float, float]], online: list[tuple[float, float]]) -> None:
    assert online_spans(sendings(*rows), read_timeout_s=5.0) == spans(*online)


@pytest.mark.parametrize(
    ("online", "observed", "online_s", "observed_s"),
    [
        pytest.param([(90, 210)], [(90, 210)], 100, 100, id="always there, always watched"),
        pytest.param([(90, 120), (140, 210)], [(90, 210)], 80, 100, id="an outage"),
        pytest.param([(90, 120), (140, 210)], [(90, 110), (150, 210)], 60, 60, id="outage while nobody watched"),
        pytest.param([(90, 210)], [(90, 130), (120, 150)], 50, 50, id="two observers, one after the other"),
        pytest.param([], [(90, 210)], 0, 100, id="never there"),
        pytest.param([(90, 210)], [], 0, 0, id="never watched"),
    ],
)
def test_online_time_of_a_camera(
    online: list[tuple[float, float]], observed: list[tuple[float, float]], online_s: float, observed_s: float
) -> None:
    assert online_time(spans(*online), spans(*observed), WINDOW) == OnlineTime(online_s, observed_s)


def test_rate_of_several_cameras_is_of_their_seconds_not_of_their_rates() -> None:
    total = together([OnlineTime(100, 100), OnlineTime(0, 50)])
    assert total.rate == pytest.approx(100 / 150)
    assert together([]).rate is None


def test_error_is_in_percentage_points_and_unknown_stays_unknown() -> None:
    assert error_pp(0.912, 0.910) == pytest.approx(0.2)
    assert error_pp(None, 0.9) is None
    assert error_pp(0.9, None) is None
