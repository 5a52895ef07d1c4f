"""Choosing a drone and starting a flight: plan and check against everything in the air, at the moment of the launch."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from drone.fleet.air import Air
from drone.fleet.aloft import is_out_of_sight
from drone.fleet.keeper import BUSY, DroneKeeper
from drone.fleet.neighbours import Neighbours, place_unknown
from drone.flight.prepare import Prepared, brief_of, prepared
from drone.plan.model import FlightPlan
from drone.plan.separation import LAYERS_MAX
from drone.reasons import reason
from drone.weather_source import observe
from kernel.clock import Clock
from kernel.config.lookout import LookoutConfig
from kernel.config.patrols import PatrolConfig
from kernel.drone_events import ReasonText

SEPARATION_UNKNOWN = reason(
    "separation_unknown",
    "有一架无人机在空中而其计划未知（控制服务重启过），暂不放飞其他无人机",
    "a drone is in the air whose plan is not known (the service was restarted); no other is launched meanwhile",
)


@dataclass(frozen=True, slots=True)
class Launched:
    """What became of a launch: a flight by one drone, or the reasons of the preferred one."""

    drone_id: str | None
    flight_id: str | None = None
    reasons: tuple[ReasonText, ...] = ()


class Launcher:
    """Starts flights; one at a time, so that each is checked against all the others.

    Args:
        keepers: of every drone, by id.
    """

    def __init__(self, config: LookoutConfig, keepers: Mapping[str, DroneKeeper], clock: Clock) -> None:
        self._config, self._keepers, self._clock = config, keepers, clock
        self.air = Air(config.data_dir, clock, keepers)
        self._one_at_a_time = asyncio.Lock()

    def others(self, drone_id: str) -> Neighbours:
        """Plans of all the other drones that fly, our own and those of other controllers; and why one is not known."""
        own, around = self._own_others(drone_id), self.air.others_of(drone_id)
        return Neighbours((*own.plans, *around.plans), (*own.reasons, *around.reasons))

    def _own_others(self, drone_id: str) -> Neighbours:
        """Plans of our own other drones that fly; and why one, or where it is, is not known."""
        flying = [keeper for keeper in self._keepers.values() if keeper.is_busy and keeper.drone.id != drone_id]
        plans = [keeper.plan for keeper in flying if keeper.plan is not None]
        why = [place_unknown(one.drone.label) for one in flying if is_out_of_sight(one)]
        if len(plans) < len(flying):
            why.append(SEPARATION_UNKNOWN)
        return Neighbours(tuple(plans), tuple(why))

    async def launch(self, patrol: PatrolConfig, drone_ids: tuple[str, ...], **why: Any) -> Launched:
        """Start a patrol with the first of some drones that may fly it.

        Args:
            why: actor, cause, patrol_id, and run_id or alert_id, for the brief.
        """
        async with self._one_at_a_time:
            refused: Launched | None = None
            for drone_id in drone_ids:
                keeper = self._keepers[drone_id]
                if len(drone_ids) > 1 and keeper.not_ready:
                    tried = Launched(drone_id, reasons=keeper.not_ready)
                else:
                    tried = await self._try(patrol, keeper, why)
                if tried.flight_id is not None:
                    return tried
                if refused is None or refused.reasons == (BUSY,):
                    refused = tried
            return refused or Launched(None, reasons=(BUSY,))

    async def _try(self, patrol: PatrolConfig, keeper: DroneKeeper, why: dict[str, Any]) -> Launched:
        drone = keeper.drone
        if keeper.is_busy:
            return Launched(drone.id, reasons=(BUSY,))
        others = self._own_others(drone.id)
        if others.reasons:
            return Launched(drone.id, reasons=others.reasons)
        plan = partial(self._prepare, patrol, keeper, others.plans)
        if keeper.vehicle_state is None:  # not in our hands: perhaps in another controller's, whose files are its own
            found = await asyncio.to_thread(plan, ())
            return Launched(drone.id, reasons=found.reasons or keeper.not_ready)
        found, brief = await asyncio.to_thread(self.air.decide, drone.id, plan, partial(brief_of, drone, **why))
        if found.plan is None or brief is None:
            return Launched(drone.id, reasons=found.reasons)
        refusal = keeper.launch(brief, found.plan)
        if refusal:
            await asyncio.to_thread(self.air.leave, drone.id)
        return Launched(drone.id, None if refusal else brief.flight_id, refusal)

    def _prepare(
        self,
        patrol: PatrolConfig,
        keeper: DroneKeeper,
        own: tuple[FlightPlan, ...],
        foreign: tuple[FlightPlan, ...],
    ) -> Prepared:
        weather, now = observe(self._config), self._clock.now()
        others = (*own, *foreign)
        return prepared(self._config, patrol, keeper.drone, now, weather, others=others, layers=LAYERS_MAX)
