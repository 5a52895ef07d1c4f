import { describe, expect, test } from "vitest";

import { chooseCameras } from "../src/model/camera-list.ts";
import { mayHandle, mayWatch } from "../src/model/roles.ts";
import { cellAt, countMinutes, countNotAnalysed, stripRows } from "../src/model/strip.ts";
import { wantedStream } from "../src/model/tile.ts";
import { cameraOf } from "./samples.ts";

const strip = (minutes: string, not_analysed: string) => ({
  from: "2026-01-01T00:00:00Z",
  to: "2026-01-01T00:06:00Z",
  minute_count: 6,
  cameras: [{ camera_id: "a", minutes, not_analysed }],
});

describe("strip", () => {
  test("tells minutes of a kind apart, and not analysed from no data", () => {
    const [row] = stripRows(strip("NNODXS", "111.11"));
    expect(row?.minutes.map((minute) => minute.code).join("")).toBe("NNODXS");
    expect(row?.minutes.map((minute) => minute.notAnalysed)).toEqual([false, false, true, false, true, false]);
    expect(row && [countMinutes(row, "X"), countMinutes(row, "N"), countNotAnalysed(row)]).toEqual([1, 2, 2]);
  });

  test("a short row ends now, and an unknown code is no data", () => {
    const [row] = stripRows(strip("?O", "1"));
    expect(row?.minutes.map((minute) => minute.code).join("")).toBe("NNNNNO");
    expect(row?.minutes.at(-1)?.notAnalysed).toBe(true);
  });

  test("finds the minute under the pointer", () => {
    const rows = stripRows(strip("OOXOOO", "......"));
    expect(cellAt(rows, 0.4, 0.5)).toMatchObject({ index: 2, minute: { code: "X" } });
    expect(cellAt(rows, 0.4, 1.2)).toBeNull();
    expect(cellAt(rows, 1, 0.5)).toBeNull();
  });
});

test("the camera list: filters and search", () => {
  const cameras = [
    cameraOf({ id: "a", name: "北门" }),
    cameraOf({ id: "b", name: "南门", state: "backoff", analysed: { ...cameraOf().analysed, state: "not_analysed" } }),
    cameraOf({ id: "c", name: "库房", state: "disabled" }),
    cameraOf({ id: "d", name: "料场", state: "unobserved" }),
    cameraOf({ id: "e", name: "磅房", state: "backoff", planned: { until: "2026-01-02T00:00:00Z", reason: "更换交换机" } }),
  ];
  const ids = (...args: [Parameters<typeof chooseCameras>[1], string]) => chooseCameras(cameras, ...args).map((camera) => camera.id);
  expect(ids("all", "")).toEqual(["a", "b", "c", "d", "e"]);
  expect(ids("offline", "")).toEqual(["b"]);
  expect(ids("not_analysed", "")).toEqual(["b"]);
  expect(ids("all", " 门 ")).toEqual(["a", "b"]);
});

test("a large picture takes the full stream while that is there", () => {
  const main = cameraOf().streams.main;
  const both = cameraOf({ live_stream: "sub", streams: { main, sub: main } });
  expect(wantedStream(both, false)).toBe("sub");
  expect(wantedStream(both, true)).toBe("main");
  expect(wantedStream({ ...both, streams: { main: { ...main, state: "backoff" }, sub: main } }, true)).toBe("sub");
  expect(wantedStream(cameraOf(), true)).toBe("main");
});

test.each([
  ["viewer", false, true],
  ["operator", true, true],
  ["duty_officer", true, true],
  ["maintainer", false, true],
  ["auditor", false, false],
  ["admin", true, true],
])("%s: handles alerts %s, watches %s", (role, handles, watches) => {
  expect([mayHandle(role), mayWatch(role)]).toEqual([handles, watches]);
});
