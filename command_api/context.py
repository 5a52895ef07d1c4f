"""What the routes lean on, made once at start and handed to each request."""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import dataclass, field

import httpx
from fastapi import Request

from command_api.access.open_pages import OpenPages
from command_api.access.sign_in import SignIns
from command_api.bus_out import BusOut
from command_api.cameras.board import CameraBoard
from command_api.drones.board import DroneBoard
from command_api.drones.desk import OrderDesk
from command_api.health.outage_book import OutageBook
from command_api.metrics import Metrics
from command_api.push.announce import Announcer
from command_api.push.hub import Hub
from command_api.register import Register
from command_api.store.database import Store
from kernel.clock import Clock
from kernel.config.lookout import LookoutConfig
from kernel.runtime import RuntimePaths


@dataclass(frozen=True)
class ApiContext:
    """Everything a route may need."""

    config: LookoutConfig
    paths: RuntimePaths
    clock: Clock
    store: Store
    sign_ins: SignIns
    register: Register
    board: CameraBoard
    outages: OutageBook
    drones: DroneBoard
    desk: OrderDesk
    hub: Hub
    open_pages: OpenPages
    announcer: Announcer
    bus: BusOut
    live: httpx.AsyncClient
    metrics: Metrics
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_exposed(self) -> bool:
        """Whether the page can be reached from other machines."""
        return not is_loopback(self.config.web.host)


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def context_of(request: Request) -> ApiContext:
    """The context of the app a request came to."""
    context = request.app.state.context
    assert isinstance(context, ApiContext)
    return context
