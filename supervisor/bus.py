"""Keep the embedded bus running: the same restart plan as the services, for a server that is not one of ours."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time

from kernel.bus.embedded import EmbeddedServer
from kernel.errors import CannotRunError
from supervisor.child import wait_or_stop
from supervisor.restart import RestartPlan

LOG = logging.getLogger(__name__)
POLL_S = 0.1


async def keep_bus_running(server: EmbeddedServer, stopping: asyncio.Event) -> None:
    """Start the server again whenever it ends, until `stopping`; it was started once before.

    The server belongs to the thread that starts it (PR_SET_PDEATHSIG), so it is started on this one: some
    milliseconds in which nothing else of the supervisor runs.
    """
    plan = RestartPlan()
    started_s = time.monotonic()
    while not stopping.is_set():
        if server.is_running:
            await wait_or_stop(stopping, POLL_S)
            continue
        plan, delay_s = plan.after_exit(time.monotonic() - started_s)
        LOG.warning(
            "bus ended next_start_in_s=%.2f disk_free_mb=%d log=%s",
            delay_s,
            shutil.disk_usage(server.log_file.parent).free >> 20,  # a full disk leaves no word in the log
            server.log_file,
        )
        await wait_or_stop(stopping, delay_s)
        if stopping.is_set():
            return
        started_s = time.monotonic()
        try:
            server.start()
        except (CannotRunError, OSError) as error:  # e.g. a full disk: space may come
            LOG.error("bus does not start: %s", error)
