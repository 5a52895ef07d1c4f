import json
from dataclasses import replace

import pytest

from kernel.errors import ExitCode
from supervisor.exam.report import ExamReport, ProcessorUse, Thresholds, score_figures
from supervisor.exam.scoring import RaisedAlert, TruthTrigger, Window, score

GOOD = ExamReport(
    precision=0.97,
    recall=0.96,
    incidents=64,
    alerts=65,
    alert_latency_p50_s=0.6,
    alert_latency_p95_s=1.2,
    false_alerts_per_camera_hour=2.2,
    online_rate=0.95,
    online_rate_true=0.9502,
    online_rate_error_pp=0.02,
    online_rate_error_worst_pp=0.09,
    observed_share=1.0,
    analysed_fps={"cam-01": 5.0},
    analysed_fps_mean=5.0,
    analysed_fps_min=5.0,
    cameras=8,
    minutes=3.0,
    seed=7,
    killed=(),
    started_at="2026-03-01T08:00:00.000Z",
    ended_at="2026-03-01T08:03:00.000Z",
    cpu=ProcessorUse("a processor", 2, "openvino fp32 384x640", {"detect": 0.9}),
    missed=(),
    wrong_alerts=(),
)
NEEDED = {
    "precision",
    "recall",
    "incidents",
    "alert_latency_p50_s",
    "alert_latency_p95_s",
    "false_alerts_per_camera_hour",
    "online_rate_error_pp",
    "cameras",
    "minutes",
    "cpu",
}


def test_good_figures_pass() -> None:
    assert GOOD.failures(Thresholds()) == []
    assert GOOD.exit_code(Thresholds()) is ExitCode.OK


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("precision", 0.949),
        ("recall", 0.949),
        ("alert_latency_p95_s", 1.51),
        ("online_rate_error_pp", 0.11),
        ("precision", None),
        ("online_rate_error_pp", None),
    ],
)
def test_a_figure_that_falls_short_or_is_unknown_fails_and_is_named(field: str, value: float | None) -> None:
    report = replace(GOOD, **{field: value})  # type: ignore[arg-type]
    [failure] = report.failures(Thresholds())
    assert failure.startswith(f"{field} is ")
    assert report.exit_code(Thresholds()) is ExitCode.ANSWER_IS_NO


def test_false_alerts_are_judged_in_long_runs_only() -> None:
    long = replace(GOOD, minutes=30.0)
    assert long.exit_code(Thresholds()) is ExitCode.ANSWER_IS_NO
    assert replace(long, false_alerts_per_camera_hour=0.5).exit_code(Thresholds()) is ExitCode.OK


def test_too_few_incidents_cannot_tell_whatever_the_figures_are() -> None:
    assert replace(GOOD, incidents=59).exit_code(Thresholds()) is ExitCode.CANNOT_TELL
    assert replace(GOOD, incidents=59).exit_code(Thresholds(incidents=1)) is ExitCode.OK


def test_json_has_what_scripts_rely_on_and_no_nan() -> None:
    document = json.loads(json.dumps(GOOD.as_json(Thresholds()), allow_nan=False))
    assert document.keys() >= NEEDED
    assert document["verdict"] == "ok"
    assert document["cpu"]["use_by_service"] == {"detect": 0.9}


def test_cases_behind_the_figures_are_told_with_camera_rule_and_time() -> None:
    truth = [TruthTrigger("cam-01", "yard", "person", 1000.0), TruthTrigger("cam-01", "yard", "person", 1050.0)]
    alerts = [
        RaisedAlert("a1", "cam-01", "yard", "person", 1000.4),
        RaisedAlert("a2", "cam-01", "yard", "car", 1090.25),
    ]
    figures = score_figures(score(truth, alerts, {("cam-01", "yard"): 10.0}, Window(990.0, 1100.0)), camera_hours=0.5)
    assert (figures["precision"], figures["recall"], figures["alerts"]) == (0.5, 0.5, 2)
    assert figures["false_alerts_per_camera_hour"] == 2.0
    [missed] = figures["missed"]
    assert (missed.camera_id, missed.rule_id, missed.entered_at) == ("cam-01", "yard", "1970-01-01T00:17:30.000Z")
    [wrong] = figures["wrong_alerts"]
    assert (wrong.alert_id, wrong.verdict, wrong.created_at) == ("a2", "false", "1970-01-01T00:18:10.250Z")
