"""Rows of `lookout cameras` and `lookout models list`, and the table that shows them."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.table import Table

from kernel.config.lookout import LookoutConfig

Row = dict[str, Any]


def camera_rows(config: LookoutConfig) -> list[Row]:
    """The register, one row a camera, without addresses or credentials."""
    return [
        {
            "id": camera.id,
            "name": camera.name,
            "unit": camera.unit,
            "station": camera.station,
            "grid": camera.grid,
            "vendor": camera.vendor,
            "enabled": camera.enabled,
            "streams": [name.value for name in camera.streams.by_name()],
            "rules": [rule.id for rule in camera.rules],
        }
        for camera in config.cameras
    ]


def model_rows(config: LookoutConfig) -> list[Row]:
    """The models found in models.dir: name, classes, input and whether a camera uses it."""
    used = {camera.model or config.models.default for camera in config.cameras} | {config.models.default}
    rows = []
    for card_file in sorted(config.models.dir.glob("*/card.json")):
        card = json.loads(card_file.read_text(encoding="utf-8"))
        name = card_file.parent.name
        rows.append(
            {
                "name": name,
                "classes": card.get("classes", []),
                "input": card.get("input", {}),
                "used": name in used,
                "district_only": card.get("district_only", False),
            }
        )
    return rows


def print_table(title: str, rows: list[Row], console: Console | None = None) -> None:
    """Rows as a table; lists are joined with commas."""
    console = console or Console()
    if not rows:
        console.print(f"no {title}")
        return
    table = Table(title=title, title_justify="left")
    for column in rows[0]:
        table.add_column(column)
    for row in rows:
        table.add_row(*(shown(value) for value in row.values()))
    console.print(table)


def shown(value: object) -> str:
    """A cell as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, dict):
        return " ".join(f"{key}={item}" for key, item in value.items())
    return str(value)
