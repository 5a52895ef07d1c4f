"""Rules about time, number and way in a zone on the ground, on the district's actors.

What the truth itself leaves open (a stay as long as the rule's bound, give or take) may be told of or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kernel.config.camera import CameraConfig
from scripts.district.geometry import Floats
from scripts.district.motion import Track, track_of
from scripts.district.scene import Point, Scene
from scripts.district.truth import inside_polygon, picture_points
from scripts.rule_exam.judging import EARLY_S, HZ, Flags, Tally, Told, judge, lasting, spans, together
from scripts.rule_exam.watching import camera_config, fired_by, loops, picture_of, rectangle, scene_of

SHOWS = 0.5
PAUSES_S = (0.0, 2.0, 9.0)
STOPPED_S = 5.0
EMPTY_S, BRIEF_S = 3.0, 1.0
PLAZA = rectangle(-14, 14, 22, 46)
PARTS_OF_PLAZA = (rectangle(-14, -4, 22, 46), rectangle(-4, 5, 22, 46), rectangle(5, 14, 22, 46))
JUNCTION = rectangle(-13, 13, 19, 32)
RIGHT_WAY_M = ((-10.0, 25.0), (10.0, 25.0))


@dataclass(frozen=True)
class Place:
    """A zone on the ground of a scene, a rule about it, and what it has to tell of."""

    scene: Scene
    zone_m: tuple[Point, ...]
    rule: dict[str, object]
    truth: Callable[[Place, Sequence[Track]], list[Told]]

    def polygon_px(self) -> Floats:
        """The zone in the picture (n, 2)."""
        return polygon_px(self.scene, self.zone_m)

    def inside(self, track: Track) -> Flags:
        """At which instants an actor is in the zone and can be seen to be."""
        feet_show = track.box_xyxy[:, 3] < self.scene.camera.height_px - 2
        return inside_polygon(track.contact_px, self.polygon_px()) & (track.in_frame >= SHOWS) & feet_show

    def counts(self, track: Track) -> bool:
        """Whether the rule is about such an actor."""
        return track.actor.class_name in tuple(self.rule["classes"])  # type: ignore[arg-type]

    def config(self) -> CameraConfig:
        """The camera with this zone and rule."""
        return camera_config(
            self.scene,
            zones=[{"id": "z", "points": picture_points(self.zone_m, self.scene.camera)}],
            rules=[{"id": "r", "zone": "z", "cooldown_s": 0.1, **self.rule}],
        )

    def judged(self, tracks: Sequence[Track], rng: np.random.Generator) -> Tally:
        """What the rule made of these actors."""
        return judge(self.truth(self, tracks), fired_by(self.config(), self.scene, tracks, rng))


def polygon_px(scene: Scene, zone_m: tuple[Point, ...]) -> Floats:
    """A polygon on the ground in the picture (n, 2)."""
    picture = picture_of(scene)
    return np.array(picture_points(zone_m, scene.camera)) * [picture.width_px, picture.height_px]


def _loiterers(place: Place, tracks: Sequence[Track]) -> list[Told]:
    dwell_s = float(str(place.rule["dwell_s"]))
    stays = [spans(place.inside(track), 0.5) for track in tracks if place.counts(track)]
    return [told for runs in stays for told in lasting(runs, dwell_s)]


def _crowds(place: Place, tracks: Sequence[Track]) -> list[Told]:
    count = np.sum([place.inside(track) for track in tracks if place.counts(track)], axis=0)
    certain = lasting(spans(count >= int(str(place.rule["min_count"])), 1.0), float(str(place.rule["hold_s"])))
    gaps = spans(count < int(str(place.rule["min_count"])), 0.0)
    unsure = [end + 2.0 for start, end in gaps if 0.4 < end - start < 2.0]  # dispersed, or only overlooked
    return [*certain, *(Told(at_s, False) for at_s in unsure)]


def _wrong_ways(place: Place, tracks: Sequence[Track]) -> list[Told]:
    camera = place.scene.camera
    start, end = np.array(place.rule["right_way"]) * [camera.width_px, camera.height_px]
    way = (end - start) / np.hypot(*(end - start))
    told = []
    for track in tracks:
        there = np.nonzero(place.inside(track))[0]
        if not place.counts(track) or len(there) < 2:
            continue
        travel = (track.contact_px[there] - track.contact_px[there[0]]) @ way
        heights = track.box_xyxy[there, 3] - track.box_xyxy[there, 1]
        back = (np.maximum.accumulate(travel) - travel) / heights
        if back.max() > 0.7:
            first = int(there[np.argmax(back >= min(1.0, float(back.max())))])
            told.append(Told(first / HZ, bool(back.max() > 1.5)))
    return told


def _stops(place: Place, tracks: Sequence[Track]) -> list[Told]:
    """Where a vehicle stands inside, by its own motion on the ground."""
    told = []
    for track in tracks:
        still = np.append(np.hypot(*np.diff(track.xy_m, axis=0).T) < 1e-6, False)
        told += lasting(spans(still & place.inside(track), 0.1), STOPPED_S)
    return told


def loitering(rounds: int) -> Tally:
    """People who stay 9 s in a plaza, over so many loops."""
    rule: dict[str, object] = {"kind": "loitering", "classes": ["person"], "dwell_s": 9.0}
    return _over_loops("cam-06", (PLAZA,), rule, _loiterers, rounds)


def crowd(rounds: int) -> Tally:
    """Three people for 1.5 s in a third of the plaza, over so many loops."""
    rule: dict[str, object] = {"kind": "crowd", "classes": ["person"], "min_count": 3, "hold_s": 1.5}
    return _over_loops("cam-06", PARTS_OF_PLAZA, rule, _crowds, rounds)


def wrong_direction(rounds: int) -> Tally:
    """Vehicles at a junction with two lanes each way, over so many loops."""
    way = picture_points(RIGHT_WAY_M, scene_of("cam-02").camera)
    rule: dict[str, object] = {"kind": "wrong_direction", "classes": ["car", "truck"], "right_way": way}
    return _over_loops("cam-02", (JUNCTION,), rule, _wrong_ways, rounds)


def _over_loops(
    camera_id: str,
    zones_m: Sequence[tuple[Point, ...]],
    rule: dict[str, object],
    truth: Callable[[Place, Sequence[Track]], list[Told]],
    rounds: int,
) -> Tally:
    scene, rng = scene_of(camera_id), np.random.default_rng(9)
    places = [Place(scene, zone_m, rule, truth) for zone_m in zones_m]
    return together(place.judged(tracks, rng) for place in places for tracks in loops(scene, rounds))


def vehicle_stopped(rounds: int) -> Tally:
    """Vehicles that drive through a junction, most stopping in it for 9 s, some for 2 s or not at all."""
    scene, rng = scene_of("cam-02"), np.random.default_rng(5)
    rule: dict[str, object] = {"kind": "vehicle_stopped", "classes": ["car", "truck"], "stopped_s": STOPPED_S}
    place = Place(scene, JUNCTION, rule, _stops)
    tallies = []
    for tracks in loops(scene, rounds):
        for track in tracks:
            there = np.nonzero(place.inside(track))[0]
            if place.counts(track) and len(there) >= HZ:
                pause_s = float(rng.choice(PAUSES_S, p=(0.15, 0.15, 0.7)))
                tallies.append(place.judged([_paused(track, scene, (int(there[0]), int(there[-1])), pause_s)], rng))
    return together(tallies)


def _paused(track: Track, scene: Scene, there: tuple[int, int], pause_s: float) -> Track:
    """The same actor from just before it comes to just after it leaves, stopping in the middle for a while."""
    middle_s = sum(there) / 2 / HZ
    times_s = np.arange(there[0] / HZ - 1.0, there[1] / HZ + pause_s + 1.0, 1 / HZ)
    own_s = np.where(times_s < middle_s, times_s, np.maximum(middle_s, times_s - pause_s))
    return replace(track_of(track.actor, scene.camera, own_s), times_s=times_s)


def running(rounds: int) -> Tally:
    """People who cross a plaza, half of them at 3.4 times their pace; those between walk and run are left out."""
    scene, rng = scene_of("cam-06"), np.random.default_rng(8)
    ground = [
        {"picture": at, "ground_m": place} for at, place in zip(picture_points(PLAZA, scene.camera), PLAZA, strict=True)
    ]
    rule = {"id": "r", "kind": "running", "min_speed_m_s": 3.0, "hold_s": 0.6, "cooldown_s": 0.1}
    config, tally = camera_config(scene, homography=ground, rules=[rule]), Tally()
    for track in (track for tracks in loops(scene, rounds) for track in tracks):
        there = np.nonzero(inside_polygon(track.contact_px, polygon_px(scene, PLAZA)) & (track.in_frame >= 1))[0]
        if track.actor.class_name != "person" or len(there) < 4 * HZ:
            continue
        hurry = 3.4 if rng.random() < 0.5 else 1.0
        times_s = np.arange(there[0] / HZ, there[-1] / HZ, 1 / HZ * hurry)
        alone = replace(track_of(track.actor, scene.camera, times_s), times_s=np.arange(len(times_s)) / HZ)
        speed_m_s = hurry * track.actor.speed_m_s
        if len(times_s) >= 3 * HZ and not 2.4 < speed_m_s < 3.6:
            is_run, told = speed_m_s >= 3.6, len(fired_by(config, scene, [alone], rng))
            is_found = is_run and told > 0  # a second telling of a run is wrong too
            tally += Tally(int(is_run), int(is_found), told - is_found, int(not is_run))
    return tally


def zone_unmanned(rounds: int) -> Tally:
    """Thirds of the plaza with nobody in them for EMPTY_S, over so many loops."""
    rule: dict[str, object] = {"kind": "zone_unmanned", "classes": ["person"], "empty_s": EMPTY_S}
    return _over_loops("cam-06", PARTS_OF_PLAZA, rule, _unmanned, rounds)


def _unmanned(place: Place, tracks: Sequence[Track]) -> list[Told]:
    """Since when nobody is there; whether somebody who only looks in for BRIEF_S was seen is open."""
    is_manned = np.any([place.inside(track) for track in tracks if place.counts(track)], axis=0)
    told, empty = [], spans(~is_manned, 0.0)
    for number, (start_s, end_s) in enumerate(empty):
        before_s = empty[number - 1][1] if number else -np.inf
        if end_s - start_s > EMPTY_S - EARLY_S:
            is_sure = end_s - start_s > EMPTY_S + 0.8 and (start_s == 0 or start_s - before_s >= BRIEF_S)
            told.append(Told(start_s + EMPTY_S, is_sure))
    brief = [Told(start_s + EMPTY_S, False) for start_s, end_s in spans(~is_manned, BRIEF_S)]
    return told + [one for one in brief if all(abs(one.at_s - other.at_s) > 0.1 for other in told)]
