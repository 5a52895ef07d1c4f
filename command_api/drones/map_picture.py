"""What stands still on the map: cameras, zones, docks, and the middle of it all; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from command_api.cameras.model import Camera
from command_api.drones.model import Drone, MapCamera, MapHome, MapPicture
from kernel.config.airspace import AirspaceZoneConfig
from kernel.config.hours import within
from kernel.drone_tables import ZonePicture
from kernel.events import GeoPoint


def zones_now(
    airspace: Iterable[AirspaceZoneConfig], told: Mapping[str, ZonePicture], local: datetime
) -> tuple[tuple[ZonePicture, ...], bool]:
    """The zones of the config as the drone service drew them, and whether it drew every one.

    Args:
        airspace: of the config; a zone that is no longer in it is not drawn.
        told: what the drone service drew, by id.
        local: now on the site's clocks; whether a zone counts is told by them, also while the drone service is down.
    """
    wanted = list(airspace)
    drawn = [(zone, told[zone.id]) for zone in wanted if zone.id in told]
    pictures = tuple(picture.model_copy(update={"active_now": within(zone.active, local)}) for zone, picture in drawn)
    return pictures, len(drawn) == len(wanted)


def map_picture(
    cameras: Iterable[Camera],
    drones: Iterable[Drone],
    fov_deg_by_camera: Mapping[str, float],
    zones: tuple[ZonePicture, ...],
    zones_known: bool,
) -> MapPicture:
    """The map's still life.

    Args:
        cameras: those the caller may see; one without a place is not on the map.
        drones: those the caller may see.
        fov_deg_by_camera: horizontal field of view, where it is known.
        zones: of the airspace, as far as they are known.
        zones_known: whether those are all.
    """
    placed = tuple(
        MapCamera(
            id=camera.id,
            name=camera.name,
            lat=camera.place.lat,
            lon=camera.place.lon,
            bearing_deg=camera.place.bearing_deg,
            fov_deg=fov_deg_by_camera.get(camera.id),
            state=camera.state,
        )
        for camera in cameras
        if camera.place is not None
    )
    homes = tuple(
        MapHome(drone_id=drone.id, name=drone.name, lat=drone.home.lat, lon=drone.home.lon) for drone in drones
    )
    return MapPicture(
        site=_middle(homes) or _middle(placed),
        cameras=placed,
        zones=zones,
        zones_known=zones_known,
        homes=homes,
    )


def _middle(places: tuple[MapCamera, ...] | tuple[MapHome, ...]) -> GeoPoint | None:
    if not places:
        return None
    lats, lons = [place.lat for place in places], [place.lon for place in places]
    return GeoPoint(lat=(min(lats) + max(lats)) / 2, lon=(min(lons) + max(lons)) / 2)
