"""One YAML file -> checked, frozen config: `load_config(path)` reports every error at once with file and line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernel.config.lookout import LookoutConfig


def load_config(path: Path) -> LookoutConfig:
    """The checked config in a YAML file; relative paths in it count from the file's own directory.

    Raises:
        ConfigErrors: everything that is wrong with it, one line each.
    """
    from kernel.config.loader import load  # brings YAML and geometry libraries, which only loading needs

    return load(path)
