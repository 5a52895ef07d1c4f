"""Planned outages between config, store and memory: filed at start, read anew every second."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import Connection
from ulid import ULID

from command_api.context import ApiContext
from command_api.health.outage_book import REMEMBERED_S
from command_api.health.planned import FILED_BY_CONFIG, OutageRefused, config_changes, ended, filed
from command_api.store import planned
from command_api.store.database import StoreUnavailable
from kernel.config.lookout import LookoutConfig

_LOGGER = logging.getLogger(__name__)


def file_config_outages(connection: Connection, config: LookoutConfig, now: datetime) -> None:
    """Put on record what the config announces, and end what it announces no longer.

    What a person ended stays ended, whatever the config still says: the cameras are back, and their alerts with them.
    """
    standing, ended_by_people = planned.since(connection, now.timestamp()), planned.keys_ended_by_people(connection)
    changes = config_changes(config, standing, now, ended_by_people)
    for key, request in changes.new.items():
        try:
            outage = filed(request, str(ULID()), FILED_BY_CONFIG, now, key)
        except OutageRefused as error:
            _LOGGER.error("planned outage of the config is not filed reason=%s: %s", request.reason, error.why_en)
            continue
        planned.add(connection, outage, "")
        _LOGGER.info(
            "planned outage filed id=%s cameras=%d reason=%s", outage.id, len(outage.camera_ids), outage.reason
        )
    for outage in changes.gone:
        planned.end(connection, ended(outage, FILED_BY_CONFIG, now), "", now)
        _LOGGER.info("planned outage is in the config no longer: ended id=%s", outage.id)


async def read_outages(context: ApiContext) -> None:
    """Take the store's outages into the book; `lookout maintenance` writes them too."""
    since_s = context.clock.now().timestamp() - REMEMBERED_S
    try:
        context.outages.replace(await context.store.read(lambda connection: planned.since(connection, since_s)))
    except StoreUnavailable as error:
        _LOGGER.warning("planned outages are as they were reason=%s", error.reason)
