import { describe, expect, test } from "vitest";

import { translate } from "../src/i18n/index.ts";
import { batteryTone, droneView, height, isNewerDrone } from "../src/model/drones.ts";
import type { HeardDrone } from "../src/model/drones.ts";
import type { Drone, DroneTelemetry, FlightState } from "../src/model/drone-contract.ts";
import { airborne, askingFor, droneOfCamera, NO_FLEET, openOffer, withDispatch, withDispatches, withDrone, withDrones, withFlight, withRun } from "../src/model/fleet.ts";
import { held, HOLD_MS, NOT_HELD, pressed, progress, released } from "../src/model/hold.ts";
import { fleetNotices } from "../src/model/notices.ts";
import { orderKey } from "../src/model/order-dialog.ts";
import { ASKED_TWICE, ordersOf } from "../src/model/orders.ts";
import { against, lastResult, mergedFlights, nextRun, openRun, outcomeTone, patrolStatus, reasonWords } from "../src/model/patrols.ts";
import { mayFly, mayOffer } from "../src/model/roles.ts";
import { linkWords, percentWords } from "../src/view/drone-words.ts";
import { unheard } from "../src/view/reasons.ts";
import { after, dispatchOf, droneOf, flightOf, NOON_MS, parkedDrone, patrolOf, planOfNorth, positionOf, runOf, telemetryOf, WINDY } from "./fleet-samples.ts";

const heard = (drone: Drone): HeardDrone => ({ drone, heardAtMs: NOON_MS });
const withTelemetry = (part: Partial<DroneTelemetry>, drone: Partial<Drone> = {}): HeardDrone =>
  heard(droneOf({ telemetry: telemetryOf(part), ...drone }));

describe("a drone that is not heard never looks live", () => {
  test("live while words come", () => {
    const view = droneView(heard(droneOf()), NOON_MS + 900);
    expect(view).toMatchObject({ link: "live", silent_s: 0, isCurrent: true, isAirborne: true });
    expect(linkWords("zh", view)).toBe("链路正常");
  });

  test.each([
    [4_900, "live", true],
    [5_000, "silent", false],
    [60_000, "silent", false],
  ])("after %d ms without telemetry it is %s", (silence_ms, link, isCurrent) => {
    expect(droneView(heard(droneOf()), NOON_MS + silence_ms)).toMatchObject({ link, isCurrent, isAirborne: true });
  });

  test("a lost link counts from the last heartbeat and goes on counting", () => {
    const lost = withTelemetry({ link: "lost", heartbeat_age_s: 7.5 });
    const view = droneView(lost, NOON_MS + 600);
    expect(view).toMatchObject({ link: "lost", silent_s: 8, isCurrent: false });
    expect(linkWords("zh", view)).toBe("失联 8 秒");
    expect(linkWords("en", droneView(lost, NOON_MS + 3_600))).toBe("Lost for 11 s");
  });

  test("what was old when it came is as old here", () => {
    const late = heard(droneOf({ telemetry_age_s: 42, is_stale: true }));
    expect(droneView(late, NOON_MS)).toMatchObject({ link: "silent", silent_s: 42, isCurrent: false });
  });

  test("the page's clock may be wrong by hours: ages are counted from the arrival", () => {
    const view = droneView({ drone: droneOf(), heardAtMs: NOON_MS + 9e6 }, NOON_MS + 9e6 + 1000);
    expect(view.link).toBe("live");
  });

  test("a link that is said to be up on an old heartbeat is not", () => {
    expect(droneView(withTelemetry({ heartbeat_age_s: 6 }), NOON_MS).link).toBe("lost");
  });

  test("a position that stands while the heartbeats come is no position of now", () => {
    const view = droneView(withTelemetry({ at: after(9), position: positionOf() }), NOON_MS);
    expect(view).toMatchObject({ link: "live", isCurrent: false });
    expect(linkWords("zh", view)).toBe("位置已停滞 9 秒");
    expect(droneView(withTelemetry({ position: positionOf({ lat: 0, lon: 0 }) }), NOON_MS).position).toBeNull();
  });

  test("one that was never heard has nothing to show", () => {
    const view = droneView(heard(droneOf({ telemetry: null, telemetry_age_s: null, is_stale: true, flight: null })), NOON_MS);
    expect(view).toMatchObject({ link: "never", position: null, isCurrent: false, isAirborne: false });
    expect(linkWords("en", view)).toBe("Never heard");
  });
});

describe("in the air, as far as is known", () => {
  test("silence does not land it, and neither does a telemetry that lost its flight", () => {
    expect(droneView(heard(droneOf()), NOON_MS + 3.6e6).isAirborne).toBe(true);
    expect(droneView(withTelemetry({ flight_state: "idle", armed: true }, { flight: null }), NOON_MS).isAirborne).toBe(true);
    expect(droneView(withTelemetry({ flight_state: "idle", armed: false }), NOON_MS).isAirborne).toBe(true);
    expect(droneView(heard(parkedDrone()), NOON_MS).isAirborne).toBe(false);
  });

  test("height is above ground where the terrain is known, and says which it is", () => {
    expect(height(positionOf())).toEqual({ metres: 58.4, above: "ground" });
    expect(height(positionOf({ alt_ground_m: null }))).toEqual({ metres: 61.2, above: "home" });
  });

  test("a battery that is not told is no empty one", () => {
    expect([null, -1, 0, 19.9, 34, 35].map(batteryTone)).toEqual(["unknown", "unknown", "empty", "empty", "low", "ok"]);
    expect([null, -1, 76.9].map(percentWords)).toEqual(["—", "—", "76%"]);
  });
});

describe("orders", () => {
  const ordersIn = (state: FlightState, part: Partial<DroneTelemetry> = {}): string[] =>
    ordersOf(droneView(withTelemetry({ flight_state: state, ...part }, { flight: flightOf({ state }) }), NOON_MS));

  test.each([
    ["patrolling", ["pause", "return", "land", "abort"]],
    ["paused", ["resume", "return", "land", "abort"]],
    ["dispatched", ["pause", "orbit", "resume", "return", "land", "abort"]],
    ["returning", ["return", "land", "abort"]],
    ["taken_over", ["return", "land"]],
    ["taking_off", ["return", "abort"]],
  ] as const)("%s: %o", (state, orders) => {
    expect(ordersIn(state)).toEqual(orders);
  });

  test("RETURN stays when the link is lost", () => {
    expect(ordersIn("patrolling", { link: "lost", heartbeat_age_s: 30 })).toContain("return");
  });

  test("on the ground there is nothing to call back; a flight that is being prepared can be aborted", () => {
    expect(ordersOf(droneView(heard(parkedDrone()), NOON_MS))).toEqual([]);
    const uploading = telemetryOf({ flight_state: "uploading", armed: false });
    const preparing = droneOf({ telemetry: uploading, flight: flightOf({ state: "uploading" }) });
    expect(ordersOf(droneView(heard(preparing), NOON_MS))).toEqual(["abort"]);
  });

  test("one in the air without a flight of ours can be called back", () => {
    const stray = withTelemetry({ flight_state: "idle", armed: true }, { flight: null });
    expect(ordersOf(droneView(stray, NOON_MS))).toEqual(["return", "land"]);
  });

  test("what brings it down elsewhere, or ends its task, is asked twice", () => {
    expect([...ASKED_TWICE]).toEqual(["land", "abort"]);
  });

  test("pilots, duty officers and administrators fly; operators may ask who could", () => {
    const roles = ["viewer", "operator", "duty_officer", "pilot", "maintainer", "auditor", "admin", undefined];
    expect(roles.filter(mayFly)).toEqual(["duty_officer", "pilot", "admin"]);
    expect(roles.filter(mayOffer)).toEqual(["operator", "duty_officer", "pilot", "admin"]);
  });

  test("two orders for one drone have two names", () => {
    const land = orderKey({ kind: "drone", droneId: "uav-1", order: "land" });
    const keys = [
      land,
      orderKey({ kind: "drone", droneId: "uav-1", order: "return" }),
      orderKey({ kind: "drone", droneId: "uav-2", order: "land" }),
      orderKey({ kind: "start", patrolId: "north", droneId: null }),
      orderKey({ kind: "confirm", patrolId: "north", runId: "r" }),
      orderKey({ kind: "dispatch", alertId: "A", droneId: "uav-1" }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(orderKey({ kind: "start", patrolId: "north", droneId: "uav-2" })).toBe(keys[3]);
  });
});

describe("holding a button", () => {
  test("acts after its second, once, and not before", () => {
    const begun = pressed(NOT_HELD, 0);
    expect(held(begun, HOLD_MS - 1)).toBe(begun);
    expect(held(begun, HOLD_MS)).toEqual({ phase: "done" });
    expect(held(held(begun, HOLD_MS), 9e9)).toEqual({ phase: "done" });
    expect([0, 250, 5000].map((at) => progress(begun, at))).toEqual([0, 0.25, 1]);
  });

  test("a key that repeats does not begin again, and letting go does", () => {
    const begun = pressed(NOT_HELD, 0);
    expect(pressed(begun, 900)).toBe(begun);
    expect(pressed(released(), 900)).toEqual({ phase: "holding", sinceMs: 900 });
    expect(held(released(), 9e9)).toBe(NOT_HELD);
  });
});

describe("the fleet as events come", () => {
  const fleet = withDrones(NO_FLEET, [droneOf()], NOON_MS);

  test("an older word never replaces a newer one, and a silence is told with the same telemetry", () => {
    const newer = droneOf({ telemetry: telemetryOf({ at: after(1) }) });
    expect(withDrone(withDrone(fleet, newer, NOON_MS), droneOf(), NOON_MS).drones.get("uav-1")?.drone).toEqual(newer);
    const silent = droneOf({ telemetry_age_s: 5.4, is_stale: true });
    expect(isNewerDrone(silent, droneOf())).toBe(true);
    expect(isNewerDrone(droneOf({ flight: flightOf({ change: 2 }) }), droneOf())).toBe(false);
  });

  test("a drone that is no longer told of is gone", () => {
    expect(withDrones(fleet, [], NOON_MS).drones.size).toBe(0);
    expect(withDrones(NO_FLEET, [], NOON_MS).loaded).toBe(true);
  });

  test("the trail follows what is heard now, not what is remembered", () => {
    expect(fleet.trails.get("uav-1")).toHaveLength(1);
    const silent = droneOf({ is_stale: true, telemetry_age_s: 6, telemetry: telemetryOf({ position: positionOf({ lat: 41.78, at: after(1) }), at: after(1) }) });
    expect(withDrone(fleet, silent, NOON_MS).trails.get("uav-1")).toHaveLength(1);
  });

  test("a flight that is over leaves its drone and stands in the history", () => {
    const landed = flightOf({ change: 9, state: "landed", outcome: "done", ended_at: after(60) });
    const done = withFlight(fleet, landed);
    expect(done.drones.get("uav-1")?.drone.flight).toBeNull();
    expect(done.flights).toEqual([landed]);
    expect(withFlight(done, flightOf()).flights).toEqual([landed]);
  });

  test("telemetry that was told with an older change of the flight does not set it back", () => {
    const further = withFlight(fleet, flightOf({ change: 7, items_reached: 2 }));
    const late = droneOf({ telemetry: telemetryOf({ at: after(1) }) });
    expect(withDrone(further, late, NOON_MS).drones.get("uav-1")?.drone.flight?.items_reached).toBe(2);
    const landed = withFlight(fleet, flightOf({ change: 9, state: "landed", outcome: "done", ended_at: after(60) }));
    expect(withDrone(landed, late, NOON_MS).drones.get("uav-1")?.drone.flight).toBeNull();
  });

  test("a change of an older flight does not put it back on its drone", () => {
    const next = withFlight(fleet, flightOf({ flight_id: "F2", change: 1, started_at: after(600) }));
    expect(next.drones.get("uav-1")?.drone.flight?.flight_id).toBe("F2");
    const late = withFlight(next, flightOf({ change: 8, state: "landed", outcome: "done", ended_at: after(1) }));
    expect(late.drones.get("uav-1")?.drone.flight?.flight_id).toBe("F2");
  });

  test("a run that waits stands on its patrol until it is decided", () => {
    const waiting = withRun({ ...fleet, patrols: [patrolOf()] }, runOf());
    expect(waiting.patrols[0]?.awaiting?.run_id).toBe("north@1");
    const decided = withRun(waiting, runOf({ decision: "launched", decided_at: after(1) }));
    expect(decided.patrols[0]?.awaiting).toBeNull();
    expect(decided.runs).toHaveLength(1);
  });

  test("a dispatch is told once, in its order, and an older offer does not replace a newer one", () => {
    const changes = [dispatchOf({ stage: "en_route", at: after(2) }), dispatchOf()];
    const told = withDispatch(withDispatches(fleet, "A1", changes), dispatchOf());
    expect(told.dispatches.get("A1")?.map((change) => change.stage)).toEqual(["accepted", "en_route"]);
    const place = { place: { lat: 1, lon: 1 }, place_error_m: null };
    const offer = { type: "dispatch_offered", alert_id: "A1", ...place, at: after(5), expires_at: after(60), candidates: [] } as const;
    const offered = withDispatch(told, offer);
    expect(withDispatch(offered, { ...offer, at: after(1) })).toBe(offered);
    expect(openOffer(offered, "A1", NOON_MS)).toBe(offer);
    expect(openOffer(offered, "A1", NOON_MS + 60_000)).toBeNull();
    expect(openOffer(withDispatch(offered, dispatchOf({ stage: "refused", at: after(6) })), "A1", NOON_MS)).toBe(offer);
    expect(openOffer(withDispatch(offered, dispatchOf({ at: after(6) })), "A1", NOON_MS)).toBeNull();
    const asking = (asked_s: number | null, now_s: number): string =>
      askingFor(offered, "A1", asked_s === null ? null : NOON_MS + asked_s * 1000, NOON_MS + now_s * 1000);
    expect([asking(null, 90), asking(4, 7), asking(70, 73), asking(70, 76)]).toEqual(["no", "no", "waiting", "unanswered"]);
  });

  test("a camera knows its drone", () => {
    expect(droneOfCamera(fleet, "uav-1-cam")?.drone.id).toBe("uav-1");
    expect(droneOfCamera(fleet, "cam-01")).toBeUndefined();
    expect(droneOfCamera(withDrones(NO_FLEET, [droneOf({ camera_id: null })], NOON_MS), "")).toBeUndefined();
  });
});

describe("patrols", () => {
  test("fly, wait for a person, start, or rest", () => {
    const at = (drone: Drone, patrol = patrolOf()): string => patrolStatus(patrol, [heard(drone)], NOON_MS);
    expect(at(droneOf())).toBe("flying");
    expect(at(droneOf({ flight: flightOf({ state: "uploading" }) }))).toBe("starting");
    expect(at(parkedDrone())).toBe("idle");
    expect(at(parkedDrone(), patrolOf({ awaiting: runOf() }))).toBe("awaiting");
  });

  test("a run that nobody confirmed in time cannot be confirmed any more", () => {
    const patrol = patrolOf({ awaiting: runOf() });
    expect(openRun(patrol, NOON_MS)?.run_id).toBe("north@1");
    expect(openRun(patrol, NOON_MS + 300_000)).toBeNull();
    expect(openRun(patrolOf({ awaiting: runOf({ decision: "missed" }) }), NOON_MS)).toBeNull();
  });

  test("the next run counts down; one that passed is not the next", () => {
    expect(nextRun(patrolOf(), NOON_MS)?.in_s).toBe(3600);
    expect(nextRun(patrolOf({ next_runs: [after(-7200), after(60)] }), NOON_MS)?.in_s).toBe(60);
    expect(nextRun(patrolOf({ next_runs: [] }), NOON_MS)).toBeNull();
  });

  test("every reason is told once, in the language of the page", () => {
    const drone = heard(parkedDrone({ telemetry: telemetryOf({ not_ready: [WINDY, { ...WINDY, code: "low" }] }) }));
    const reasons = against(planOfNorth({ problems: [WINDY] }), drone);
    expect(reasons.map((reason) => reason.code)).toEqual(["wind", "low"]);
    expect(reasonWords("zh", WINDY)).toContain("风速");
    expect(reasonWords("en", WINDY)).toContain("wind");
    expect(reasonWords("en", { ...WINDY, message_en: "" })).toContain("风速");
    expect(reasonWords("zh", { code: "x", message_zh: "", message_en: "" })).toBe("x");
  });

  test("that a drone is not heard speaks against its start, whatever else is known", () => {
    const silent = { drone: parkedDrone(), heardAtMs: Date.now() - 9_500 };
    expect(unheard(silent)).toEqual([{ code: "not_heard", message_zh: "巡逻一号: 失联 9 秒", message_en: "巡逻一号: Lost for 9 s" }]);
    expect(unheard({ drone: parkedDrone(), heardAtMs: Date.now() })).toEqual([]);
    expect(unheard(undefined)).toEqual([]);
  });

  test("only a patrol flown to its end went well", () => {
    expect(outcomeTone("done")).toBe("ok");
    expect((["refused", "failed", "returned", "aborted", "taken_over"] as const).map(outcomeTone)).toEqual(Array(5).fill("bad"));
  });

  test("the last result is the flight or the refused run, whichever came later", () => {
    const flown = flightOf({ outcome: "done", ended_at: after(500) });
    const refused = runOf({ decision: "refused", decided_at: after(7200), reasons: [WINDY] });
    expect(lastResult(patrolOf(), [flown], [refused])).toMatchObject({ kind: "run" });
    expect(lastResult(patrolOf(), [flown], [{ ...refused, decided_at: after(-60) }])).toMatchObject({ kind: "flight" });
    expect(lastResult(patrolOf({ last_flight: flown }), [], [runOf({ decision: "launched", decided_at: after(9999) })])).toMatchObject({ kind: "flight" });
    expect(lastResult(patrolOf(), [flightOf()], [])).toBeNull();
  });

  test("a flight stands once, in its newest change, the newest flight first", () => {
    const merged = mergedFlights([flightOf({ change: 9 })], [flightOf({ change: 3 }), flightOf({ flight_id: "F0", started_at: after(-900) })]);
    expect(merged.map((flight) => [flight.flight_id, flight.change])).toEqual([["F1", 9], ["F0", 4]]);
  });
});

describe("notices", () => {
  const titles = (drone: Drone, patrol = patrolOf(), later_ms = 0): string[] =>
    fleetNotices({ ...withDrones(NO_FLEET, [drone], NOON_MS), patrols: [patrol] }, NOON_MS + later_ms, NOON_MS).map((notice) =>
      translate("zh", notice.title.key, notice.title.params),
    );

  test("a drone in the air that is not heard, not one that stands", () => {
    expect(titles(droneOf())).toEqual([]);
    expect(titles(droneOf(), patrolOf(), 8_000)).toEqual(["巡逻一号 失联 8 秒"]);
    expect(titles(parkedDrone(), patrolOf(), 8_000)).toEqual([]);
  });

  test("a run that waits for a person", () => {
    expect(titles(parkedDrone(), patrolOf({ awaiting: runOf() }))).toEqual(["待确认：北环"]);
    expect(airborne(withDrones(NO_FLEET, [parkedDrone()], NOON_MS), NOON_MS)).toEqual([]);
  });
});
