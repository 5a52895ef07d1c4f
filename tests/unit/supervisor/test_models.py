"""What `lookout models quantize` and `pull` refuse before they do anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from kernel.errors import BadInputError
from supervisor.cli import app


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "give one of --frames DIR, --video FILE and --from-cameras"),
        (["--frames", "f", "--from-cameras"], "give one of --frames DIR, --video FILE and --from-cameras"),
        (["--video", "a.mp4", "--labels", "l"], "--labels belongs to --frames DIR"),
        (["--video", "a.mp4", "--camera", "cam-01"], "--camera belongs to --from-cameras"),
    ],
)
def test_pictures_come_from_one_place(tmp_path: Path, options: list[str], said: str) -> None:
    answer = CliRunner().invoke(app, ["models", "quantize", str(tmp_path / "lookout.yaml"), *options])
    assert isinstance(answer.exception, BadInputError)
    assert said in str(answer.exception)
