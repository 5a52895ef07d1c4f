"""What an exam found: one JSON object, a table for people, and the exit code; pure but for the table."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from rich.table import Table

from kernel.errors import ExitCode
from supervisor.exam.scoring import Incident, RaisedAlert, Score, Verdict

FALSE_ALERTS_NEED_MINUTES = 30.0
"""A shorter run has too few camera-hours for a rate of half an alert an hour to mean anything."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What an exam has to reach."""

    precision: float = 0.95
    recall: float = 0.95
    alert_latency_p95_s: float = 1.5
    false_alerts_per_camera_hour: float = 0.5
    online_rate_error_pp: float = 0.1
    incidents: int = 60


@dataclass(frozen=True, slots=True)
class Missed:
    """A true incident nobody told of in time."""

    camera_id: str
    rule_id: str
    class_name: str
    entered_at: str
    triggers: int
    told_late_by: str | None

    @classmethod
    def of(cls, incident: Incident) -> Missed:
        """The incident in the words of the report."""
        first, told = incident.first, incident.told_by
        return cls(
            camera_id=first.camera_id,
            rule_id=first.rule_id,
            class_name=first.class_name,
            entered_at=instant(first.sent_s),
            triggers=len(incident.triggers),
            told_late_by=told.id if told else None,
        )


@dataclass(frozen=True, slots=True)
class WrongAlert:
    """An alert that tells of nothing true, or of something told already."""

    alert_id: str
    camera_id: str
    rule_id: str
    class_name: str
    created_at: str
    verdict: Verdict

    @classmethod
    def of(cls, alert: RaisedAlert, verdict: Verdict) -> WrongAlert:
        """The alert in the words of the report."""
        return cls(alert.id, alert.camera_id, alert.rule_id, alert.class_name, instant(alert.created_s), verdict)


@dataclass(frozen=True, slots=True)
class ProcessorUse:
    """The machine and what of it was used: seconds of processor time per second, by service."""

    model: str
    cores: int
    engine: str
    use_by_service: dict[str, float]


@dataclass(frozen=True, slots=True)
class ExamReport:
    """Figures of one exam, named as in its JSON."""

    precision: float | None
    recall: float | None
    incidents: int
    alerts: int
    alert_latency_p50_s: float | None
    alert_latency_p95_s: float | None
    false_alerts_per_camera_hour: float
    online_rate: float | None
    online_rate_true: float | None
    online_rate_error_pp: float | None
    online_rate_error_worst_pp: float | None
    observed_share: float
    analysed_fps: dict[str, float]
    analysed_fps_mean: float | None
    analysed_fps_min: float | None
    cameras: int
    minutes: float
    seed: int
    killed: tuple[str, ...]
    started_at: str
    ended_at: str
    cpu: ProcessorUse
    missed: tuple[Missed, ...] = field(repr=False)
    wrong_alerts: tuple[WrongAlert, ...] = field(repr=False)

    def failures(self, thresholds: Thresholds) -> list[str]:
        """Every figure that falls short, in words; an unknown one falls short too."""
        wanted = [
            ("precision", self.precision, ">=", thresholds.precision),
            ("recall", self.recall, ">=", thresholds.recall),
            ("alert_latency_p95_s", self.alert_latency_p95_s, "<=", thresholds.alert_latency_p95_s),
            ("online_rate_error_pp", self.online_rate_error_pp, "<=", thresholds.online_rate_error_pp),
        ]
        if self.minutes >= FALSE_ALERTS_NEED_MINUTES:
            limit = thresholds.false_alerts_per_camera_hour
            wanted.append(("false_alerts_per_camera_hour", self.false_alerts_per_camera_hour, "<=", limit))
        return [
            f"{name} is {_figure(value)}, wanted {sign} {limit:g}"
            for name, value, sign, limit in wanted
            if value is None or (value < limit if sign == ">=" else value > limit)
        ]

    def exit_code(self, thresholds: Thresholds) -> ExitCode:
        """0 passed, 1 a figure falls short, 4 too few incidents to tell."""
        if self.incidents < thresholds.incidents:
            return ExitCode.CANNOT_TELL
        return ExitCode.ANSWER_IS_NO if self.failures(thresholds) else ExitCode.OK

    def as_json(self, thresholds: Thresholds) -> dict[str, Any]:
        """Everything, with the verdict, ready for `json.dumps`."""
        return {
            **_rounded(asdict(self)),
            "verdict": self.exit_code(thresholds).name.lower(),
            "failures": self.failures(thresholds),
        }

    def table(self, thresholds: Thresholds) -> Table:
        """The figures for people."""
        table = Table("figure", "value", "wanted", title="lookout exam")
        rows: list[tuple[str, object, str]] = [
            ("precision", self.precision, f">= {thresholds.precision:g}"),
            ("recall", self.recall, f">= {thresholds.recall:g}"),
            ("incidents", self.incidents, f">= {thresholds.incidents}"),
            ("alert latency p50, s", self.alert_latency_p50_s, ""),
            ("alert latency p95, s", self.alert_latency_p95_s, f"<= {thresholds.alert_latency_p95_s:g}"),
            ("false alerts per camera-hour", self.false_alerts_per_camera_hour, self._false_alerts_wanted(thresholds)),
            ("online rate", self.online_rate, ""),
            ("online rate, true", self.online_rate_true, ""),
            ("online rate error, pp", self.online_rate_error_pp, f"<= {thresholds.online_rate_error_pp:g}"),
            ("observed share", self.observed_share, ""),
            ("analysed frames/s, mean", self.analysed_fps_mean, ""),
            ("analysed frames/s, least camera", self.analysed_fps_min, ""),
            ("cameras", self.cameras, ""),
            ("minutes", self.minutes, ""),
            ("processor", f"{self.cpu.model}, {self.cpu.cores} cores, {self.cpu.engine}", ""),
        ]
        rows += [(f"cores used by {name}", use, "") for name, use in self.cpu.use_by_service.items()]
        for name, value, wanted in rows:
            table.add_row(name, _figure(value), wanted)
        return table

    def _false_alerts_wanted(self, thresholds: Thresholds) -> str:
        limit = f"<= {thresholds.false_alerts_per_camera_hour:g}"
        enough = self.minutes >= FALSE_ALERTS_NEED_MINUTES
        return limit if enough else f"{limit} from {FALSE_ALERTS_NEED_MINUTES:g} minutes on"


def score_figures(score: Score, camera_hours: float) -> dict[str, Any]:
    """The fields of a report that follow from the score alone."""
    return {
        "precision": score.precision,
        "recall": score.recall,
        "incidents": score.incidents,
        "alerts": score.correct_alerts + score.false_alerts,
        "alert_latency_p50_s": score.latency_s(0.5),
        "alert_latency_p95_s": score.latency_s(0.95),
        "false_alerts_per_camera_hour": score.false_alerts / camera_hours,
        "missed": tuple(Missed.of(incident) for incident in score.missed),
        "wrong_alerts": tuple(WrongAlert.of(alert, verdict) for alert, verdict in score.wrong),
    }


def instant(at_s: float) -> str:
    """ISO-8601, UTC, milliseconds."""
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _figure(value: object) -> str:
    if value is None:
        return "unknown"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return value
