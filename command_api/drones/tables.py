"""The drone service's hashes as models; a row that cannot be read is left out and told in the log."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from kernel.drone_tables import TableRow

_LOGGER = logging.getLogger(__name__)

Row = TypeVar("Row", bound=TableRow)


def rows(model: type[Row], table: Mapping[str, str]) -> dict[str, Row]:
    """Every row that can be read, by its field, in the order of the fields."""
    found: dict[str, Row] = {}
    for field, text in sorted(table.items()):
        try:
            found[field] = model.model_validate_json(text)
        except ValidationError as error:
            _LOGGER.error("row is none model=%s field=%s errors=%d", model.__name__, field, error.error_count())
    return found
