import { describe, expect, test } from "vitest";

import { pageOf, place, prefersWideGrid, wrapPage } from "../src/model/arrangement.ts";
import { DWELL_MS, HOME, nextHotspot, pin } from "../src/model/hotspot.ts";
import { alertOf } from "./samples.ts";

const CAMERAS = ["c1", "c2", "c3", "c4", "c5", "c6"];

function slots(...args: Parameters<typeof place>): Record<string, number> {
  return Object.fromEntries(place(...args).map(({ cameraId, slot }) => [cameraId, slot]));
}

describe("place", () => {
  test("at home the cameras stand in their order", () => {
    expect(slots(CAMERAS, 4, 0, null)).toEqual({ c1: 0, c2: 1, c3: 2, c4: 3 });
    expect(slots(CAMERAS, 4, 1, null)).toEqual({ c5: 0, c6: 1 });
  });

  test("the alert's camera swaps places with the one at home: none hidden, none twice", () => {
    expect(slots(CAMERAS, 4, 0, "c3")).toEqual({ c3: 0, c2: 1, c1: 2, c4: 3 });
  });

  test("a camera of another page takes the hot-spot", () => {
    expect(slots(CAMERAS, 4, 0, "c6")).toEqual({ c6: 0, c2: 1, c3: 2, c4: 3 });
  });

  test("tiles come in camera order, so that no element moves and no connection is lost", () => {
    expect(place(CAMERAS, 4, 0, "c3").map(({ cameraId }) => cameraId)).toEqual(["c1", "c2", "c3", "c4"]);
  });

  test("an unknown camera changes nothing, and no cameras make no tiles", () => {
    expect(slots(CAMERAS, 1, 0, "gone")).toEqual({ c1: 0 });
    expect(place([], 9, 0, "c1")).toEqual([]);
  });

  test("pages wrap both ways", () => {
    expect(wrapPage(-1, 6, 4)).toBe(1);
    expect(wrapPage(2, 6, 4)).toBe(0);
    expect(wrapPage(5, 0, 4)).toBe(0);
    expect(pageOf(CAMERAS, 4, "c5")).toBe(1);
  });
});

test("the nine-tile grid follows the shape of the room it has", () => {
  expect(prefersWideGrid(1560, 1000)).toBe(false);
  expect(prefersWideGrid(3200, 1000)).toBe(true);
});

describe("hot-spot", () => {
  const orange = alertOf({ id: "o", seq: 1, camera_id: "c2", level: "orange" });
  const orange2 = alertOf({ id: "o2", seq: 2, camera_id: "c3", level: "orange", occurred_at: "2026-01-01T00:01:00Z" });
  const red = alertOf({ id: "r", seq: 3, camera_id: "c4", level: "red" });

  test("takes the newest highest alert's camera", () => {
    expect(nextHotspot(HOME, [red, orange], 50)).toMatchObject({ cameraId: "c4", alertId: "r", takenAtMs: 50 });
  });

  test("a higher level takes over at once, the same level only after the dwell time", () => {
    const held = nextHotspot(HOME, [orange], 0);
    expect(nextHotspot(held, [orange2, orange], DWELL_MS - 1).cameraId).toBe("c2");
    expect(nextHotspot(held, [orange2, orange], DWELL_MS).cameraId).toBe("c3");
    expect(nextHotspot(held, [red, orange], 1).cameraId).toBe("c4");
  });

  test("an acknowledged alert keeps the picture until the dwell time is over, then it goes home", () => {
    const held = nextHotspot(HOME, [orange], 0);
    expect(nextHotspot(held, [], DWELL_MS - 1)).toBe(held);
    expect(nextHotspot(held, [], DWELL_MS)).toEqual(HOME);
  });

  test("pinned, it stays; an offline camera never takes it", () => {
    const pinned = pin("c6", 0);
    expect(nextHotspot(pinned, [red], 10 * DWELL_MS)).toBe(pinned);
    expect(nextHotspot(HOME, [alertOf({ id: "x", seq: 9, kind: "camera_offline", level: "red" })], 0)).toBe(HOME);
  });
});
