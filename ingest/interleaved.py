"""The bytes of an RTSP connection taken apart: answers, and the packets between them. Pure.

Source: RFC 2326 sections 7 and 10.12 (`$`, channel, size in two bytes, packet).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ingest.rtsp import LONGEST_ANSWER_BYTES, Answer, parse_answer

_DOLLAR = 0x24
_FRAME_HEAD_BYTES = 4
_LARGEST_FRAME_BYTES = _FRAME_HEAD_BYTES + 0xFFFF
_BUFFER_BYTES = 4 * _LARGEST_FRAME_BYTES
_HEAD_END = b"\r\n\r\n"
_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length\s*:\s*(\d+)", re.IGNORECASE)


class Packet(NamedTuple):
    """A packet of a channel; its bytes are overwritten by what is received next."""

    channel: int
    body: memoryview


class Connection:
    """What was received and not looked at yet."""

    def __init__(self) -> None:
        self._buffer = bytearray(_BUFFER_BYTES)
        self._view = memoryview(self._buffer)
        self._start = self._end = 0

    def room(self) -> memoryview:
        """Where to receive next; the packets told so far are void once something is written there."""
        if self._start == self._end:
            self._start = self._end = 0
        elif _BUFFER_BYTES - self._end < _LARGEST_FRAME_BYTES:
            left = bytes(self._view[self._start : self._end])
            self._view[: len(left)] = left
            self._start, self._end = 0, len(left)
        return self._view[self._end :]

    def received(self, size_bytes: int) -> None:
        """So many bytes were written into the room."""
        self._end += size_bytes

    def messages(self) -> Iterator[Packet | Answer]:
        """What is complete, in order; requests of the server are passed over.

        Raises:
            ValueError: this is not RTSP.
        """
        while self._start < self._end:
            if self._buffer[self._start] == _DOLLAR:
                packet = self._packet()
                if packet is None:
                    return
                yield packet
            else:
                text = self._text()
                if text is None:
                    return
                if text.startswith(b"RTSP/"):
                    answer = parse_answer(text)
                    if answer is not None:
                        yield answer

    def _packet(self) -> Packet | None:
        body = self._start + _FRAME_HEAD_BYTES
        if body > self._end:
            return None
        end = body + (self._buffer[body - 2] << 8 | self._buffer[body - 1])
        if end > self._end:
            return None
        packet = Packet(self._buffer[self._start + 1], self._view[body:end])
        self._start = end
        return packet

    def _text(self) -> bytes | None:
        """The next message in words, None while it is incomplete."""
        line_end = self._buffer.find(b"\r\n", self._start, self._end)
        if line_end >= 0:
            line = bytes(self._view[self._start : line_end])
            if line and not line.startswith(b"RTSP/") and b"RTSP/" not in line:
                raise ValueError("not RTSP")
            if not line:  # an empty line between messages
                self._start = line_end + 2
                return b""
        head_end = self._buffer.find(_HEAD_END, self._start, self._end)
        if head_end < 0:
            if self._end - self._start > LONGEST_ANSWER_BYTES:
                raise ValueError("a head without an end")
            return None
        told = _CONTENT_LENGTH.search(self._view[self._start : head_end])
        end = head_end + len(_HEAD_END) + (min(int(told.group(1)), LONGEST_ANSWER_BYTES) if told else 0)
        if end > self._end:
            return None
        text = bytes(self._view[self._start : end])
        self._start = end
        return text
