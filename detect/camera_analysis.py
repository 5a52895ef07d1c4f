"""One camera's detections -> tracks -> rules -> incidents, frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from pydantic import TypeAdapter

from detect.aerial.sight import AerialSight, Seen
from detect.alerts.incidents import IncidentBook, IncidentChange, IncidentUpdate
from detect.alerts.subjects import Subjects
from detect.alerts.whereabouts import Whereabouts, in_sight
from detect.boxes.detections import Detections
from detect.models.card import ModelInput
from detect.models.class_map import ClassMap
from detect.pictures.frames import FrameCopy, scratch_for
from detect.pictures.letterbox import Letterbox
from detect.pictures.look import Look, look_at
from detect.pictures.preprocess import Preprocessor
from detect.pictures.slots import MakePutsIn, PutsIn, Slots
from detect.pictures.tiled_input import TiledInput
from detect.pictures.tiles import most_pictures, tiles_of
from detect.rules import CameraRules, Picture, Stay
from detect.tracking import Track, Tracker, update_together
from kernel.config.camera import NO_TILES, CameraConfig
from kernel.events import GeoPoint, SightsUpdate, TrackBox, TracksUpdate
from kernel.geodesy import to_wgs84
from kernel.ring import FrameView

_MERGED_IOU = 0.6
_STAYS: TypeAdapter[dict[str, list[Stay]]] = TypeAdapter(dict[str, list[Stay]])


@dataclass(slots=True)
class _Sized:
    """What depends on the size of the camera's picture."""

    picture: Picture
    preprocessor: PutsIn
    tracker: Tracker
    rules: CameraRules
    subjects: Subjects
    tiled: TiledInput | None = None
    copy: FrameCopy | None = None
    look: Look | None = None


class CameraAnalysis:
    """Everything the detector keeps about one camera.

    Args:
        camera: its config.
        classes: the model's names by class id, or what they are called here.
        target: the model's input.
        book: where its triggers become incidents.
        clocks: time zone of the rules' hours.
        puts_in: makes what puts its frames into a batch's slots.
    """

    def __init__(
        self,
        camera: CameraConfig,
        classes: Sequence[str] | ClassMap,
        target: ModelInput,
        book: IncidentBook,
        clocks: tzinfo = UTC,
        puts_in: MakePutsIn = Preprocessor,
        sight: AerialSight | None = None,
    ) -> None:
        self.camera = camera
        self._classes = classes if isinstance(classes, ClassMap) else ClassMap(tuple(classes))
        self._class_names = self._classes.names
        self._target = target
        self._book = book
        self._clocks = clocks
        self._puts_in = puts_in
        self._stands_at = Whereabouts(geo_point(camera))
        self._sight = sight
        self.sights: SightsUpdate | None = None
        self._sized: _Sized | None = None
        self._resumed: dict[str, list[Stay]] = {}

    def use_model(
        self, classes: Sequence[str] | ClassMap, target: ModelInput, puts_in: MakePutsIn = Preprocessor
    ) -> None:
        """Go on with another model from the next frame on: tracks, rules and who stays where are kept.

        A class keeps its id here however the model numbers it, so a track goes on voting for what it is.

        Args:
            classes: the model's names by class id, or what they are called here.
            target: the model's input.
            puts_in: makes what puts its frames into a batch's slots.
        """
        found = classes if isinstance(classes, ClassMap) else ClassMap(tuple(classes))
        self._classes = found.following(self._class_names)
        self._class_names = names = self._classes.names
        self._target, self._puts_in = target, puts_in
        sized = self._sized
        if sized is None:
            return
        picture, before = sized.picture, sized.preprocessor.letterbox
        sized.tiled, sized.preprocessor = self._made_for(picture)
        sized.tracker.widen(len(names))
        sized.rules.name_classes(names)
        sized.subjects.name_classes(names)
        if sized.preprocessor.letterbox != before:
            sized.rules.forget_looks()

    def resume(self, stored: str) -> None:
        """Take up who stayed in which zone when another run of the detector ended.

        Raises:
            ValidationError: `stored` is not what `stays` gives.
        """
        self._resumed = _STAYS.validate_json(stored)

    def stays(self) -> str:
        """Who stays in which zone, as JSON for `resume`; before the first frame what was taken up."""
        return _STAYS.dump_json(self._sized.rules.stays() if self._sized else self._resumed).decode()

    def put_in(self, view: FrameView, slot: Any) -> Letterbox | None:
        """Write a frame into a slot of the batch, and keep it for a snapshot where the camera has rules.

        Returns:
            How to map boxes back; None where the frame was overwritten meanwhile: the slot must not be used.
        """
        sized = self._for_size(view)
        if self.camera.rules and sized.copy is None:
            sized.copy = FrameCopy.sized(view)
        copy = sized.copy if self.camera.rules else scratch_for(view)
        if copy is not None:
            copy.take(view)
        sized.preprocessor.fill(view if copy is None else copy, slot)
        if not view.is_intact():
            return None
        if sized.rules.need_look:
            sized.look = look_at(sized.preprocessor.luma)
        return sized.preprocessor.letterbox

    @property
    def is_tiled(self) -> bool:
        """Whether its frames may be several pictures, so that `put_in_tiles` and `merge` are to be used."""
        return self.camera.tiles != NO_TILES

    @property
    def pictures(self) -> int:
        """Pictures that a frame is; at most, before the first."""
        tiled = self._sized and self._sized.tiled
        return tiled.pictures if tiled else most_pictures(self.camera.tiles)

    def put_in_tiles(self, view: FrameView, slots: Slots, first: int, room: int) -> tuple[Letterbox, ...] | None:
        """As `put_in`, for a frame of several pictures.

        Args:
            view: the frame.
            slots: of the batch.
            first: slot of the first picture.
            room: slots there are; with fewer than the frame's pictures it is put in whole only.
        """
        sized = self._for_size(view)
        if sized.tiled is None:
            raise RuntimeError(f"{self.camera.id}: its frames are not tiled")
        if self.camera.rules:
            sized.copy = sized.copy or FrameCopy.sized(view)
            sized.copy.take(view)
        letterboxes = sized.tiled.fill(sized.copy or view, slots, first, room)
        if not view.is_intact():
            return None
        if sized.rules.need_look:
            sized.look = look_at(sized.preprocessor.luma)
        return letterboxes

    def merge(self, found: Sequence[Detections]) -> Detections:
        """What was found on the frame last put in, by what was found on its pictures."""
        if self._sized is None or self._sized.tiled is None:
            raise RuntimeError(f"{self.camera.id}: its frames are not tiled")
        return self._sized.tiled.merge(found)

    def found(
        self, detections: Detections, captured_at_us: int, now: datetime
    ) -> tuple[list[Track], list[IncidentUpdate]]:
        """Take in what was found on the frame last put in.

        Args:
            detections: in source pixels, by the model's class ids; empty where nothing was found.
            captured_at_us: arrival of the frame at ingest, microseconds since the epoch.
            now: the present.
        """
        (tracks,) = track_together([self], [detections], [captured_at_us])
        return tracks, self.judge(tracks, captured_at_us, now)

    def judge(self, tracks: list[Track], captured_at_us: int, now: datetime) -> list[IncidentUpdate]:
        """What the rules make of the tracks seen on the frame last put in; see `track_together`."""
        sized, at_s = self._sized_now, captured_at_us / 1e6
        self.sights = self._look_down(sized, tracks, at_s)
        triggers = sized.rules.evaluate(tracks, sized.picture, at_s, sized.look, self.sights)
        updates = [
            update for trigger in triggers for update in self._book.accept(trigger, now, self._where(trigger.track_id))
        ]
        for update in updates:
            if update.change is IncidentChange.OPENED and update.alert.track_id is not None:
                sized.subjects.opened(update.field, update.alert.track_id, at_s)
        for field, class_name in sized.subjects.classes(tracks, at_s):
            updates += self._book.correct_class(field, class_name)
        return updates

    @property
    def tracker(self) -> Tracker:
        """The tracker of the frames it has now."""
        return self._sized_now.tracker

    def named(self, detections: Detections) -> Detections:
        """What was found, by the classes as they are called here."""
        return self._classes.apply(detections, _MERGED_IOU)

    @property
    def _sized_now(self) -> _Sized:
        if self._sized is None:
            raise RuntimeError(f"{self.camera.id}: detections before any frame was put in")
        return self._sized

    def _look_down(self, sized: _Sized, tracks: Sequence[Track], at_s: float) -> SightsUpdate | None:
        """What a drone's camera sees, placed on the ground; None for a camera that stands."""
        if self._sight is None:
            return None
        seen = [
            Seen(track.track_id, self._class_names[track.class_id], track.confidence, track.box_xyxy)
            for track in tracks
            if track.is_confirmed
        ]
        return self._sight.look(seen, (sized.picture.width_px, sized.picture.height_px), at_s)

    def _where(self, track_id: int | None) -> Whereabouts:
        """Where an alert is about: of a drone's camera where the track stands, if that is known; else the camera."""
        return self._stands_at if self.sights is None else in_sight(self.sights, track_id)

    def give_picture(self) -> FrameCopy:
        """The frame last put in, now the caller's own."""
        if self._sized is None or self._sized.copy is None:
            raise RuntimeError(f"{self.camera.id}: no frame is kept")
        copy, self._sized.copy = self._sized.copy, None
        return copy

    def tracks_update(
        self, tracks: Sequence[Track], captured_at_us: int, now: datetime, pts: int | None = None
    ) -> TracksUpdate:
        """The tracks as the wall shows them: confirmed ones, boxes as fractions of the picture."""
        picture = self._sized.picture if self._sized else Picture(1, 1)
        width, height = picture.width_px, picture.height_px
        return TracksUpdate(
            camera_id=self.camera.id,
            captured_at=instant(captured_at_us),
            analysed_at=now,
            pts=pts,
            tracks=tuple(
                TrackBox(
                    track_id=track.track_id,
                    class_name=self._class_names[track.class_id],
                    confidence=round(track.confidence, 3),
                    box_xyxy=(
                        round(track.box_xyxy[0] / width, 4),
                        round(track.box_xyxy[1] / height, 4),
                        round(track.box_xyxy[2] / width, 4),
                        round(track.box_xyxy[3] / height, 4),
                    ),
                )
                for track in tracks
                if track.is_confirmed
            ),
        )

    def _for_size(self, view: FrameView) -> _Sized:
        """The camera's parts for this picture size; where it changes all but the stays in its zones starts anew."""
        picture, before = Picture(view.width_px, view.height_px), self._sized
        if before is None or before.picture != picture:
            tiled, preprocessor = self._made_for(picture)
            self._sized = _Sized(
                picture,
                preprocessor,
                Tracker(len(self._class_names)),
                CameraRules(self.camera, self._class_names, self._clocks),
                Subjects(self._class_names),
                tiled,
            )
            if before is None:
                self._sized.rules.resume(self._resumed)
                self._resumed = {}
            else:
                self._sized.rules.resume_scaled(before.rules.stays(), before.picture, picture)
            return self._sized
        return before

    def _made_for(self, picture: Picture) -> tuple[TiledInput | None, PutsIn]:
        """What puts frames of that size into slots: in tiles, and whole."""
        if self.is_tiled:
            tiled = self._tiled(picture)
            return tiled, tiled.whole
        return None, self._puts_in(self._target, picture.width_px, picture.height_px, self.camera.masks)

    def _tiled(self, picture: Picture) -> TiledInput:
        camera, width_px, height_px = self.camera, picture.width_px, picture.height_px
        tiles = tiles_of(width_px, height_px, camera.tiles, camera.tile_overlap, self._target)
        return TiledInput(self._puts_in, self._target, width_px, height_px, camera.masks, tiles)


def track_together(
    analyses: Sequence[CameraAnalysis], detections: Sequence[Detections], captured_at_us: Sequence[int]
) -> list[list[Track]]:
    """The tracks seen on the frame last put in of each of several cameras, for `CameraAnalysis.judge`.

    Args:
        analyses: of different cameras.
        detections: what was found on each one's frame, as `CameraAnalysis.found` takes it.
        captured_at_us: arrival of each frame at ingest, microseconds since the epoch.
    """
    named = [analysis.named(found) for analysis, found in zip(analyses, detections, strict=True)]
    return update_together([one.tracker for one in analyses], named, [at_us / 1e6 for at_us in captured_at_us])


def instant(at_us: int) -> datetime:
    """An instant from microseconds since the epoch."""
    return datetime.fromtimestamp(at_us / 1e6, UTC)


def geo_point(camera: CameraConfig) -> GeoPoint | None:
    """Where the camera stands in WGS-84, None where the config does not say."""
    if camera.place is None:
        return None
    lat, lon = to_wgs84(camera.place.lat, camera.place.lon, camera.place.datum)
    return GeoPoint(lat=lat, lon=lon)
