import { describe, expect, test } from "vitest";

import { translate } from "../src/i18n/index.ts";
import { EMPTY_BOOK } from "../src/model/alerts.ts";
import type { GroundSighting, SightsUpdate } from "../src/model/drone-contract.ts";
import { around, errorWords, marked, placeWords, sureness, whyNowhere } from "../src/model/place.ts";
import { distance_m } from "../src/model/projection.ts";
import { leastSeparation } from "../src/model/separation.ts";
import { isOutline, sightShape } from "../src/model/sight-shapes.ts";
import {
  ellipse95,
  FAINTEST,
  GONE_MS,
  LIVE_MS,
  liveFootprint,
  MOST_SIGHTED,
  NO_SIGHTS,
  sightCount,
  sightGroups,
  sightsPicture,
  sightViews,
  turn_deg,
  within95_m,
  withoutGone,
  withSights,
} from "../src/model/sights.ts";
import type { CameraSights, Sights } from "../src/model/sights.ts";
import { groupWords, sightWords } from "../src/view/map-sights.ts";
import { separationWords } from "../src/view/drone-words.ts";
import { droneOf, flightOf, telemetryOf } from "./fleet-samples.ts";
import { alertOf } from "./samples.ts";

const T0 = Date.parse("2026-03-01T04:00:00Z");
const HERE = { lat: 41.77, lon: 109.97 };

function seen(track_id: number, part: Partial<GroundSighting> = {}): GroundSighting {
  return {
    track_id,
    class_name: "person",
    confidence: 0.9,
    place: HERE,
    error_m: 4.1,
    major_m: 3.5,
    minor_m: 2.1,
    major_bearing_deg: 30,
    unplaced: "",
    ...part,
  };
}

function frameAt(after_ms: number, sightings: readonly GroundSighting[], part: Partial<SightsUpdate> = {}): SightsUpdate {
  const captured_at = new Date(T0 + after_ms).toISOString();
  return { camera_id: "uav-1-cam", drone_id: "uav-1", captured_at, sightings, footprint: [HERE, HERE, HERE, HERE], unplaced: "", ...part };
}

/** Frames as they came, each the moment it was taken. */
function told(...frames: readonly SightsUpdate[]): Sights {
  return frames.reduce((sights, frame) => withSights(sights, frame, Date.parse(frame.captured_at), 0), NO_SIGHTS);
}

function camera(sights: Sights): CameraSights {
  const found = sights.get("uav-1-cam");
  if (found === undefined) throw new Error("nothing is known of that camera");
  return found;
}

const states = (sights: Sights, after_ms: number): [number, boolean][] =>
  sightViews(camera(sights), T0 + after_ms, 0).map(({ sighting, isLive }) => [sighting.track_id, isLive]);

describe("a place that is not of now never looks live", () => {
  test.each([
    [0, [[7, true]]],
    [LIVE_MS - 1, [[7, true]]],
    [LIVE_MS, [[7, false]]],
    [GONE_MS - 1, [[7, false]]],
    [GONE_MS, []],
  ])("%d ms after the frame", (after_ms, expected) => {
    expect(states(told(frameAt(0, [seen(7)])), after_ms)).toEqual(expected);
  });

  test("who is not in the newest frame is old at once, and lies under who is", () => {
    const sights = told(frameAt(0, [seen(7), seen(8)]), frameAt(500, [seen(8)]));
    expect(states(sights, 500)).toEqual([
      [7, false],
      [8, true],
    ]);
  });

  test("who is seen without a place any more keeps the one it had, as an old one", () => {
    const sights = told(frameAt(0, [seen(7)]), frameAt(500, [seen(7, { place: null, error_m: null, unplaced: "cut_off" })]));
    expect(states(sights, 500)).toEqual([[7, false]]);
  });

  test("it fades with its age, in words too", () => {
    const view = sightViews(camera(told(frameAt(0, [seen(7)]))), T0 + 6_000, 0)[0];
    expect(view).toMatchObject({ isLive: false, age_s: 6 });
    expect(view?.strength).toBeCloseTo(0.4 + 0.6 * FAINTEST);
    expect(view === undefined ? "" : sightWords("zh", view)).toBe("人员 6 秒前");
    expect(view === undefined ? "" : sightWords("en", view)).toBe("Person 6 s ago");
  });

  test("a frame that overtook another is not replaced by it", () => {
    const sights = told(frameAt(500, [seen(8)]));
    expect(withSights(sights, frameAt(0, [seen(7)]), T0 + 600, 0)).toBe(sights);
    expect(withSights(sights, frameAt(0, [], { captured_at: "" }), T0 + 600, 0)).toBe(sights);
  });

  test("the server's clock decides, and one that is ahead makes nothing younger than its word", () => {
    const late = withSights(NO_SIGHTS, frameAt(0, [seen(7)]), T0 + 9e6, 5_000 - 9e6);
    expect(sightViews(camera(late), T0 + 9e6, 5_000 - 9e6)[0]?.isLive).toBe(false);
    const ahead = withSights(NO_SIGHTS, frameAt(60_000, [seen(7)]), T0, 0);
    expect(sightViews(camera(ahead), T0 + LIVE_MS, 0)[0]?.isLive).toBe(false);
    expect(sightViews(camera(ahead), T0 + GONE_MS, 0)).toEqual([]);
  });

  test("the ground in the picture is drawn only while it is", () => {
    const known = camera(told(frameAt(0, [])));
    expect(liveFootprint(known, T0 + 100, 0)).toHaveLength(4);
    expect(liveFootprint(known, T0 + LIVE_MS, 0)).toEqual([]);
    expect(liveFootprint(camera(told(frameAt(0, [], { footprint: [HERE, HERE] }))), T0, 0)).toEqual([]);
  });

  test("counts of then are no counts of now", () => {
    expect(sightCount(camera(told(frameAt(0, [seen(7)]))), T0 + LIVE_MS, 0)).toBeNull();
  });
});

describe("twelve hours of it", () => {
  test("keep no more than is drawn", () => {
    const frames = Array.from({ length: 400 }, (_, i) => frameAt(i * 500, [seen(i), seen(i + 10_000)]));
    expect(camera(told(...frames)).sighted.size).toBeLessThanOrEqual((2 * GONE_MS) / 500);
    const crowd = Array.from({ length: MOST_SIGHTED + 40 }, (_, i) => seen(i));
    expect(camera(told(frameAt(0, crowd))).sighted.size).toBe(MOST_SIGHTED);
  });

  test("a camera that told its last is let go, and until then the value stays the same", () => {
    const sights = told(frameAt(0, [seen(7)]));
    expect(withoutGone(sights, T0 + GONE_MS - 1, 0)).toBe(sights);
    expect(withoutGone(sights, T0 + GONE_MS, 0).size).toBe(0);
  });
});

test("several cameras are drawn together, the live over the old, whoever tells", () => {
  const sights = told(frameAt(0, [seen(7)]), frameAt(3_000, [seen(1)], { camera_id: "uav-2-cam", drone_id: "uav-2" }));
  const picture = sightsPicture([...sights.values()].reverse(), T0 + 3_000, 0);
  expect(picture.views.map(({ cameraId, isLive }) => [cameraId, isLive])).toEqual([
    ["uav-1-cam", false],
    ["uav-2-cam", true],
  ]);
  expect(picture.looks.map(({ cameraId }) => cameraId)).toEqual(["uav-2-cam"]);
});

describe("what lies close together is drawn as one", () => {
  const sights = told(
    frameAt(0, [seen(9)]),
    frameAt(500, [seen(1), seen(2, { class_name: "truck" }), seen(3), seen(4)]),
  );
  const views = sightViews(camera(sights), T0 + 500, 0);
  const at = (...xs: readonly number[]): [number, number][] => xs.map((x) => [x, 0]);

  test("with its count, the live never with the old", () => {
    const groups = sightGroups(views, at(0, 0, 5, 12, 30), 13);
    expect(groups.map(({ all }) => all.map(({ sighting }) => sighting.track_id))).toEqual([[9], [1, 2, 3], [4]]);
    expect(groups.map((group) => groupWords("zh", group))).toEqual(["人员 1 秒前", "人员 2 · 卡车 1", "人员 ±9 m"]);
  });

  test("an old one tells its age", () => {
    const [group] = sightGroups(sightViews(camera(sights), T0 + 6_500, 0).slice(1), at(0, 1, 2, 3), 13);
    expect(group === undefined ? "" : groupWords("en", group)).toBe("Person 3 · Truck 1 · 6 s ago");
  });
});

describe("errors hold what they say", () => {
  test("the ellipse is that of 95%, from one of one sigma", () => {
    expect(ellipse95(seen(7))).toEqual({ major_m: expect.closeTo(3.5 * 2.4477), minor_m: expect.closeTo(2.1 * 2.4477), bearing_deg: 30 });
  });

  test("its long axis lies along its bearing: to the right for east, up for north", () => {
    const turned = (bearing_deg: number): number => turn_deg({ major_m: 2, minor_m: 1, bearing_deg });
    expect([90, 0, 180].map(turned)).toEqual([0, -90, 90]);
  });

  test("without its axes it is a circle, without anything nothing", () => {
    const round = { major_m: null, minor_m: null, major_bearing_deg: null };
    expect(ellipse95(seen(7, round))).toEqual({ major_m: 8.2, minor_m: 8.2, bearing_deg: 0 });
    expect(ellipse95(seen(7, { ...round, error_m: null }))).toBeNull();
  });

  test("figures are rounded to less sure, never to surer", () => {
    expect(within95_m(seen(7))).toBe(9);
    expect(within95_m(seen(7, { error_m: null }))).toBeNull();
    expect(errorWords("zh", 18.2)).toBe("±19 m（95%）");
    expect(separationWords({ least_m: 24.68, otherId: null, isTooNear: false })).toBe("24.6 m");
  });
});

describe("what is seen is counted", () => {
  test("by class, most first, with the span of errors; and by why it has no place", () => {
    const frame = frameAt(0, [
      seen(1, { class_name: "car", error_m: 6 }),
      seen(2),
      seen(3, { error_m: 3 }),
      seen(4, { place: null, error_m: null, unplaced: "grazing" }),
    ]);
    expect(sightCount(camera(told(frame)), T0, 0)).toEqual({
      placed: [
        { className: "person", count: 2, least_m: 6, most_m: 9 },
        { className: "car", count: 1, least_m: 12, most_m: 12 },
      ],
      unplaced: [{ why: "grazing", count: 1 }],
      blind: "",
    });
  });

  test("why nothing can be placed comes through", () => {
    expect(sightCount(camera(told(frameAt(0, [], { unplaced: "pose_old" }))), T0, 0)?.blind).toBe("pose_old");
  });
});

test("every class has a shape of its own, and what has none gets the cross", () => {
  const classes = ["person", "car", "truck", "bus", "bicycle", "motorcycle", "forklift"];
  expect(new Set(classes.map(sightShape)).size).toBe(classes.length);
  expect(sightShape("toString")).toBe(sightShape("forklift"));
  expect(classes.filter(isOutline)).toEqual(["bicycle"]);
});

describe("the place of an alert", () => {
  const alert = alertOf({ id: "a", seq: 1 });
  const placed = { ...alert, place: HERE, place_error_m: 18.2 };

  test("says how sure it is, or whose place it is", () => {
    expect(placeWords("zh", placed)).toBe("41.77000, 109.97000 (WGS\u201184)");
    expect(sureness("zh", placed)).toBe("±19 m（95%）");
    expect(sureness("en", { ...placed, place_error_m: null })).toBe(translate("en", "place.of_camera"));
    expect(sureness("en", { ...placed, place_error_m: null, kind: "camera_offline" })).toBe(translate("en", "place.camera"));
    expect(sureness("en", { ...placed, place_error_m: null, kind: "drone_failed" })).toBe(translate("en", "place.of_drone"));
  });

  test("that is not known says why", () => {
    expect(placeWords("zh", { ...alert, unplaced: "grazing" })).toBe("不明：视线过于接近水平");
    expect(placeWords("zh", alert)).toBe("");
    expect(sureness("zh", alert)).toBe("");
  });

  test("without one no drone is sent, with the reason; what flies is not to be given a place in the config", () => {
    expect(whyNowhere("zh", placed, true)).toBeNull();
    expect(whyNowhere("en", { ...alert, unplaced: "pose_old" }, true)).toContain("too old");
    expect(whyNowhere("en", alert, false)).toContain("config");
    expect(whyNowhere("en", alert, true)).not.toContain("config");
  });

  test("is marked while it is open, the most urgent over the others; a map about one marks that one only", () => {
    const at = (id: string, part: Partial<typeof alert>): typeof alert => alertOf({ id, seq: 1, place: HERE, ...part });
    const handled = at("h", { state: "acknowledged" });
    const all = [at("r", { level: "red" }), at("b", { level: "blue" }), at("n", { place: null }), handled];
    const book = { ...EMPTY_BOOK, byId: new Map(all.map((one) => [one.id, one])) };
    expect(marked(book, null).map(({ id }) => id)).toEqual(["b", "r"]);
    expect(marked(book, handled).map(({ id }) => id)).toEqual(["h"]);
  });

  test("its map shows all of the error", () => {
    expect(around(alert)).toEqual([]);
    const corners = around(placed);
    expect(corners[0]).toEqual(HERE);
    for (const corner of corners.slice(1)) expect(distance_m(HERE, corner)).toBeCloseTo(18.2 * Math.SQRT2, 1);
  });
});

describe("the least distance from another drone", () => {
  const near = { least_separation_m: 24.6, nearest_drone_id: "uav-2" };

  test("is the lesser of what telemetry and the flight's record tell", () => {
    const drone = droneOf({ telemetry: telemetryOf(near) });
    expect(leastSeparation(drone, flightOf())).toEqual({ least_m: 24.6, otherId: "uav-2", isTooNear: false });
    const record = flightOf({ least_separation_m: 22, nearest_drone_id: "uav-3" });
    expect(leastSeparation(drone, record)).toMatchObject({ least_m: 22, otherId: "uav-3" });
  });

  test("of another flight is not this one's", () => {
    const drone = droneOf({ telemetry: telemetryOf({ ...near, flight_id: "F2" }) });
    expect(leastSeparation(drone, flightOf())).toBeNull();
  });

  test("a tenth under what is kept is let be used up, more is too near", () => {
    const of = (least_separation_m: number): boolean | undefined =>
      leastSeparation(droneOf(), flightOf({ least_separation_m }))?.isTooNear;
    expect([of(18), of(17.9)]).toEqual([false, true]);
    expect(leastSeparation(undefined, flightOf(near))).toMatchObject({ least_m: 24.6, isTooNear: false });
  });
});
