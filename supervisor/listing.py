"""Rows of `lookout cameras` and `lookout models list`, and the table that shows them."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from kernel.config.camera import StreamRole
from kernel.config.lookout import LookoutConfig
from kernel.errors import BadInputError

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
    """The models found in models.dir: name, classes, input, whether a camera uses it, and what is wrong with it."""
    from detect.models.card import CARD_FILE, read_card
    from detect.models.model import split_shape

    names = [camera.model or config.models.default for camera in config.cameras]
    used = {split_shape(name)[0] for name in (*names, config.models.default)}
    rows = []
    for card_file in sorted(config.models.dir.glob(f"*/{CARD_FILE}")):
        row: Row = {"name": card_file.parent.name, "classes": [], "input": {}, "used": card_file.parent.name in used}
        try:
            card = read_card(card_file)
        except BadInputError as error:
            row |= {"district_only": False, "problem": str(error)}
        else:
            size = {"width_px": card.input.width_px, "height_px": card.input.height_px}
            row |= {"classes": list(card.classes), "input": size, "district_only": card.district_only, "problem": ""}
        rows.append(row)
    return rows


def model_problems(config: LookoutConfig) -> list[str]:
    """What is wrong with the models that cameras are analysed by, one line each."""
    from detect.models.card import class_map_of
    from detect.models.model import Model, load_model

    analysed = [camera for camera in config.cameras if camera.enabled and camera.streams.name_for(StreamRole.ANALYSE)]
    problems: list[str] = []
    models: dict[str, Model | None] = {}
    for camera in analysed:
        name = camera.model or config.models.default
        try:
            if name not in models:
                models[name] = None
                models[name] = load_model(name, config.models.dir)
            if (model := models[name]) is not None:
                class_map_of(camera, model.card)
        except BadInputError as error:
            problems.append(str(error))
    return problems


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
