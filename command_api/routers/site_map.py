"""What stands still on the map: cameras, zones, docks. What moves comes as events."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from command_api.access.guard import guarded_router
from command_api.drones.map_picture import map_picture, zones_now
from command_api.drones.model import MapPicture
from command_api.drones.tables import rows
from command_api.routers.common import Caller, Context
from kernel.bus.names import DRONE_ZONES
from kernel.drone_tables import ZonePicture

router = guarded_router("map")


@router.get("/api/map")
async def get_map(caller: Caller, context: Context) -> MapPicture:
    """Cameras and docks the caller may see, and every zone of the airspace."""
    now, now_s = context.clock.now(), context.clock.monotonic_s()
    told = rows(ZonePicture, await context.bus.table(DRONE_ZONES) or {})
    local = now.astimezone(ZoneInfo(context.config.site.timezone))
    zones, zones_known = zones_now(context.config.airspace, told, local)
    fov_deg = {drone.camera: drone.camera_fov_deg for drone in context.config.fleet if drone.camera is not None}
    return map_picture(
        [context.board.camera(camera, now) for camera in context.register.visible(caller)],
        [context.drones.drone(drone, now_s) for drone in context.register.visible_drones(caller)],
        fov_deg,
        zones,
        zones_known,
    )
