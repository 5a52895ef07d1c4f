"""Real footage and a real model that stand beside the repository, where they do."""

from __future__ import annotations

from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).resolve().parents[2]


def shared_file(relative: str) -> Path:
    """A file of `../shared`; the test is skipped, saying so, where it is not there."""
    for folder in _REPOSITORY.parents:
        candidate = folder / "shared" / relative
        if candidate.is_file():
            return candidate
    pytest.skip(f"../shared/{relative} is not there")
