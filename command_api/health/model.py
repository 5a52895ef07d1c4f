"""What people read of the cameras' health: the answers of the API, and what `lookout health` prints."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, Field

from command_api.cameras.model import StreamStateName
from command_api.health.together import Shared
from kernel.events import OfflineCause
from kernel.ledger import Verdict


class ReportWindow(BaseModel):
    """Which time a report tells of."""

    from_: AwareDatetime = Field(alias="from")
    to: AwareDatetime


class RateLine(BaseModel):
    """Seconds, and the rate they make: online_rate = online_s / in_service_s, null where nothing was observed.

    Planned outages are left out of these, and counted in those called `full`.
    """

    online_rate: float | None
    online_s: float
    in_service_s: float
    unobserved_s: float
    planned_s: float = Field(description="Out of service for a planned outage.")
    full_online_rate: float | None = Field(description="full_online_s / full_in_service_s.")
    full_online_s: float
    full_in_service_s: float


class CameraHealth(RateLine):
    """One camera."""

    camera_id: str
    name: str
    station: str
    grid: str
    state: StreamStateName
    cause: OfflineCause
    since: AwareDatetime | None
    outages: int
    planned_until: AwareDatetime | None = Field(description="End of the planned outage it is in; null: it is in none.")


class GroupHealth(RateLine):
    """The cameras of a station or grid, added up."""

    name: str
    cameras: int


class PlannedLine(BaseModel):
    """A planned outage that takes time out of the window."""

    id: str
    camera_ids: tuple[str, ...] = Field(description="Of the cameras the report is about.")
    begins_at: AwareDatetime
    ends_at: AwareDatetime
    reason: str
    approver: str
    filed_by: str
    filed_at: AwareDatetime
    ended_by: str = Field(description="Who ended it early, empty where nobody did.")
    is_backdated: bool = Field(description="Some of it lay in the past when it was filed.")


class TogetherLine(BaseModel):
    """Cameras that are offline at this moment and failed together: one cause for many."""

    shared: Shared = Field(description="What they have in common.")
    name: str
    camera_ids: tuple[str, ...]
    since: AwareDatetime
    cause: OfflineCause


class HealthReport(RateLine):
    """The district over a window, against its target."""

    window: ReportWindow
    target: float
    verdict: Verdict
    observation_coverage: float
    offline_now: int
    cameras: list[CameraHealth]
    by_station: list[GroupHealth]
    by_grid: list[GroupHealth]
    planned: list[PlannedLine]
    together: list[TogetherLine]


class HealthSummary(BaseModel):
    """The top of the wall, in one line."""

    online_rate: float | None
    observation_coverage: float
    target: float
    verdict: Verdict
    offline_now: int
    cameras: int
    window: str


class CameraStrip(BaseModel):
    """A camera by the minute."""

    camera_id: str
    minutes: str = Field(description="O online, D degraded, X offline, S out of service, N no data; the worst of each.")
    not_analysed: str = Field(description="1 where it was not analysed for some of the minute, else a dot.")


class Strip(BaseModel):
    """The last minutes of every camera."""

    from_: AwareDatetime = Field(alias="from")
    to: AwareDatetime
    minute_count: int
    cameras: list[CameraStrip]
