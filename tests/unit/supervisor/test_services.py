"""Which processes make up an installation."""

from __future__ import annotations

from pathlib import Path

from supervisor.services import service_specs

CONFIG = Path("room.yaml")


def test_the_drone_service_is_started_where_there_is_a_fleet() -> None:
    without = [spec.name for spec in service_specs(CONFIG, 2)]
    with_fleet = service_specs(CONFIG, 2, "python", has_fleet=True)

    assert without == ["command_api", "live", "ingest-0", "ingest-1", "detect"]
    assert [spec.name for spec in with_fleet] == [*without, "drone"]
    assert with_fleet[-1].argv == ("python", "-m", "drone", "--config", "room.yaml")
