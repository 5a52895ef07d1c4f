"""Rates and ages of numbered pictures, by hand-made records."""

from __future__ import annotations

import math

import pytest

from kernel.errors import BadInputError
from supervisor.bench_stream.figures import (
    Known,
    growth_by_service,
    growth_per_minute,
    side_figures,
    spread,
    with_total,
)
from supervisor.bench_stream.options import camera_counts

SENT = {"a": [(0.04 * n, n % 5) for n in range(50)], "b": [(0.04 * n + 0.01, n % 5) for n in range(50)]}


def test_the_age_is_since_the_last_sending_of_that_number() -> None:
    figures = side_figures(SENT, [Known("a", 3, 0.55)], ["a"], 0.5, 1.5)
    assert figures.age_p50_ms == pytest.approx(1000 * (0.55 - 0.52))  # sent at 0.12, 0.32, 0.52


def test_a_picture_counts_once_and_only_within_the_time() -> None:
    known = [Known("a", 0, 0.45), Known("a", 0, 0.55), Known("a", 0, 0.65), Known("a", 1, 1.6)]
    figures = side_figures(SENT, known, ["a"], 0.5, 1.5)  # 0.55 is the picture of 0.45 again
    assert (figures.pictures, figures.analysed_fps) == (1, 1.0)


def test_pictures_that_were_never_sent_count_apart_and_silent_cameras_count_as_zero() -> None:
    figures = side_figures(SENT, [Known("b", 2, 0.6), Known("b", -1, 0.7), Known("c", 1, 0.7)], ["a", "b"], 0.5, 1.0)
    assert (figures.pictures, figures.unmatched) == (1, 2)
    assert (figures.camera_fps_least, figures.camera_fps_most) == (0.0, 2.0)
    assert spread(figures) == 1.0


def test_nothing_known_has_no_age() -> None:
    figures = side_figures(SENT, [], ["a"], 0.0, 1.0)
    assert figures.pictures == 0
    assert math.isnan(figures.age_p95_ms)
    assert math.isnan(spread(figures))


def test_growth_is_the_slope_a_minute() -> None:
    samples = [(100.0 + s, 50.0 + s / 30 + (-1) ** s) for s in range(120)]
    assert growth_per_minute(samples) == pytest.approx(2.0, abs=0.1)
    assert growth_per_minute([(1.0, 5.0)]) == 0.0


def test_growth_is_told_by_service_from_an_instant_on() -> None:
    """What fills up in the first minute is no growth of the last one, and one that grows is named."""
    samples = [(1000.0 + s, {"ingest-0": 100.0 + min(s, 60), "detect": 200.0 + s / 20, "bus": 3.0}) for s in range(120)]
    assert growth_by_service(samples, 1060.0) == {"ingest-0": 0.0, "detect": 3.0, "bus": 0.0, "all": 3.0}
    first = growth_by_service(samples[:60], 1000.0)
    assert first is not None
    assert first["ingest-0"] == pytest.approx(60.0)
    assert growth_by_service(samples, 1119.0) is None
    assert with_total(samples[0][1])["all"] == 303.0


def test_camera_counts_are_numbers() -> None:
    assert camera_counts("4, 8,16") == (4, 8, 16)
    for wrong in ("", "4,", "0", "four", "65", "-1"):
        with pytest.raises(BadInputError, match="--cameras"):
            camera_counts(wrong)
