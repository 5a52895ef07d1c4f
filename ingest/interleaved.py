"""The bytes of an RTSP connection taken apart: answers, requests of the server, and the packets between them. Pure.

Cameras that do not get their bytes off send parts of packets and go on with the next one. What is neither packet nor
words is passed over then, up to the next packet of a channel that is in use, as FFmpeg and VLC do; the gap shows in the
numbers of the packets.

Source: RFC 2326 sections 7 and 10.12 (`$`, channel, size in two bytes, packet).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ingest.rtsp import HEAD_END, LONGEST_ANSWER_BYTES, Answer, ServerRequest, parse_answer, parse_request

_DOLLAR = 0x24
_FRAME_HEAD_BYTES = 4
_LARGEST_FRAME_BYTES = _FRAME_HEAD_BYTES + 0xFFFF
_BUFFER_BYTES = 4 * _LARGEST_FRAME_BYTES
_PACKET_VERSION = 2  # of RTP and RTCP
_CONTENT_LENGTH = re.compile(rb"\ncontent-length\s*:\s*(\d+)", re.IGNORECASE)


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
        self._in_use = bytearray(256)  # channels of packets so far
        self._torn = False

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

    def messages(self) -> Iterator[Packet | Answer | ServerRequest]:
        """What is complete, in order.

        Raises:
            ValueError: this is not RTSP.
        """
        while self._start < self._end:
            if self._torn and not self._skip():
                return
            if self._buffer[self._start] == _DOLLAR:
                packet = self._packet()
                if packet is None:
                    return
                yield packet
                continue
            try:
                text = self._text()
            except ValueError:
                if not any(self._in_use):
                    raise
                self._torn = True
                continue
            if text is None:
                return
            if text.startswith(b"RTSP/"):
                answer = parse_answer(text)
                if answer is not None:
                    yield answer
            elif text:
                yield parse_request(text)

    def _packet(self) -> Packet | None:
        body = self._start + _FRAME_HEAD_BYTES
        if body > self._end:
            return None
        end = body + (self._buffer[body - 2] << 8 | self._buffer[body - 1])
        if end > self._end:
            return None
        packet = Packet(self._buffer[self._start + 1], self._view[body:end])
        self._in_use[packet.channel] = 1
        self._start = end
        return packet

    def _skip(self) -> bool:
        """Go on to the next packet of a channel in use; False where more bytes have to tell."""
        at = self._buffer.find(_DOLLAR, self._start, self._end)
        while 0 <= at < self._end - _FRAME_HEAD_BYTES:
            if self._in_use[self._buffer[at + 1]] and self._buffer[at + _FRAME_HEAD_BYTES] >> 6 == _PACKET_VERSION:
                self._start, self._torn = at, False
                return True
            at = self._buffer.find(_DOLLAR, at + 1, self._end)
        self._start = at if at >= 0 else self._end
        return False

    def _text(self) -> bytes | None:
        """The next message in words, None while it is incomplete."""
        line_end = self._buffer.find(b"\n", self._start, self._end)
        if line_end >= 0:
            line = bytes(self._view[self._start : line_end]).rstrip(b"\r")
            if line and not line.startswith(b"RTSP/") and b"RTSP/" not in line:
                raise ValueError("not RTSP")
            if not line:  # an empty line between messages
                self._start = line_end + 1
                return b""
        head = HEAD_END.search(self._buffer, self._start, self._end)
        if head is None:
            if self._end - self._start > LONGEST_ANSWER_BYTES:
                raise ValueError("a head without an end")
            return None
        told = _CONTENT_LENGTH.search(self._view[self._start : head.start()])
        end = head.end() + (min(int(told.group(1)), LONGEST_ANSWER_BYTES) if told else 0)
        if end > self._end:
            return None
        text = bytes(self._view[self._start : end])
        self._start = end
        return text
