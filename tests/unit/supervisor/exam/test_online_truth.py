import pytest

from supervisor.exam.online_truth import OnlineTime, error_pp, intersection, online_spans, online_time, together, union

WINDOW = (100.0, 200.0)


def packets(*spans: tuple[float, float], every_s: float = 0.5) -> list[float]:
    return [start + k * every_s for start, end in spans for k in range(int((end - start) / every_s) + 1)]


def test_silence_over_the_time_out_is_an_outage_from_the_last_packet_on() -> None:
    sent_s = packets((100, 120), (127, 150))
    assert online_spans(sent_s, read_timeout_s=5.0) == [(100, 120), (127, 150)]
    assert online_spans(sent_s, read_timeout_s=8.0) == [(100, 150)]
    assert online_spans(reversed(sent_s), 5.0) == online_spans(sent_s, 5.0)
    assert online_spans([], 5.0) == []


def test_spans_in_common() -> None:
    assert intersection([(0, 10), (20, 30)], [(5, 25)]) == [(5, 10), (20, 25)]
    assert intersection([(0, 10)], [(10, 20)]) == []
    assert union([(5, 9), (0, 3), (2, 6), (9, 10), (20, 21)]) == [(0, 10), (20, 21)]


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
    assert online_time(online, observed, WINDOW) == OnlineTime(online_s, observed_s)


def test_rate_of_several_cameras_is_of_their_seconds_not_of_their_rates() -> None:
    total = together([OnlineTime(100, 100), OnlineTime(0, 50)])
    assert total.rate == pytest.approx(100 / 150)
    assert together([]).rate is None


def test_error_is_in_percentage_points_and_unknown_stays_unknown() -> None:
    assert error_pp(0.912, 0.910) == pytest.approx(0.2)
    assert error_pp(None, 0.9) is None
    assert error_pp(0.9, None) is None
