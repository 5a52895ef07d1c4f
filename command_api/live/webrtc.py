"""What has to be changed in aiortc and aioice before the first connection, in one place."""

from __future__ import annotations

from aiortc import rtcrtpsender

from command_api.live import addresses

# A sender keeps this many packets for retransmission (RFC 4588). aiortc keeps 128; one keyframe at 2 Mbit/s is 100-150
# packets, so at 2 % loss most pictures cannot be repaired and a tile falls from 25 to 4 pictures/s. A power of two:
# the place of a packet is its 16-bit sequence number modulo this.
HISTORY_PACKETS = 1024


def install() -> None:
    """Prepare aiortc for this process; calling it twice changes nothing."""
    addresses.install()
    setattr(rtcrtpsender, "RTP_HISTORY_SIZE", HISTORY_PACKETS)  # noqa: B010  # it is no public name
