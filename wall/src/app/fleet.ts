/** Keeps what is known of the drones current, and sends orders to them. */

import { ApiError } from "../api/client.ts";
import { fleetApi } from "../api/fleet.ts";
import { phrase, word } from "../i18n/index.ts";
import type { Words } from "../i18n/index.ts";
import type { DroneOrder, OrderTaken, SightsUpdate } from "../model/drone-contract.ts";
import {
  airborne,
  droneOfCamera,
  withDispatch,
  withDispatches,
  withDrone,
  withDrones,
  withFlight,
  withRun,
} from "../model/fleet.ts";
import type { DispatchEvent } from "../model/drone-contract.ts";
import type { HeardDrone } from "../model/drones.ts";
import type { Fleet } from "../model/fleet.ts";
import { orderKey } from "../model/order-dialog.ts";
import type { Order, OrderFailure } from "../model/order-dialog.ts";
import { ASKED_TWICE } from "../model/orders.ts";
import { mergedFlights, mergedRuns } from "../model/patrols.ts";
import { whyNowhere } from "../model/place.ts";
import { isPlace } from "../model/projection.ts";
import { mayFly, mayOffer, mayWatch } from "../model/roles.ts";
import { withoutGone, withSights } from "../model/sights.ts";
import type { FeedListener } from "../api/events.ts";
import { explain, toast } from "./actions.ts";
import { serverNowMs, store } from "./wall.ts";

const HISTORY = 50;
/** Plans, next runs and zones that turn with the hour: asked for this often while the page shows them. */
const WATCHED_MS = 10_000;
const UNWATCHED_MS = 60_000;

const TOGETHER_MS = 200;
const coming = new Map<string, HeardDrone>();
const seen = new Map<string, SightsUpdate>();
let arrival: ReturnType<typeof setTimeout> | undefined;
let asking: Promise<void> | null = null;
let askedAtMs = 0;
let changed = false;

function change(fleet: Fleet): void {
  store.set({ fleet });
}

/** Takes what came of all drones at once: a fleet tells of itself and of what it sees twice a second, each for itself. */
function arrived(): void {
  arrival = undefined;
  const [came, looks] = [[...coming.values()], [...seen.values()]];
  coming.clear();
  seen.clear();
  const { offsetMs } = store.state.link;
  store.set({
    fleet: came.reduce((fleet, { drone, heardAtMs }) => withDrone(fleet, drone, heardAtMs), store.state.fleet),
    sights: looks.reduce((sights, update) => withSights(sights, update, Date.now(), offsetMs), store.state.sights),
  });
}

/** What the event stream brings of drones. */
export const fleetFeed: Pick<FeedListener, "drone" | "sights" | "flight" | "run" | "dispatch"> = {
  sights: (update) => {
    seen.set(update.camera_id, update);
    arrival ??= setTimeout(arrived, TOGETHER_MS);
  },
  drone: (drone) => {
    coming.set(drone.id, { drone, heardAtMs: Date.now() });
    arrival ??= setTimeout(arrived, TOGETHER_MS);
  },
  flight: (flight) => {
    changed = true;
    change(withFlight(store.state.fleet, flight));
  },
  run: (run) => {
    changed = true;
    change(withRun(store.state.fleet, run));
  },
  dispatch: (event) => change(withDispatch(store.state.fleet, event)),
};

/** Asks for everything about drones; calls at once share one answer. */
export function loadFleet(): Promise<void> {
  asking ??= fetchFleet().finally(() => {
    asking = null;
  });
  return asking;
}

async function fetchFleet(): Promise<void> {
  if (!mayWatch(store.state.session.user?.role)) return;
  askedAtMs = Date.now();
  changed = false;
  try {
    const [drones, patrols, flights, runs, site] = await Promise.all([
      fleetApi.drones(),
      fleetApi.patrols(),
      fleetApi.flights(HISTORY),
      fleetApi.runs(HISTORY),
      fleetApi.map(),
    ]);
    const fleet = withDrones(store.state.fleet, drones, Date.now());
    const history = { flights: mergedFlights(fleet.flights, flights), runs: mergedRuns(fleet.runs, runs) };
    store.set({ fleet: { ...fleet, ...history, patrols, map: { site, askedAtMs } }, fleetProblem: null });
  } catch (error) {
    // What was known keeps its age on the page; the next second asks again.
    if (!(error instanceof ApiError)) throw error;
    store.set({ fleetProblem: explain(error) });
  }
}

/** Once a second: asks again when something changed, or what is shown grows old; lets go of what nobody sees any more. */
export async function keepFleet(nowMs: number): Promise<void> {
  store.set({ sights: withoutGone(store.state.sights, nowMs, store.state.link.offsetMs) });
  const { fleet, page, detailId } = store.state;
  const watched = page === "patrol" || detailId !== null || airborne(fleet, nowMs).length > 0;
  const age_ms = nowMs - askedAtMs;
  if (changed || !fleet.loaded ? age_ms >= 1_000 : age_ms >= (watched ? WATCHED_MS : UNWATCHED_MS)) await loadFleet();
}

/** Takes the history of an alert's dispatches. */
export function takeDispatches(alertId: string, events: readonly DispatchEvent[]): void {
  const changes = events.filter((event) => event.type === "dispatch_changed");
  const offers = events.filter((event) => event.type === "dispatch_offered");
  change(offers.reduce(withDispatch, withDispatches(store.state.fleet, alertId, changes)));
}

function refuses(): boolean {
  if (mayFly(store.state.session.user?.role)) return false;
  toast(phrase("error.forbidden"), "error");
  return true;
}

/** Shows what an order would do, before it is sent. */
export function ask(order: Order): void {
  if (!refuses()) store.set({ order: { order, failure: null } });
}

export function closeOrder(): void {
  store.set({ order: null });
}

/** Sends an order, or asks first where it can do harm. */
export function give(order: Order): void {
  if (order.kind === "drone" && !ASKED_TWICE.has(order.order)) void send(order);
  else ask(order);
}

export function isUnderWay(order: Order): boolean {
  return store.state.ordering.has(orderKey(order));
}

/** Sends an order once; a refusal stands in the dialog with every reason. */
export async function send(order: Order): Promise<void> {
  if (refuses() || isUnderWay(order)) return;
  const key = orderKey(order);
  store.set({ ordering: new Set(store.state.ordering).add(key) });
  try {
    await request(order);
    if (store.state.order !== null && orderKey(store.state.order.order) === key) closeOrder();
    toast(phrase("order.taken", { what: orderWords(order) }));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status !== 401) store.set({ order: { order, failure: failureOf(error) } });
  } finally {
    const ordering = new Set(store.state.ordering);
    ordering.delete(key);
    changed = true;
    store.set({ ordering });
  }
}

function request(order: Order): Promise<OrderTaken> {
  switch (order.kind) {
    case "start":
      return fleetApi.start(order.patrolId, order.droneId);
    case "confirm":
      return fleetApi.confirm(order.runId);
    case "drone":
      return fleetApi.order(order.droneId, order.order, flightFor(order.droneId, order.order));
    case "dispatch":
      return fleetApi.dispatch(order.alertId, order.droneId);
  }
}

/** An order is for the flight that is on the page, not for one that began since; what brings it down is for any. */
function flightFor(droneId: string, order: DroneOrder): string | null {
  if (order === "return" || order === "land") return null;
  return store.state.fleet.drones.get(droneId)?.drone.flight?.flight_id ?? null;
}

function failureOf(error: ApiError): OrderFailure {
  if (error.code === "refused" || error.reasons.length > 0) return { kind: "refused", reasons: error.reasons, words: explain(error) };
  // Without an answer of the drone service the order may have been carried out all the same.
  const unknown = error.status === 0 || error.status === 504;
  return { kind: unknown ? "no_answer" : "failed", reasons: error.reasons, words: explain(error) };
}

/** An order in words: what, and whom it is for. */
export function orderWords(order: Order): Words {
  const { drones, patrols } = store.state.fleet;
  const patrol = (id: string): string => patrols.find((known) => known.id === id)?.name ?? id;
  const drone = (id: string): string => drones.get(id)?.drone.name ?? id;
  switch (order.kind) {
    case "start":
    case "confirm":
      return phrase("order.about", { action: (language) => word(language, "order.action", order.kind), whom: patrol(order.patrolId) });
    case "drone":
      return phrase("order.about", { action: (language) => word(language, "order.action", order.order), whom: drone(order.droneId) });
    case "dispatch":
      return phrase("order.about", { action: (language) => word(language, "order.action", "dispatch"), whom: drone(order.droneId) });
  }
}

/** Asks the drone service which drones could look at an alert's place; the answer comes as an event. */
export function offerFor(alertId: string): void {
  if (!mayOffer(store.state.session.user?.role)) return toast(phrase("error.forbidden"), "error");
  if (store.state.fleet.drones.size === 0) return toast(phrase("patrol.no_drones"), "error");
  const alert = store.state.book.byId.get(alertId);
  if (alert !== undefined && !isPlace(alert.place)) {
    const flies = droneOfCamera(store.state.fleet, alert.camera_id) !== undefined;
    store.set({ detailId: alertId });
    return toast((language) => whyNowhere(language, alert, flies) ?? "", "error");
  }
  const offersAsked = new Map(store.state.offersAsked).set(alertId, serverNowMs());
  store.set({ detailId: alertId, offersAsked });
  void fleetApi.askOffer(alertId).then(
    () => undefined,
    (error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
      if (error.status !== 401) toast(explain(error), "error");
    },
  );
}
