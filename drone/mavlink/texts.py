"""STATUSTEXT: long texts come in chunks of 50 bytes with one id; a lost chunk must not lose the rest."""

from __future__ import annotations

from dataclasses import dataclass, field

from drone.mavlink.dialect import Message
from drone.mavlink.state import TextMessage

_CHUNK_BYTES = 50
_WAIT_S = 2.0
_GAP = b"\xe2\x80\xa6"  # an ellipsis


@dataclass
class _Parts:
    severity: int
    at_s: float
    chunks: dict[int, bytes] = field(default_factory=dict)
    last: int | None = None

    @property
    def is_whole(self) -> bool:
        return self.last is not None and len(self.chunks) == self.last + 1

    def joined(self) -> bytes:
        most = max(self.chunks) if self.last is None else self.last
        return b"".join(self.chunks.get(number, _GAP) for number in range(most + 1))


class TextAssembly:
    """Joins chunks; a text with a gap is given out, with an ellipsis there, two seconds after its first chunk."""

    def __init__(self) -> None:
        self._open: dict[int, _Parts] = {}

    def add(self, message: Message, now_s: float) -> list[TextMessage]:
        """Take in one STATUSTEXT; the texts that are complete now."""
        raw = bytes(getattr(message, "_text_raw", message.text.encode())).split(b"\0", 1)[0]
        if message.id == 0:
            return [*self.overdue(now_s), _text(message.severity, raw, now_s)]
        parts = self._open.setdefault(message.id, _Parts(message.severity, now_s))
        parts.chunks[message.chunk_seq] = raw
        if len(raw) < _CHUNK_BYTES:
            parts.last = message.chunk_seq
        if not parts.is_whole:
            return self.overdue(now_s)
        del self._open[message.id]
        return [*self.overdue(now_s), _text(parts.severity, parts.joined(), now_s)]

    def overdue(self, now_s: float) -> list[TextMessage]:
        """Texts whose missing chunks will not come any more."""
        late = [number for number, parts in self._open.items() if now_s - parts.at_s >= _WAIT_S]
        return [_text(parts.severity, parts.joined(), now_s) for parts in map(self._open.pop, late)]


def _text(severity: int, raw: bytes, now_s: float) -> TextMessage:
    """A tab at the end says that PX4 sends the same as an event."""
    return TextMessage(severity, raw.decode("utf-8", errors="replace").rstrip("\t"), now_s)
