"""An upload that counts only when read back and the same.

    SENDING ──sent, or the ACK lost──► READING ──same──► VERIFIED
       ▲  ▲                               │ │
       │  └──── the vehicle asks again ───┘ │
       └──────────── differs: send anew ────┘  (at most `attempts` times)

ArduPilot stores item by item: an upload that breaks off leaves a mixture of two plans, once without its return.
"""

from __future__ import annotations

from drone.mavlink.dialect import Message, Target
from drone.mavlink.download import MissionDownload
from drone.mavlink.items_wire import from_vehicle, to_vehicle
from drone.mavlink.results import TransferStatus, UploadResult, UploadStatus
from drone.mavlink.timing import Timing
from drone.mavlink.upload import MissionUpload, UploadEnd
from drone.mission.compare import FLOAT_TOLERANCE_DEG, INT_TOLERANCE_DEG, Difference, differences
from drone.mission.items import Mission, MissionType

_REQUESTS = frozenset({"MISSION_REQUEST", "MISSION_REQUEST_INT"})
_SHOWN_DIFFERENCES = 5
MISSION_RESULTS = {
    1: "error",
    2: "frame not supported",
    3: "command not supported",
    4: "no space for so many items",
    5: "invalid value",
    6: "invalid param1",
    7: "invalid param2",
    8: "invalid param3",
    9: "invalid param4",
    10: "invalid latitude",
    11: "invalid longitude",
    12: "invalid altitude",
    14: "denied: busy with another upload, or read-only",
    15: "cancelled",
}


class VerifiedUpload:
    """Uploads one plan that passed its sanity checks, and reads it back. `result` is set at the end."""

    def __init__(
        self,
        mission: Mission,
        kind: MissionType,
        target: Target,
        timing: Timing,
        autopilot: int,
        takes_int: bool | None,
    ) -> None:
        self.result: UploadResult | None = None
        self._mission = mission
        self._kind = kind
        self._target = target
        self._timing = timing
        self._autopilot = autopilot
        self._takes_int = takes_int
        self._items = to_vehicle(mission, kind, autopilot)
        self._attempts = 0
        self._upload = self._new_upload()
        self._download: MissionDownload | None = None
        self._by_float = False
        self._last_differences: tuple[Difference, ...] = ()
        self._started_at_s = 0.0
        self._ends_at_s = 0.0

    @property
    def is_done(self) -> bool:
        return self.result is not None

    def cancel(self) -> None:
        if self.result is None:
            self._end(UploadStatus.CANCELLED, "the upload was cancelled", self._started_at_s)

    def start(self, now_s: float) -> list[Message]:
        self._started_at_s = now_s
        allowed_s = self._timing.transfer_s + len(self._items) * self._timing.per_item_s
        self._ends_at_s = now_s + 2 * allowed_s
        return self._send(now_s)

    def receive(self, message: Message, now_s: float) -> list[Message]:
        if self.is_done:
            return []
        if self._download is None:
            return self._upload.receive(message, now_s) + self._after_sending(now_s)
        if message.get_type() in _REQUESTS and message.mission_type == self._kind:
            if self._upload.end is not UploadEnd.ACK_LOST:
                return self._upload.answer(message)  # late; or our count came twice, and the reading will tell
            self._download = None  # it has not got them all: reading now would tell nothing
            self._upload.reopen()
            return self._upload.receive(message, now_s)
        return self._download.receive(message, now_s) + self._after_reading(now_s)

    def tick(self, now_s: float) -> list[Message]:
        if self.is_done:
            return []
        if now_s >= self._ends_at_s:
            self._end_unread(now_s, "it took too long")
            return []
        if self._download is None:
            return self._upload.tick(now_s) + self._after_sending(now_s)
        return self._download.tick(now_s) + self._after_reading(now_s)

    def _new_upload(self) -> MissionUpload:
        is_first = self._attempts <= 1  # one that read back otherwise may have kept an item that came twice
        return MissionUpload(self._items, self._kind, self._target, self._timing, self._takes_int, is_first)

    def _send(self, now_s: float) -> list[Message]:
        self._attempts += 1
        self._download = None
        self._upload = self._new_upload()
        return self._upload.start(now_s)

    def _after_sending(self, now_s: float) -> list[Message]:
        match self._upload.end:
            case UploadEnd.ACCEPTED | UploadEnd.ACK_LOST:
                self._by_float = self._by_float or self._upload.by_float
                self._download = MissionDownload(self._kind, self._target, self._timing, self._takes_int)
                return self._download.start(now_s)
            case UploadEnd.REFUSED:
                code = self._upload.vehicle_result
                self._end(
                    UploadStatus.REFUSED_BY_VEHICLE,
                    f"the vehicle refused the plan: {MISSION_RESULTS.get(code or 0, f'result {code}')}",
                    now_s,
                    code,
                )
            case UploadEnd.NO_ANSWER:
                self._end_unread(now_s, "the vehicle stopped answering during the upload")
            case UploadEnd.TOO_SLOW:
                self._end_unread(now_s, "the link is too bad: the upload did not end in time")
        return []

    def _after_reading(self, now_s: float) -> list[Message]:
        download = self._download
        if download is None or download.status is None:
            return []
        if download.status is not TransferStatus.DONE:
            self._end_unread(now_s, "the plan could not be read back")
            return []
        by_float = self._by_float or download.by_float
        tolerance_deg = FLOAT_TOLERANCE_DEG if by_float else INT_TOLERANCE_DEG
        stored = from_vehicle(download.items, self._mission.items[0], self._kind, self._autopilot)
        self._last_differences = tuple(differences(self._mission, stored, self._kind, tolerance_deg))
        self._by_float = by_float
        if not self._last_differences:
            self._end(UploadStatus.VERIFIED, "", now_s)
        elif self._attempts < self._timing.attempts:
            return self._send(now_s)
        else:
            shown = "; ".join(map(str, self._last_differences[:_SHOWN_DIFFERENCES]))
            self._end(UploadStatus.DIFFERS, f"the vehicle holds another plan than was sent: {shown}", now_s)
        return []

    def _end_unread(self, now_s: float, why: str) -> None:
        self._end(UploadStatus.NO_ANSWER, f"{why}: what the vehicle holds is not known", now_s)

    def _end(self, status: UploadStatus, detail: str, now_s: float, vehicle_result: int | None = None) -> None:
        self._upload.cancel()
        if self._download is not None:
            self._download.cancel()
        self.result = UploadResult(
            status,
            detail,
            vehicle_result,
            () if status is UploadStatus.VERIFIED else self._last_differences,
            attempts=self._attempts,
            elapsed_s=now_s - self._started_at_s,
            by_float=self._by_float,
        )
