"""`lookout exam` as a person calls it: progress on stderr, a table or one JSON object on stdout, an exit code."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from kernel.errors import BadInputError, ExitCode
from kernel.process import stop_on_signals
from supervisor.exam.examination import ExamOptions, examine
from supervisor.exam.examination import Progress as ExamProgress
from supervisor.exam.report import Thresholds
from supervisor.exam.watch import Advance

ROOT = Path(__file__).resolve().parents[2]
FEW_INCIDENTS_UNDER_MINUTES = 3.0
DEFAULT_INCIDENTS = 60


def run_exam(options: ExamOptions, incidents_wanted: int | None, as_json: bool) -> ExitCode:
    """Hold an exam and print its report.

    Args:
        incidents_wanted: fewer true incidents than this cannot tell; None: 60, or 1 in an exam under 3 minutes.

    Raises:
        BadInputError: the options or the config cannot be used.
        CannotRunError: the exam could not be held.
    """
    if not options.minutes > 0:
        raise BadInputError(f"exam: --minutes {options.minutes:g} must be more than 0")
    if not (ROOT / "scripts" / "district").is_dir():
        raise BadInputError(f"exam: {ROOT} holds no scripts/district; run the exam from a checkout")
    stopping = stop_on_signals()
    bars = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeElapsedColumn(), console=Console(stderr=True),
    )  # fmt: skip
    with bars:
        report = examine(options, ROOT, _progress(bars), stopping)
    few = options.minutes < FEW_INCIDENTS_UNDER_MINUTES
    default = 1 if few else DEFAULT_INCIDENTS
    thresholds = Thresholds(incidents=default if incidents_wanted is None else incidents_wanted)
    if as_json:
        print(json.dumps(report.as_json(thresholds), ensure_ascii=False, allow_nan=False), flush=True)
    else:
        console = Console()
        console.print(report.table(thresholds))
        for failure in report.failures(thresholds):
            console.print(f"short: {failure}")
        for missed in report.missed:
            console.print(f"missed: {missed.camera_id}/{missed.rule_id} {missed.class_name} at {missed.entered_at}")
        for wrong in report.wrong_alerts:
            console.print(
                f"{wrong.verdict}: {wrong.camera_id}/{wrong.rule_id} {wrong.class_name} at {wrong.created_at}"
            )
    return report.exit_code(thresholds)


def _progress(bars: Progress) -> ExamProgress:
    def phase(name: str) -> Advance:
        task = bars.add_task(name, total=1.0)

        def advance(done: float, total: float) -> None:
            bars.update(task, completed=done, total=total)

        return advance

    return ExamProgress(say=lambda line: bars.console.print(line, highlight=False), phase=phase)
