"""Planned outages (报备停用) that are announced in the config."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from kernel.config.base import Identifier, Section, described
from kernel.config.moment import Moment

LONGEST_OUTAGE = timedelta(days=92)
LONGEST_REASON = 300
LONGEST_APPROVER = 80


class MaintenanceConfig(Section):
    """Cameras that are taken out of service for a while, announced beforehand."""

    cameras: tuple[Identifier, ...] = described("Ids of cameras.", ())
    stations: tuple[str, ...] = described("Stations, with every camera they have.", ())
    begins: Moment = described("First day, or instant: 2026-12-01 or 2026-12-01T22:00 (the site's time zone).")
    ends: Moment = described("Last day, or instant it ends.")
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)] = described("Why; it stands in reports.")
    approver: Annotated[str, Field(max_length=LONGEST_APPROVER)] = described("Who approved it.", "")
