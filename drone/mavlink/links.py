"""The link for an address."""

from __future__ import annotations

from drone.mavlink.link import Link, OnBytes
from drone.mavlink.link_address import LinkAddress, LinkKind
from drone.mavlink.link_serial import SerialLink
from drone.mavlink.link_tcp import TcpLink
from drone.mavlink.link_udp import UdpLink


def link_for(address: LinkAddress, on_bytes: OnBytes) -> Link:
    """A link, not yet open, that hands every chunk it receives to `on_bytes`."""
    match address.kind:
        case LinkKind.TCP:
            return TcpLink(address, on_bytes)
        case LinkKind.SERIAL:
            return SerialLink(address, on_bytes)
        case LinkKind.UDP | LinkKind.UDPIN:
            return UdpLink(address, on_bytes)
