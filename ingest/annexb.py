"""Annex-B byte streams of H.264 and H.265: where NAL units start, and parameter sets before every IDR. Pure.

Source: ITU-T H.264 (08/2021) annex B and table 7-1; ITU-T H.265 (08/2021) annex B and table 7-1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

START_CODE = b"\x00\x00\x00\x01"
_SHORT_START_CODE = b"\x00\x00\x01"


class VideoCodec(StrEnum):
    """The codecs Lookout takes in, as FFmpeg names them."""

    H264 = "h264"
    HEVC = "hevc"


_PARAMETER_SET_TYPES = {VideoCodec.H264: (7, 8), VideoCodec.HEVC: (32, 33, 34)}
_DELIMITER_TYPE = {VideoCodec.H264: 9, VideoCodec.HEVC: 35}
FIRST_PICTURE_TYPES = {VideoCodec.H264: range(1, 6), VideoCodec.HEVC: range(32)}
_IDR_TYPES = {VideoCodec.H264: range(5, 6), VideoCodec.HEVC: range(16, 21)}
_NAL_HEADER_BYTES = {VideoCodec.H264: 1, VideoCodec.HEVC: 2}


def nal_units(payload: bytes) -> Iterator[bytes]:
    """The NAL units of an Annex-B payload, without start codes and trailing zero bytes."""
    start = payload.find(_SHORT_START_CODE)
    while start >= 0:
        start += len(_SHORT_START_CODE)
        end = payload.find(_SHORT_START_CODE, start)
        nal = payload[start : end if end >= 0 else len(payload)].rstrip(b"\x00")
        if nal:
            yield nal
        start = end


def nal_type(codec: VideoCodec, nal: bytes) -> int:
    """The nal_unit_type of a NAL unit of at least one byte."""
    return nal[0] & 0x1F if codec is VideoCodec.H264 else (nal[0] >> 1) & 0x3F


def begins_anew(codec: VideoCodec, payload: bytes) -> bool:
    """Whether nothing after this picture refers to what came before it: an IDR (or H.265 BLA) picture."""
    start = payload.find(_SHORT_START_CODE)
    while start >= 0:
        start += len(_SHORT_START_CODE)
        kind = nal_type(codec, payload[start : start + 1]) if start < len(payload) else -1
        if kind in FIRST_PICTURE_TYPES[codec]:
            return kind in _IDR_TYPES[codec]
        start = payload.find(_SHORT_START_CODE, start)
    return False


def starts_picture(codec: VideoCodec, payload: bytes) -> bool:
    """Whether the first slice of the payload is the first slice of its picture.

    A payload without it is the rest of a picture whose beginning came in the packet before. H.264: first_mb_in_slice
    is 0, one `1` bit (7.3.3); H.265: first_slice_segment_in_pic_flag (7.3.6.1). Both are the first bit of the slice.
    """
    start = payload.find(_SHORT_START_CODE)
    while start >= 0:
        start += len(_SHORT_START_CODE)
        header_end = start + _NAL_HEADER_BYTES[codec]
        if header_end >= len(payload):
            return True
        if nal_type(codec, payload[start:header_end]) in FIRST_PICTURE_TYPES[codec]:
            return bool(payload[header_end] & 0x80)
        start = payload.find(_SHORT_START_CODE, start)
    return True


@dataclass
class ParameterSets:
    """The newest VPS, SPS and PPS of a stream, in the order a decoder needs them."""

    codec: VideoCodec
    _sets: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def learn(self, payload: bytes) -> frozenset[int]:
        """Remember the parameter sets in a payload (or in extradata in Annex-B form).

        Returns:
            The nal types of parameter sets the payload carries.
        """
        wanted = _PARAMETER_SET_TYPES[self.codec]
        found: list[tuple[int, bytes]] = []
        for nal in nal_units(payload):
            kind = nal_type(self.codec, nal)
            if kind in wanted:
                found.append((kind, nal))
            elif kind in FIRST_PICTURE_TYPES[self.codec]:
                break
        present = frozenset(kind for kind, _ in found)
        for kind in present:  # a payload that carries a kind carries all of that kind: old ones go
            for key in [key for key in self._sets if key[0] == kind]:
                del self._sets[key]
        for number, (kind, nal) in enumerate(found):
            self._sets[kind, number] = nal
        return present

    def to_annexb(self) -> bytes:
        """All sets as Annex-B: VPS, SPS, PPS."""
        return b"".join(START_CODE + self._sets[key] for key in sorted(self._sets))

    def before(self, payload: bytes) -> bytes:
        """The payload of a keyframe with parameter sets in front of its first slice (behind an access unit delimiter).

        Sets carried by the payload itself are learnt and win; the payload is returned as it is where it has all.
        """
        present = self.learn(payload)
        if present.issuperset(_PARAMETER_SET_TYPES[self.codec]):
            return payload
        nals = list(nal_units(payload))
        kinds = _PARAMETER_SET_TYPES[self.codec]
        head = [nal for nal in nals if nal_type(self.codec, nal) == _DELIMITER_TYPE[self.codec]]
        rest = [nal for nal in nals if nal not in head and nal_type(self.codec, nal) not in kinds]
        return (
            b"".join(START_CODE + nal for nal in head) + self.to_annexb() + b"".join(START_CODE + nal for nal in rest)
        )
