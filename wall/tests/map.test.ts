import { describe, expect, test } from "vitest";

import { along, cone } from "../src/model/cones.ts";
import { boxAt, centredBox, freePlaces, keptLabels, labelPlaces, textWidth } from "../src/model/labels.ts";
import { distance_m, isPlace, project, unproject } from "../src/model/projection.ts";
import { splitRoute } from "../src/model/route.ts";
import { grid, lengthWords, roundDown, scaleBar } from "../src/model/scale-bar.ts";
import { originOf } from "../src/model/site-plan.ts";
import { extended, JOINED_MS, KEPT_POINTS, segments } from "../src/model/trail.ts";
import type { Trail } from "../src/model/trail.ts";
import { centredOn, COARSEST_M_PER_PX, fit, isInside, pan, resized, stillFits, toMetres, toPixel, zoomAt } from "../src/model/viewport.ts";
import { drawnOrder, heights, zoneLook } from "../src/model/zones.ts";
import { planOfNorth, planPoint, zoneOf } from "./fleet-samples.ts";

const ORIGIN = { lat: 41.77, lon: 109.97 };

describe("projection", () => {
  // Azimuthal equidistant metres of PROJ 9 (+proj=aeqd +ellps=WGS84) from the origin.
  test.each([
    [41.78, 109.99, 1662.71, 1110.88],
    [41.77, 109.971, 83.148, 0.0],
    [41.85, 109.97, 0.0, 8885.568],
    [41.7, 110.05, 6659.102, -7771.674],
  ])("%d, %d is where PROJ puts it", (lat, lon, east, north) => {
    const [x, y] = project(ORIGIN, { lat, lon });
    const tolerance_m = 0.05 + Math.hypot(east, north) * 4e-4;
    expect(Math.abs(x - east)).toBeLessThan(tolerance_m);
    expect(Math.abs(y - north)).toBeLessThan(tolerance_m);
    expect(Math.abs(distance_m(ORIGIN, { lat, lon }) - Math.hypot(east, north))).toBeLessThan(1);
  });

  test("comes back to where it went out, on both hemispheres", () => {
    for (const origin of [ORIGIN, { lat: -33.9, lon: 151.2 }, { lat: 0, lon: 0 }]) {
      const there = unproject(origin, [3000, -2000]);
      const [x, y] = project(origin, there);
      expect(x).toBeCloseTo(3000, 3);
      expect(y).toBeCloseTo(-2000, 3);
    }
  });

  test("a receiver without a fix says nothing about a place", () => {
    expect(isPlace({ lat: 0, lon: 0 })).toBe(false);
    expect(isPlace({ lat: Number.NaN, lon: 3 })).toBe(false);
    expect(isPlace({ lat: 91, lon: 3 })).toBe(false);
    expect(isPlace(null)).toBe(false);
    expect(isPlace(ORIGIN)).toBe(true);
  });
});

describe("viewport", () => {
  const view = fit([[-1000, -500], [1000, 500]], 800, 600, 50);

  test("fits what it is given, with its margin, north up", () => {
    expect(view.m_per_px).toBeCloseTo(2000 / 700);
    expect(toPixel(view, [-1000, 0])[0]).toBeCloseTo(50);
    expect(toPixel(view, [0, 50])[1]).toBeLessThan(toPixel(view, [0, -50])[1]);
  });

  test("pixels and metres are each other's inverse", () => {
    expect(toMetres(view, toPixel(view, [12, -34]))[0]).toBeCloseTo(12);
    expect(toMetres(view, toPixel(view, [12, -34]))[1]).toBeCloseTo(-34);
  });

  test("one point, or none, gets its surroundings instead of an endless zoom", () => {
    for (const points of [[], [[5, 5]]] as [number, number][][]) {
      const lone = fit(points, 800, 600, 50);
      expect(lone.m_per_px).toBeGreaterThan(0.2);
      expect(Number.isFinite(lone.centre_m[0])).toBe(true);
    }
  });

  test("stands still while what moves stays in it, and follows what leaves it", () => {
    const corners = [[-1000, -500], [1000, 500]] as const;
    expect(stillFits(view, [...corners, [900, 100]])).toBe(true);
    expect(stillFits(view, [...corners, [1500, 100]])).toBe(false);
    expect(stillFits(view, [[0, 0], [400, 100]])).toBe(false);
  });

  test("zooms about the pointer, and not beyond its bounds", () => {
    const at = [120, 410] as const;
    const before = toMetres(view, at);
    const nearer = zoomAt(view, 2, at);
    expect(nearer.m_per_px).toBeCloseTo(view.m_per_px / 2);
    expect(toMetres(nearer, at)[0]).toBeCloseTo(before[0]);
    expect(toMetres(nearer, at)[1]).toBeCloseTo(before[1]);
    expect(zoomAt(view, 1e-9, at).m_per_px).toBe(COARSEST_M_PER_PX);
  });

  test("drags what is under the pointer along", () => {
    const dragged = pan(view, 30, -20);
    const [x, y] = toPixel(dragged, toMetres(view, [400, 300]));
    expect([x, y]).toEqual([expect.closeTo(430), expect.closeTo(280)]);
  });

  test("keeps its middle when the picture changes its size", () => {
    expect(toPixel(resized(view, 400, 300), view.centre_m)).toEqual([200, 150]);
    expect(toPixel(centredOn(view, [7, 8]), [7, 8])).toEqual([400, 300]);
    expect(isInside(view, [801, 10])).toBe(false);
  });
});

describe("scale bar and grid", () => {
  test.each([
    [1, 1],
    [9.99, 5],
    [20, 20],
    [4.9, 2],
    [0.3, 0.2],
    [1e4, 1e4],
  ])("%d is rounded down to %d", (limit, round) => {
    expect(roundDown(limit)).toBeCloseTo(round);
  });

  test("the bar is as long as it says", () => {
    const bar = scaleBar(0.5, 140);
    expect(bar).toMatchObject({ length_m: 50, width_px: 100, label: "50 m" });
    expect(lengthWords(1500)).toBe("1.5 km");
    expect(lengthWords(2000)).toBe("2 km");
  });

  test("lines stand on round metres and within the picture", () => {
    const view = fit([[-100, -50], [100, 50]], 800, 600, 50);
    const lines = grid(view);
    for (const x of lines.xs) {
      expect(x).toBeGreaterThanOrEqual(-1e-6);
      expect(x).toBeLessThanOrEqual(800 + 1e-6);
      const metre = toMetres(view, [x, 0])[0] / lines.step_m;
      expect(metre).toBeCloseTo(Math.round(metre));
    }
    expect(lines.xs.length).toBeGreaterThan(3);
    expect(lines.ys.length).toBeGreaterThan(2);
  });
});

describe("view cones", () => {
  test("look where the bearing says: 90 is east, to the right of the picture", () => {
    expect(along([0, 0], 90, 10)).toEqual([expect.closeTo(10), expect.closeTo(0)]);
    expect(along([0, 0], 0, 10)[1]).toBeCloseTo(-10);
    const corners = cone([5, 5], 90, 60, 10);
    expect(corners[0]).toEqual([5, 5]);
    expect(corners.slice(1).every(([x]) => x > 5)).toBe(true);
    const [, first] = corners;
    expect(first?.[0]).toBeCloseTo(5 + 10 * Math.sin(Math.PI / 3));
  });

  test("a camera that sees all round has no edge to its middle", () => {
    const corners = cone([5, 5], 0, 360, 10);
    expect(corners.every(([x, y]) => Math.abs(Math.hypot(x - 5, y - 5) - 10) < 1e-6)).toBe(true);
  });
});

describe("route", () => {
  const points = planOfNorth().points;

  test("is split at the last point that was reached", () => {
    const parts = splitRoute(points, 3, 5);
    expect(parts.isKnown).toBe(true);
    expect(parts.passed).toEqual(points.slice(0, 4));
    expect(parts.ahead[0]).toBe(points[3]);
    expect(parts.ahead).toHaveLength(points.length - 3);
  });

  test("before the first point all of it lies ahead, after the last one only the way home", () => {
    expect(splitRoute(points, 0, 5)).toMatchObject({ passed: [], isKnown: true });
    expect(splitRoute(points, 1, 5).passed.map((point) => point.kind)).toEqual(["takeoff", "transit"]);
    expect(splitRoute(points, 5, 5).ahead.map((point) => point.kind)).toEqual(["transit", "return"]);
  });

  test("a flight with another number of points flies another plan: nothing is said of its progress", () => {
    for (const [reached, total] of [[2, 9], [0, 0], [7, 5], [2, 3]] as const) {
      const parts = splitRoute(points, reached, total);
      expect(parts).toMatchObject({ passed: [], isKnown: false });
      expect(parts.ahead).toBe(points);
    }
    expect(splitRoute([planPoint("work")], 1, 1).passed).toHaveLength(1);
  });
});

describe("zones", () => {
  test.each([
    [zoneOf(), "no_fly"],
    [zoneOf({ active: ["14:00-15:30"], active_now: true }), "timed_on"],
    [zoneOf({ active: ["14:00-15:30"], active_now: false }), "timed_off"],
    [zoneOf({ kind: "keep_in" }), "keep_in"],
    [zoneOf({ kind: "keep_in", active_now: false }), "keep_in_off"],
  ] as const)("%o looks like %s", (zone, look) => {
    expect(zoneLook(zone)).toBe(look);
  });

  test("one that always counts is never drawn as if it did not", () => {
    expect(zoneLook(zoneOf({ active: [], active_now: false }))).toBe("no_fly");
  });

  test("what is forbidden lies over the fence", () => {
    expect(drawnOrder([zoneOf(), zoneOf({ id: "fence", kind: "keep_in" })]).map(({ id }) => id)).toEqual(["fence", "magazine"]);
  });

  test("heights are told where they are bounded", () => {
    expect(heights(zoneOf())).toBe("");
    expect(heights(zoneOf({ ceiling_m: 60 }))).toBe("0–60 m");
    expect(heights(zoneOf({ floor_m: 30 }))).toBe("≥ 30 m");
  });
});

describe("trail", () => {
  const north = (metres: number): { lat: number; lon: number } => unproject(ORIGIN, [0, metres]);
  const flown = (seconds: number, speed_m_s: number): Trail =>
    Array.from({ length: seconds }, (_, i) => i).reduce<Trail>((trail, s) => extended(trail, north(s * speed_m_s), s * 1000), []);

  test("grows as the drone moves, and not while it hovers", () => {
    expect(flown(20, 8)).toHaveLength(20);
    expect(flown(20, 0.02).length).toBeLessThan(8);
  });

  test("takes nothing older than it has", () => {
    const trail = flown(5, 8);
    expect(extended(trail, north(0), 1000)).toBe(trail);
  });

  test("a silence is a gap, not a straight line over what nobody saw", () => {
    const trail = extended(extended(flown(5, 8), north(50), 4000 + JOINED_MS + 1), north(54), 4000 + JOINED_MS + 500);
    expect(segments(trail).map((line) => line.length)).toEqual([5, 2]);
  });

  test("a jump that nothing flies is no line", () => {
    const trail = extended(extended(flown(5, 8), north(900), 4_500), north(904), 5_000);
    expect(segments(trail).map((line) => line.length)).toEqual([5, 2]);
  });

  test("is bounded", () => {
    expect(flown(KEPT_POINTS + 50, 8).length).toBeLessThanOrEqual(KEPT_POINTS);
  });
});

describe("labels", () => {
  const PICTURE = { left: 0, top: 0, right: 800, bottom: 600 };
  const boxes = (anchors: [number, number][]): [number, number, number, number][] =>
    labelPlaces(anchors, 100, 30, 20, PICTURE).map(({ at: [x, y] }) => [x, y, x + 100, y + 30]);

  test("stand beside their symbols where there is room", () => {
    expect(labelPlaces([[50, 50], [500, 50]], 100, 30, 20, PICTURE)).toEqual([
      { at: [70, 35], side: "right" },
      { at: [520, 35], side: "right" },
    ]);
  });

  test("stay in the picture", () => {
    expect(labelPlaces([[790, 300]], 100, 30, 20, PICTURE)).toEqual([{ at: [670, 285], side: "left" }]);
    expect(labelPlaces([[900, 300]], 100, 30, 20, PICTURE)).toEqual([{ at: [920, 285], side: "right" }]);
  });

  test("leave what else is drawn free where they can", () => {
    const crowd = { left: 230, top: 40, right: 300, bottom: 60 };
    expect(labelPlaces([[200, 50]], 100, 30, 20, PICTURE, [crowd])).toEqual([{ at: [80, 35], side: "left" }]);
    const everywhere = [{ left: 0, top: 0, right: 800, bottom: 600 }];
    expect(labelPlaces([[200, 50]], 100, 30, 20, PICTURE, everywhere)).toEqual([{ at: [220, 35], side: "right" }]);
  });

  test("of drones at one dock do not cover each other, nor a neighbour's symbol", () => {
    const anchors: [number, number][] = [[200, 200], [212, 200], [205, 206]];
    const found = boxes(anchors);
    found.forEach(([left, top, right, bottom], i) => {
      found.slice(i + 1).forEach(([l, t, r, b]) => expect(left < r && l < right && top < b && t < bottom).toBe(false));
      anchors.forEach(([x, y], other) => {
        if (other !== i) expect(x > left && x < right && y > top && y < bottom).toBe(false);
      });
    });
  });
});

test("words go to the first of their places that is free, else nowhere", () => {
  const at = (x: number, y: number): ReturnType<typeof boxAt> => boxAt([x, y], 40, 12);
  const wanted = [
    [at(0, 20), at(0, -20)],
    [at(10, 20), at(10, -20)],
    [at(20, 20), at(20, -20)],
  ];
  expect(freePlaces(wanted, [])).toEqual([0, 1, null]);
  expect(freePlaces(wanted.slice(0, 1), [at(5, 25)])).toEqual([1]);
});

test("a name that would cover another is left out, the one before it stays", () => {
  const at = (x: number): ReturnType<typeof centredBox> => centredBox([x, 100], ["北门"], 12);
  expect(keptLabels([at(0), at(10), at(40)], [])).toEqual([true, false, true]);
  expect(keptLabels([at(0), at(40)], [at(45)])).toEqual([true, false]);
  expect(textWidth("北门", 12)).toBe(24);
  expect(textWidth("ab", 10)).toBeCloseTo(11.6);
});

test("the origin is the site, else the middle of what stands there, else nothing", () => {
  const empty = { site: null, cameras: [], zones: [], zones_known: true, homes: [] };
  expect(originOf({ ...empty, site: ORIGIN }, [])).toEqual(ORIGIN);
  expect(originOf(empty, [{ lat: 1, lon: 2 }, { lat: 3, lon: 4 }])).toEqual({ lat: 2, lon: 3 });
  expect(originOf(empty, [{ lat: 0, lon: 0 }])).toBeNull();
  expect(originOf(null, [])).toBeNull();
});
