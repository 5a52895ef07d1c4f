"""The cameras the caller may see, and the room they belong to."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from pydantic import AwareDatetime, BaseModel

from command_api.access.guard import guarded_router
from command_api.cameras.model import Camera
from command_api.routers.common import Caller, Context

router = guarded_router("cameras")


class Site(BaseModel):
    """Whose command room this is."""

    name: str
    timezone: str
    language: str
    online_target: float
    version: str
    now: AwareDatetime


class Cameras(BaseModel):
    """Cameras."""

    cameras: list[Camera]


def lookout_version() -> str:
    """The installed version, `dev` in a checkout that is not installed."""
    try:
        return version("lookout")
    except PackageNotFoundError:
        return "dev"


@router.get("/api/site")
async def site(_caller: Caller, context: Context) -> Site:
    """The room's name, zone, language and target."""
    config = context.config
    return Site(
        name=config.site.name,
        timezone=config.site.timezone,
        language=config.site.language.value,
        online_target=config.health.online_target,
        version=lookout_version(),
        now=context.clock.now(),
    )


@router.get("/api/cameras")
async def cameras(caller: Caller, context: Context) -> Cameras:
    """Every camera the caller may see, with the state of its streams."""
    now = context.clock.now()
    return Cameras(cameras=[context.board.camera(camera, now) for camera in context.register.visible(caller)])
