/** The routes about drones: what is known of them, and orders to them. */

import type {
  Drone,
  DroneOrder,
  Flight,
  OrderTaken,
  Patrol,
  PatrolRun,
  SiteMap,
} from "../model/drone-contract.ts";
import { json } from "./client.ts";

const at = encodeURIComponent;

export const fleetApi = {
  drones: async () => (await json<{ drones: Drone[] }>("GET", "/api/drones")).drones,
  patrols: async () => (await json<{ patrols: Patrol[] }>("GET", "/api/patrols")).patrols,
  flights: async (limit: number) => (await json<{ flights: Flight[] }>("GET", `/api/flights?limit=${limit}`)).flights,
  runs: async (limit: number) => (await json<{ runs: PatrolRun[] }>("GET", `/api/patrols/runs?limit=${limit}`)).runs,
  map: () => json<SiteMap>("GET", "/api/map"),
  start: (patrolId: string, droneId: string | null) =>
    json<OrderTaken>("POST", `/api/patrols/${at(patrolId)}/start`, droneId === null ? {} : { drone_id: droneId }),
  confirm: (runId: string) => json<OrderTaken>("POST", `/api/patrols/runs/${at(runId)}/confirm`, {}),
  order: (droneId: string, order: DroneOrder, flightId: string | null) =>
    json<OrderTaken>("POST", `/api/drones/${at(droneId)}/${order}`, flightId === null ? {} : { flight_id: flightId }),
  askOffer: (alertId: string) => json<unknown>("POST", `/api/alerts/${at(alertId)}/dispatch/offer`, {}),
  dispatch: (alertId: string, droneId: string) =>
    json<OrderTaken>("POST", `/api/alerts/${at(alertId)}/dispatch`, { drone_id: droneId }),
};
