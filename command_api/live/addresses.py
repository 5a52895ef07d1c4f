"""Which of this machine's addresses are offered to browsers.

aioice leaves 127.0.0.1 and ::1 out, always. A command room in one box with its network down, and every test in a bare
network namespace, has nothing else: so loopback is offered where it is all there is, and to clients on this machine.
Addresses that cannot be bound (of an interface that is down) are left out: checks from them fail after a long wait.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Callable, Iterable
from contextvars import ContextVar

import aioice.ice

_LOOPBACK = ("127.0.0.1", "::1")
_gather_others: Callable[[bool, bool], list[str]] = aioice.ice.get_host_addresses

client_is_local: ContextVar[bool] = ContextVar("client_is_local", default=False)
"""Set while answering a client on this machine; read when its connection gathers addresses."""


def install() -> None:
    """Let aioice gather addresses through this module; calling it twice changes nothing."""
    aioice.ice.get_host_addresses = host_addresses


def host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    """Addresses to offer, others before loopback."""
    others = [address for address in _gather_others(use_ipv4, use_ipv6) if can_bind(address)]
    if others and not client_is_local.get():
        return others
    wanted = (address for address, used in zip(_LOOPBACK, (use_ipv4, use_ipv6), strict=True) if used)
    return others + [address for address in wanted if can_bind(address)]


def is_local(address: str, own_addresses: Iterable[str]) -> bool:
    """Whether a client's address is one of this machine; text that is no address is not."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return parsed.is_loopback or address in set(own_addresses)


def can_bind(address: str) -> bool:
    """Whether a UDP socket can be bound to this address now."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError as error:
            if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EINVAL):
                return False
            raise
    return True
