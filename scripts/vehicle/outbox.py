"""Messages to bytes and back: MAVLink 1 until the other end speaks MAVLink 2, sequence numbers, optional signing."""

from __future__ import annotations

import struct
from functools import cache
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as wire

_FIRST_V2_ONLY_ID = 256
_V1_HEADER_BYTES, _CRC_BYTES = 6, 2
_BYTES_OF = {"8": 1, "16": 2, "32": 4, "64": 8, "char": 1, "float": 4, "double": 8}


class Codec:
    """One end of a MAVLink link, without the link."""

    def __init__(self, sysid: int, compid: int, signing_key: bytes | None = None, strict: bool = False) -> None:
        """`strict` refuses unsigned traffic; otherwise a signing vehicle takes it all the same."""
        self._wire = wire.MAVLink(None, srcSystem=sysid, srcComponent=compid)
        self._wire.robust_parsing = True
        self.speaks_v2 = False
        if signing_key is not None:
            self._wire.signing.secret_key = signing_key
            self._wire.signing.sign_outgoing = True
            self._wire.signing.allow_unsigned_callback = None if strict else (lambda codec, message_id: True)

    def encode(self, message: Any) -> bytes | None:
        """The frame to send; None for a message that MAVLink 1 cannot carry."""
        if not self.speaks_v2 and message.get_msgId() >= _FIRST_V2_ONLY_ID:
            return None
        frame = bytes(message.pack(self._wire, force_mavlink1=not self.speaks_v2))
        if not self.speaks_v2:
            frame = _without_extensions(frame, message)
        self._wire.seq = (self._wire.seq + 1) % 256
        return frame

    def decode(self, data: bytes) -> list[Any]:
        """The whole messages in (and so far) received bytes; damaged ones are dropped."""
        found = [m for m in self._wire.parse_buffer(data) or [] if m.get_type() != "BAD_DATA"]
        if any(m.get_msgbuf()[0] == wire.PROTOCOL_MARKER_V2 for m in found):
            self.speaks_v2 = True
        return found


def _without_extensions(frame: bytes, message: Any) -> bytes:
    """A MAVLink 1 frame carries no extension fields; pymavlink leaves them in."""
    payload = frame[_V1_HEADER_BYTES:-_CRC_BYTES][: _base_bytes(message.get_msgId())]
    head = bytes([frame[0], len(payload)]) + frame[2:_V1_HEADER_BYTES]
    crc = wire.x25crc(head[1:] + payload + bytes([message.crc_extra]))
    return head + payload + struct.pack("<H", crc.crc)


@cache
def _base_bytes(message_id: int) -> int:
    """Payload bytes without the extension fields, which are those that have a default."""
    message: Any = wire.mavlink_map[message_id]
    extensions = len(message.__init__.__defaults__ or ())
    sizes = [
        next(size for name, size in _BYTES_OF.items() if name in kind_name) * max(1, length)
        for kind_name, length in zip(message.fieldtypes, _array_lengths(message), strict=True)
    ]
    return int(sum(sizes[: len(sizes) - extensions]))


def _array_lengths(kind: Any) -> list[int]:
    """Array length of each field, in the order of `fieldnames` (the dialect keeps it in wire order)."""
    by_name = dict(zip(kind.ordered_fieldnames, kind.array_lengths, strict=True))
    return [by_name[name] for name in kind.fieldnames]
