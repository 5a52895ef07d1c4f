"""Each table row: true triggers and alerts of one rule with a cooldown of 10 s, window 100..200 s."""

from __future__ import annotations

import pytest

from supervisor.exam.scoring import RaisedAlert, Score, TruthTrigger, Verdict, Window, score

WINDOW = Window(100.0, 200.0)
KEY = ("cam-01", "yard")


def trigger(sent_s: float, class_name: str = "person", rule_id: str = "yard") -> TruthTrigger:
    return TruthTrigger("cam-01", rule_id, class_name, sent_s)


def alert(created_s: float, class_name: str = "person", rule_id: str = "yard") -> RaisedAlert:
    return RaisedAlert(f"id-{created_s}", "cam-01", rule_id, class_name, created_s)


def scored(truth_s: list[float], alerts_s: list[float]) -> Score:
    return score([trigger(t) for t in truth_s], [alert(t) for t in alerts_s], {KEY: 10.0}, WINDOW)


@pytest.mark.parametrize(
    ("truth_s", "alerts_s", "incidents", "found", "correct", "false"),
    [
        pytest.param([120], [120.7], 1, 1, 1, 0, id="found"),
        pytest.param([120], [], 1, 0, 0, 0, id="missed"),
        pytest.param([], [120], 0, 0, 0, 1, id="false"),
        pytest.param([120], [119.5], 1, 1, 1, 0, id="half a second early is in time"),
        pytest.param([120], [119.4], 1, 0, 0, 1, id="earlier is false"),
        pytest.param([120], [123.0], 1, 1, 1, 0, id="three seconds late is in time"),
        pytest.param([120], [123.1], 1, 0, 0, 1, id="later is missed and false"),
        pytest.param([120, 125], [120.5, 125.5], 1, 1, 1, 1, id="second alert of an incident is false"),
        pytest.param([120], [120.5, 121.5], 1, 1, 1, 1, id="two alerts for one trigger"),
        pytest.param([120, 128], [128.5], 1, 0, 1, 0, id="told at the second trigger: missed but true"),
        pytest.param([120, 135], [120.5, 135.5], 2, 2, 2, 0, id="apart by more than the cooldown"),
        pytest.param([120, 128, 136], [120.5], 1, 1, 1, 0, id="a chain is one incident"),
        pytest.param([120, 130.3], [120.5], 1, 1, 1, 0, id="at the cooldown: one will do"),
        pytest.param([120, 130.3], [120.5, 130.8], 1, 1, 1, 0, id="at the cooldown: two will do"),
        pytest.param([120, 129.7], [120.5, 130.2], 1, 1, 1, 0, id="at the cooldown from below"),
        pytest.param([120, 130.3, 150], [120.5, 150.5], 2, 2, 2, 0, id="after an optional one"),
        pytest.param([99], [100.5], 0, 0, 0, 0, id="begun before the window: left out"),
        pytest.param([95, 103], [103.5], 0, 0, 0, 0, id="begun before the window, told inside: left out"),
        pytest.param([95, 103], [95.5], 0, 0, 0, 0, id="begun and told before the window"),
        pytest.param([95, 103, 120], [103.5, 120.5], 1, 1, 1, 0, id="the next one counts"),
        pytest.param([198], [198.5], 0, 0, 0, 0, id="begun at the very end: left out"),
        pytest.param([198], [], 0, 0, 0, 0, id="begun at the very end and not told"),
        pytest.param([196.5], [199], 1, 1, 1, 0, id="last one that counts"),
        pytest.param([196.9], [200.1], 1, 0, 0, 0, id="told too late, after the end"),
        pytest.param([], [99.9, 200.1], 0, 0, 0, 0, id="false ones outside the window"),
        pytest.param([], [], 0, 0, 0, 0, id="nothing"),
    ],
)
def test_one_rule(
    truth_s: list[float], alerts_s: list[float], incidents: int, found: int, correct: int, false: int
) -> None:
    result = scored(truth_s, alerts_s)
    assert (result.incidents, result.found) == (incidents, found)
    assert (result.correct_alerts, result.false_alerts) == (correct, false)
    assert len(result.missed) == incidents - found


def test_wrong_class_is_missed_and_false() -> None:
    result = score([trigger(120, "person")], [alert(120.5, "car")], {KEY: 10.0}, WINDOW)
    assert (result.precision, result.recall) == (0.0, 0.0)


def test_class_of_one_who_came_along_in_time_is_right() -> None:
    both = [trigger(120, "person"), trigger(120.4, "car")]
    assert score(both, [alert(120.9, "car")], {KEY: 10.0}, WINDOW).found == 1


@pytest.mark.parametrize("alerts_s", [[], [120.5]])
def test_a_trigger_that_is_not_certain_may_be_told_of_but_need_not(alerts_s: list[float]) -> None:
    uncertain = TruthTrigger("cam-01", "yard", "person", 120.0, is_certain=False)
    result = score([uncertain], [alert(at) for at in alerts_s], {KEY: 10.0}, WINDOW)
    assert (result.incidents, result.correct_alerts, result.false_alerts) == (0, 0, 0)


def test_rules_and_cameras_do_not_mix() -> None:
    truth = [trigger(120, rule_id="gate")]
    alerts = [alert(120.5, rule_id="yard")]
    result = score(truth, alerts, {KEY: 10.0, ("cam-01", "gate"): 10.0}, WINDOW)
    assert (result.found, result.false_alerts) == (0, 1)
    elsewhere = [TruthTrigger("cam-02", "yard", "person", 120)]
    assert score(elsewhere, [alert(120.5)], {KEY: 10.0, ("cam-02", "yard"): 10.0}, WINDOW).found == 0


def test_rules_that_are_not_judged_count_for_nothing() -> None:
    result = score([trigger(120)], [alert(150)], {}, WINDOW)
    assert (result.incidents, result.false_alerts, result.precision, result.recall) == (0, 0, None, None)


def test_figures() -> None:
    truth_s = [110.0, 130.0, 150.0, 170.0]
    result = scored(truth_s, [110.4, 130.6, 150.9, 190.0])
    assert result.precision == pytest.approx(3 / 4)
    assert result.recall == pytest.approx(3 / 4)
    assert result.latencies_s == pytest.approx((0.4, 0.6, 0.9))
    assert result.latency_s(0.5) == pytest.approx(0.6)
    assert result.latency_s(0.95) == pytest.approx(0.9)
    assert [incident.first.sent_s for incident in result.missed] == [170.0]
    assert [(a.created_s, v) for a, v in result.wrong] == [(190.0, Verdict.FALSE)]


@pytest.mark.parametrize(("share", "latency_s"), [(0.5, 10), (0.95, 19), (1.0, 20), (0.01, 1)])
def test_latency_is_the_nearest_rank(share: float, latency_s: float) -> None:
    latencies = tuple(float(n) for n in range(20, 0, -1))
    figures = Score(20, 20, 20, 0, latencies, (), ())
    assert figures.latency_s(share) == latency_s
    assert Score(0, 0, 0, 0, (), (), ()).latency_s(0.5) is None
