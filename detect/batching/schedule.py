"""Whose turn it is: how often each camera is analysed, which cameras make a batch, and when the batch leaves; pure.

A camera's turn comes every period. With enough capacity the period is 1 / fps; when all together ask for more,
everybody's period grows by the same factor, to where turns come a little faster than they can be served: the engine is
never idle, and who waits longest goes first. A turn that comes without a new frame waits for one.

Urgent cameras (in alert, or of a drone) go first and keep their rate, out of at most 0.7 of the capacity; the others
get evenly less. Cameras of equal priority always have the same period.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

USABLE_SHARE = 0.9
LIGHT_LOAD = 0.5
OVERBOOKED_SHARE = 1.1
URGENT_SHARE = 0.7
_CAPACITY_MEMORY = 0.2
_LONGEST_WAIT = 0.3  # of a period, for company
_SOONEST = 0.5  # of a period, between two turns of a camera


@dataclass(slots=True)
class _Turn:
    """One camera's place in the schedule.

    Attributes:
        lane: cameras of a lane share a model, so they can share a batch.
        due_s: when its turn comes.
        waiting_since_s: since when its turn and a new frame wait for a batch.
        dropped: turns passed over because batches came too late.
        is_urgent: goes before the others.
        pictures: that each of its frames is.
        is_alone: its frames are batches of their own.
    """

    lane: str
    due_s: float
    waiting_since_s: float | None = None
    dropped: int = 0
    is_active: bool = False
    is_urgent: bool = False
    pictures: int = 1
    is_alone: bool = False


@dataclass(slots=True)
class Lane:
    """What is known of one model's engine.

    Attributes:
        capacity_fps: pictures a second, as measured.
        full_batch: the smallest batch that is worth waiting for.
        batch_most: largest batch.
        is_open: False while the engine does not work.
    """

    capacity_fps: float
    full_batch: int
    is_open: bool = True
    batch_most: int = 64

    def measured(self, pictures: int, took_s: float) -> None:
        """Let the capacity follow what the engine does in service while it is never idle."""
        if pictures >= self.full_batch and took_s > 0:
            self.capacity_fps += _CAPACITY_MEMORY * (pictures / took_s - self.capacity_fps)

    def at_least(self, capacity_fps: float) -> None:
        """The engine was seen to be no slower than that."""
        self.capacity_fps = max(self.capacity_fps, capacity_fps)


@dataclass(slots=True)
class Schedule:
    """The turns of all cameras.

    Attributes:
        lanes: by name of the model.
        fps: analysed frames a second wanted per camera.
        batch_max: largest batch.
        deadline_s: longest a frame waits for its batch to fill.
    """

    lanes: dict[str, Lane]
    fps: float
    batch_max: int
    deadline_s: float
    _turns: dict[str, _Turn] = field(default_factory=dict)
    _stretch: float = 1.0
    _urgent_stretch: float = 1.0

    def add(self, lane_of_camera: Mapping[str, str], now_s: float) -> None:
        """Take in cameras, their first turns spread evenly over one period."""
        for index, (camera_id, lane) in enumerate(lane_of_camera.items()):
            self._turns[camera_id] = _Turn(lane, now_s + index / len(lane_of_camera) / self.fps)

    def tile(self, camera_id: str, pictures: int) -> None:
        """Each frame of the camera is so many pictures, and a batch of its own."""
        turn = self._turns[camera_id]
        turn.pictures, turn.is_alone = pictures, True

    def move(self, camera_id: str, lane: str, now_s: float) -> None:
        """The camera is analysed by another model from now on; its turns go on."""
        if camera_id in self._turns:
            self._turns[camera_id].lane = lane
        else:
            self._turns[camera_id] = _Turn(lane, now_s)

    @property
    def period_s(self) -> float:
        """Time between two turns of a camera that is not urgent, now."""
        return self._stretch / self.fps

    @property
    def granted_fps(self) -> float:
        """Analysed frames a second that each camera that is not urgent can count on, now."""
        return self.fps / self._stretches(USABLE_SHARE)[1]

    @property
    def load(self) -> float:
        """Share of the capacity that the active cameras ask for; above 1 it does not suffice."""
        return self._load_of(self._turns.values())

    @property
    def wanted_fps(self) -> float:
        """Pictures a second that the active cameras ask for together."""
        return sum(self._wanted_by_lane().values())

    @property
    def capacity_fps(self) -> float:
        """Pictures a second there are for the cameras' mix of models; 0 without any model."""
        load = self.load
        return self.wanted_fps / load if load else min((lane.capacity_fps for lane in self.lanes.values()), default=0.0)

    def share_out(self, active: Iterable[str], urgent: Collection[str] = ()) -> None:
        """Set everybody's period by what the cameras that deliver frames ask for, the urgent ones before the others."""
        delivering = set(active)
        for camera_id, turn in self._turns.items():
            turn.is_active = camera_id in delivering
            turn.is_urgent = camera_id in urgent
        self._urgent_stretch, self._stretch = self._stretches(OVERBOOKED_SHARE)

    def is_urgent(self, camera_id: str) -> bool:
        """Whether a camera goes before the others."""
        return camera_id in self._turns and self._turns[camera_id].is_urgent

    def due(self, now_s: float) -> list[str]:
        """Cameras whose turn has come and whose engine works."""
        return [
            camera_id
            for camera_id, turn in self._turns.items()
            if turn.due_s <= now_s and self.lanes[turn.lane].is_open
        ]

    def batch(self, fresh: Iterable[str], now_s: float, away: Collection[str] = ()) -> tuple[str, ...]:
        """The cameras of the batch that leaves now, urgent and longest waiting first; empty while it pays to wait.

        It pays while others may join and nobody is late: no turn is passed over for company.

        Args:
            fresh: cameras among `due` that have a new frame.
            now_s: the present.
            away: cameras that are in another batch and cannot join.
        """
        since_s = {camera_id: self._waits_since(camera_id, now_s) for camera_id in fresh}
        if not since_s:
            return ()
        order = sorted(since_s, key=lambda camera_id: self._rank(camera_id, since_s[camera_id]))
        if self._turns[order[0]].is_alone:
            return (order[0],)
        lane = self._turns[order[0]].lane
        turns = ((camera_id, self._turns[camera_id]) for camera_id in order)
        together = tuple(camera_id for camera_id, turn in turns if turn.lane == lane and not turn.is_alone)
        most = min(self.batch_max, self.lanes[lane].batch_most)
        wait_s = min(self.deadline_s, _LONGEST_WAIT * self.period_s)
        is_full = len(together) >= min(most, self.lanes[lane].full_batch, self._there(lane, away))
        is_late = now_s - self._turns[order[0]].due_s >= wait_s
        if is_full or is_late or not LIGHT_LOAD < self.load <= USABLE_SHARE:
            return together[:most]
        return ()

    def taken(self, camera_id: str, now_s: float) -> None:
        """The camera's frame left with a batch: its next turn comes a period after this one."""
        turn = self._turns[camera_id]
        if turn.waiting_since_s is not None:
            turn.dropped += int((now_s - turn.waiting_since_s) / self._period_of(turn))
        turn.waiting_since_s = None
        turn.due_s = max(turn.due_s + self._period_of(turn), now_s + _SOONEST * self._period_of(turn))

    def due_s(self, camera_id: str) -> float:
        """When a camera's next turn comes."""
        return self._turns[camera_id].due_s

    def dropped(self, camera_id: str) -> int:
        """Turns of a camera passed over so far because batches came too late."""
        return self._turns[camera_id].dropped

    def wake_s(self, now_s: float, look_again_s: float) -> float:
        """How long nothing can happen but a new frame, which is looked for every `look_again_s`."""
        soonest_s = min((turn.due_s for turn in self._turns.values()), default=now_s + look_again_s)
        return min(max(soonest_s - now_s, 0.0), look_again_s) if soonest_s > now_s else look_again_s

    def _waits_since(self, camera_id: str, now_s: float) -> float:
        """Since when turn and frame of a camera wait; from now on, where they did not yet."""
        turn = self._turns[camera_id]
        if turn.waiting_since_s is None:
            turn.waiting_since_s = now_s
        return turn.waiting_since_s

    def _there(self, lane: str, away: Collection[str]) -> int:
        """Cameras of a lane that deliver frames and are not in another batch."""
        turns = self._turns.items()
        return sum(
            turn.is_active and turn.lane == lane and not turn.is_alone and camera_id not in away
            for camera_id, turn in turns
        )

    def _period_of(self, turn: _Turn) -> float:
        return (self._urgent_stretch if turn.is_urgent else self._stretch) / self.fps

    def _rank(self, camera_id: str, since_s: float) -> tuple[bool, float, float]:
        """The smaller, the sooner; urgent cameras with no better rate than the others go before nobody."""
        turn = self._turns[camera_id]
        return not (turn.is_urgent and self._urgent_stretch < self._stretch), since_s, turn.due_s

    def _stretches(self, share: float) -> tuple[float, float]:
        """How much longer than wanted the periods of urgent and of other cameras are, at that share of capacity."""
        all_alike = max(1.0, self.load / share)
        urgent_load = self._load_of(turn for turn in self._turns.values() if turn.is_urgent)
        if not urgent_load:
            return all_alike, all_alike
        urgent = max(1.0, urgent_load / (URGENT_SHARE * share))
        if urgent >= all_alike:
            return all_alike, all_alike
        return urgent, max(1.0, (self.load - urgent_load) / (share - urgent_load / urgent))

    def _load_of(self, turns: Iterable[_Turn]) -> float:
        asking = (turn for turn in turns if self._asks(turn))
        return sum(self.fps * turn.pictures / self.lanes[turn.lane].capacity_fps for turn in asking)

    def _wanted_by_lane(self) -> dict[str, float]:
        wanted: dict[str, float] = {}
        for turn in self._turns.values():
            if self._asks(turn):
                wanted[turn.lane] = wanted.get(turn.lane, 0.0) + self.fps * turn.pictures
        return wanted

    def _asks(self, turn: _Turn) -> bool:
        return turn.is_active and self.lanes[turn.lane].is_open
