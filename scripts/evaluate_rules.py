"""Judge every rule by what truly happened before a camera: `python -m scripts.evaluate_rules`.

    what happened, from the simulated district's geometry  ->  boxes at about 5 frames a second, wavering, one in ten
    missing  ->  the detector's tracker and one rule  ->  told of in time, missed, wrong

It draws no picture, so it takes seconds; `lookout exam` judges a whole installation by its pictures.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.progress import track

from scripts.rule_exam.area import area_intrusion
from scripts.rule_exam.entering import line_crossing, zone_intrusion
from scripts.rule_exam.ground import crowd, loitering, running, vehicle_stopped, wrong_direction, zone_unmanned
from scripts.rule_exam.judging import Tally
from scripts.rule_exam.pictures import picture_lost
from scripts.rule_exam.standing import object_left, object_removed

INCIDENTS_MIN = 40
RATE_MIN = 0.95


@dataclass(frozen=True, slots=True)
class Exam:
    """How a rule is judged, and over how many loops or stories, so that at least INCIDENTS_MIN incidents happen."""

    judge: Callable[[int], Tally]
    rounds: int


EXAMS = {
    "zone_intrusion": Exam(zone_intrusion, 2),
    "line_crossing": Exam(line_crossing, 2),
    "loitering": Exam(loitering, 4),
    "crowd": Exam(crowd, 9),
    "vehicle_stopped": Exam(vehicle_stopped, 6),
    "wrong_direction": Exam(wrong_direction, 6),
    "running": Exam(running, 9),
    "zone_unmanned": Exam(zone_unmanned, 8),
    "object_left": Exam(object_left, 80),
    "object_removed": Exam(object_removed, 80),
    "picture_lost": Exam(picture_lost, 1),
    "area_intrusion": Exam(area_intrusion, 2),
}


def is_good(tally: Tally) -> bool:
    """Whether enough happened, and the rule told of it and of little else."""
    rates = (tally.recall, tally.precision)
    return tally.incidents >= INCIDENTS_MIN and all(rate is not None and rate >= RATE_MIN for rate in rates)


def record(tally: Tally) -> dict[str, object]:
    """The figures of one rule."""
    return {
        "incidents": tally.incidents,
        "found": tally.found,
        "wrong": tally.wrong,
        "quiet": tally.quiet,
        "recall": None if tally.recall is None else round(tally.recall, 4),
        "precision": None if tally.precision is None else round(tally.precision, 4),
        "good": is_good(tally),
    }


def shown(tallies: dict[str, Tally]) -> str:
    """A Markdown table, as it stands in docs/rules.md."""
    lines = ["| rule | incidents | told of | wrong | precision | recall |", "| --- | --- | --- | --- | --- | --- |"]
    for kind, tally in tallies.items():
        rates = " | ".join("-" if rate is None else f"{rate:.3f}" for rate in (tally.precision, tally.recall))
        lines.append(f"| `{kind}` | {tally.incidents} | {tally.found} | {tally.wrong} | {rates} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge; 0 when every rule is good enough, 1 when one is not, 2 on an unknown rule."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.evaluate_rules", description=(__doc__ or "").split("\n", 1)[0]
    )
    parser.add_argument("--rule", action="append", choices=EXAMS, metavar="KIND", help=f"one of {', '.join(EXAMS)}")
    parser.add_argument("--json", action="store_true", dest="as_json", help="one object on the last line")
    options = parser.parse_args(arguments)
    kinds: list[str] = options.rule or list(EXAMS)
    tallies = {
        kind: EXAMS[kind].judge(EXAMS[kind].rounds) for kind in track(kinds, "judging", console=Console(stderr=True))
    }
    print(json.dumps({kind: record(tally) for kind, tally in tallies.items()}) if options.as_json else shown(tallies))
    return 0 if all(is_good(tally) for tally in tallies.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
