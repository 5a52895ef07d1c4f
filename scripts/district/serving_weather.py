"""The district's weather station: a JSON file with wind and temperature, written anew every half minute."""

from __future__ import annotations

import json
import math
import random
from datetime import UTC, datetime
from pathlib import Path

from kernel.process import stop_on_signals

EVERY_S = 30.0
_MEAN_WIND_M_S, _WIND_SWING_M_S, _SWING_S = 3.0, 1.5, 1800.0
_MEAN_C, _DAY_SWING_C, _DAY_S = 8.0, 6.0, 86_400.0


def observation(at: datetime, seed: int) -> dict[str, object]:
    """What the station says at an instant: the same for the same seed and instant."""
    noise = random.Random(f"{seed}/{int(at.timestamp() / EVERY_S)}")
    swing = math.sin(2 * math.pi * at.timestamp() / _SWING_S + seed)
    wind_m_s = max(0.0, _MEAN_WIND_M_S + _WIND_SWING_M_S * swing + noise.gauss(0.0, 0.2))
    warmth = math.sin(2 * math.pi * at.timestamp() / _DAY_S)
    return {
        "wind_m_s": round(wind_m_s, 1),
        "gust_m_s": round(wind_m_s + abs(noise.gauss(0.0, 0.8)), 1),
        "wind_from_deg": round((290.0 + 20.0 * swing) % 360.0),
        "temperature_c": round(_MEAN_C + _DAY_SWING_C * warmth, 1),
        "observed_at": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }


def write_observation(file: Path, at: datetime, seed: int) -> None:
    """Replace the file in one step: whoever reads it never sees half of it.

    Raises:
        OSError: it cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(file.name + ".new")
    new.write_text(json.dumps(observation(at, seed)) + "\n", encoding="utf-8")
    new.replace(file)


def keep_writing(file: Path, seed: int) -> None:
    """Write until SIGTERM or SIGINT.

    Raises:
        OSError: the file cannot be written.
    """
    stopping = stop_on_signals()
    while True:
        write_observation(file, datetime.now(UTC), seed)
        if stopping.wait(EVERY_S):
            return
