"""What `lookout up` says once the page answers; the one-time password is said once and never lost unsaid."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.runtime import RuntimePaths
from supervisor.up import tell_ready

URL = "http://127.0.0.1:8080/"


@pytest.fixture
def first_admin(tmp_path: Path) -> Path:
    """The file in which the first start leaves the password."""
    file = tmp_path / "run" / "first-admin"
    file.parent.mkdir()
    file.write_text("pass-word-7\n", encoding="utf-8")
    return file


def test_the_password_is_said_once(tmp_path: Path, first_admin: Path) -> None:
    said: list[str] = []
    tell_ready(URL, RuntimePaths(tmp_path), said.append)
    tell_ready(URL, RuntimePaths(tmp_path), said.append)
    assert said[0].startswith(f"ready {URL} user admin password pass-word-7 ")
    assert said[1] == f"ready {URL}"
    assert not first_admin.exists()


def test_a_password_nobody_heard_is_kept_for_the_next_start(tmp_path: Path, first_admin: Path) -> None:
    """Where the line could not be written the room was stopped, and the password was gone."""

    def full(_line: str) -> None:
        raise OSError(28, "No space left on device")

    tell_ready(URL, RuntimePaths(tmp_path), full)
    assert first_admin.read_text(encoding="utf-8") == "pass-word-7\n"
