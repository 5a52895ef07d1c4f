/** Boxes over the picture that is painted, from updates as they come to the page to what is drawn at an instant. */

import { describe, expect, test } from "vitest";

import { TrackBoard } from "../src/app/tracks.ts";
import { CARRIED_MS, JOINED_MS, withFrame } from "../src/model/box-motion.ts";
import type { AnalysedFrames } from "../src/model/box-motion.ts";
import type { BoxXyxy, TrackBox, TracksUpdate } from "../src/model/contract.ts";
import { freshBoxes } from "../src/model/tracks.ts";

const T = Date.parse("2026-01-01T00:00:00Z");
/** From the capture of a frame until its boxes are on the page. */
const ANALYSIS_MS = 100;

type Seen = Readonly<Record<number, BoxXyxy>>;

function updateOf(atMs: number, seen: Seen, confidence = 0.9): TracksUpdate {
  const captured_at = new Date(T + atMs).toISOString();
  const tracks = Object.entries(seen).map(([id, box_xyxy]): TrackBox => ({ track_id: Number(id), class_name: "car", confidence, box_xyxy }));
  return { camera_id: "c", captured_at, analysed_at: captured_at, tracks };
}

/** A car's box of 0.1 by 0.2, from its left edge. */
function car(left: number): BoxXyxy {
  return [left, 0.4, left + 0.1, 0.6];
}

/** What the page knows after these frames, each told when it was analysed. */
function boardOf(...frames: readonly (readonly [number, Seen])[]): TrackBoard {
  const board = new TrackBoard();
  for (const [atMs, seen] of frames) board.post(updateOf(atMs, seen), T + atMs + ANALYSIS_MS);
  return board;
}

/** Boxes drawn on the picture of `paintedMs`, by default as soon as the page has both it and the newest frame. */
function drawn(board: TrackBoard, paintedMs: number | null, nowMs = Math.max(paintedMs ?? 0, newestMs(board) + ANALYSIS_MS)): Map<number, BoxXyxy> {
  const painted = paintedMs === null ? null : T + paintedMs;
  return new Map(freshBoxes(board.newestOf("c"), T + nowMs, 0, 0.4, painted).map((box) => [box.track_id, box.box_xyxy]));
}

function newestMs(board: TrackBoard): number {
  return Date.parse(board.newestOf("c")?.update.captured_at ?? "") - T;
}

function leftOf(board: TrackBoard, paintedMs: number | null, nowMs?: number): number | undefined {
  return drawn(board, paintedMs, nowMs).get(1)?.[0];
}

describe("a box between analysed frames", () => {
  const passing = boardOf([0, { 1: car(0.2) }], [200, { 1: car(0.3) }], [400, { 1: car(0.5) }]);

  test.each([
    [0, 0.2],
    [50, 0.225],
    [200, 0.3],
    [300, 0.4],
    [400, 0.5],
  ])("stands at %d ms where the car was then", (paintedMs, left) => {
    expect(leftOf(passing, paintedMs)).toBeCloseTo(left);
  });

  test("moves each of its edges: a car that comes nearer grows", () => {
    const nearing = boardOf([0, { 1: [0.4, 0.4, 0.5, 0.5] }], [200, { 1: [0.3, 0.4, 0.5, 0.7] }]);
    const box = drawn(nearing, 100).get(1) ?? [];
    [0.35, 0.4, 0.5, 0.6].forEach((edge, side) => expect(box[side]).toBeCloseTo(edge));
  });

  test("of a picture half a second late is where that picture has the car, not where the newest frame has it", () => {
    const frames = [0, 1, 2, 3, 4, 5].map((step) => [step * 200, { 1: car(0.1 + step * 0.1) }] as const);
    expect(leftOf(boardOf(...frames), 500, 1_100)).toBeCloseTo(0.35);
  });

  test("says what it is as the frame before says it", () => {
    const board = boardOf([0, { 1: car(0.2) }]);
    board.post(updateOf(200, { 1: car(0.3) }, 0.95), T + 300);
    const confidences = (paintedMs: number): number[] => freshBoxes(board.newestOf("c"), T + 300, 0, 0.4, T + paintedMs).map((box) => box.confidence);
    expect([confidences(199), confidences(200)]).toEqual([[0.9], [0.95]]);
  });
});

describe("a box past the newest frame", () => {
  test("goes on with its speed for 0.4 s, and stands then until its age removes it", () => {
    const board = boardOf([0, { 1: car(0.1) }], [200, { 1: car(0.2) }]);
    expect(leftOf(board, 300)).toBeCloseTo(0.25);
    expect(leftOf(board, 200 + CARRIED_MS)).toBeCloseTo(0.4);
    expect(leftOf(board, 1_200)).toBeCloseTo(0.4);
    expect(leftOf(board, 1_200, 200 + ANALYSIS_MS + 1_001), "no frame for a second").toBeUndefined();
  });

  test("takes its speed over half a second: one that trembles on the spot is not sent off by its last tremble", () => {
    const trembling = boardOf([0, { 1: car(0.5) }], [200, { 1: car(0.5) }], [400, { 1: car(0.5) }], [600, { 1: car(0.51) }]);
    expect(leftOf(trembling, 800), "two frames alone make it 0.52").toBeCloseTo(0.515);
  });

  test("forgets how it moved before that", () => {
    const turned = boardOf([0, { 1: car(0.9) }], [200, { 1: car(0.5) }], [400, { 1: car(0.1) }], [600, { 1: car(0.2) }], [800, { 1: car(0.3) }]);
    expect(leftOf(turned, 900)).toBeCloseTo(0.35);
  });

  test("stays where it is while it was seen once only", () => {
    expect(leftOf(boardOf([0, {}], [200, { 1: car(0.2) }]), 500)).toBeCloseTo(0.2);
  });

  test("does not leave the picture, nor turn inside out", () => {
    const leaving = boardOf([0, { 1: [0.1, 0, 0.3, 0.2] }], [200, { 1: [0, 0, 0.2, 0.1] }]);
    const box = drawn(leaving, 600).get(1) ?? [];
    [0, 0, 0, 0].forEach((edge, side) => expect(box[side]).toBeCloseTo(edge));
    const hidden = boardOf([0, { 1: [0.2, 0.4, 0.6, 0.6] }], [200, { 1: [0.35, 0.4, 0.45, 0.6] }]);
    const [left, , right] = drawn(hidden, 600).get(1) ?? [];
    expect([left, right], "narrowed to nothing, where its middle is").toEqual([expect.closeTo(0.4), expect.closeTo(0.4)]);
  });
});

describe("a track", () => {
  const board = boardOf([0, { 1: car(0.1), 2: car(0.5) }], [200, { 1: car(0.2), 3: car(0.8) }], [400, { 1: car(0.3), 3: car(0.8) }]);
  const ids = (paintedMs: number): number[] => [...drawn(board, paintedMs).keys()].toSorted();

  test("that a frame lacks is drawn until that frame's picture is painted", () => {
    expect([ids(0), ids(199), ids(200)]).toEqual([[1, 2], [1, 2], [1, 3]]);
  });

  test("that vanishes goes on with its speed until then", () => {
    const gone = boardOf([0, { 1: car(0.1) }], [200, { 1: car(0.2) }], [400, {}]);
    expect(leftOf(gone, 300)).toBeCloseTo(0.25);
    expect(leftOf(gone, 400)).toBeUndefined();
  });

  test("is not drawn on pictures captured before it was first seen", () => {
    expect(ids(-1), "before any frame").toEqual([]);
    expect(ids(150)).not.toContain(3);
    expect(ids(200)).toContain(3);
  });

  test("that was lost in between does not go across the gap", () => {
    const lost = boardOf([0, { 1: car(0.1) }], [200, {}], [400, { 1: car(0.5) }]);
    expect([leftOf(lost, 100), leftOf(lost, 300)]).toEqual([0.1, undefined]);
    expect(leftOf(lost, 500), "nor has it a speed from there").toBeCloseTo(0.5);
  });
});

describe("frames more than a second apart", () => {
  test("tell nothing of what was between them", () => {
    const jumped = boardOf([0, { 1: car(0.1) }], [200, { 1: car(0.15) }], [1_600, { 1: car(0.9) }]);
    expect(leftOf(jumped, 400)).toBeCloseTo(0.2);
    expect(leftOf(jumped, 1_000), "where it was carried to").toBeCloseTo(0.25);
    expect(leftOf(jumped, 200 + JOINED_MS + 1)).toBeUndefined();
    expect(leftOf(jumped, 1_600)).toBeCloseTo(0.9);
    expect(leftOf(jumped, 1_700), "no speed across the gap").toBeCloseTo(0.9);
  });

  test("a second apart they still belong together", () => {
    expect(leftOf(boardOf([0, { 1: car(0.1) }], [JOINED_MS, { 1: car(0.5) }]), 500)).toBeCloseTo(0.3);
  });
});

describe("updates", () => {
  test("that were overtaken change neither the newest frame nor the way to it", () => {
    const board = boardOf([0, { 1: car(0.1) }], [400, { 1: car(0.3) }], [200, { 1: car(0.9) }]);
    expect(leftOf(board, 200, 500)).toBeCloseTo(0.2);
    expect(leftOf(board, null, 500)).toBeCloseTo(0.3);
  });

  test("that come twice, by two event streams, count once", () => {
    const twice = boardOf([0, { 1: car(0.1) }], [200, { 1: car(0.2) }], [200, { 1: car(0.2) }]);
    expect([100, 200, 300].map((ms) => leftOf(twice, ms))).toEqual([0.15, 0.2, 0.25].map((left) => expect.closeTo(left)));
    expect(leftOf(boardOf([0, { 1: car(0.1) }], [0, { 1: car(0.1) }]), 100), "seen once").toBeCloseTo(0.1);
  });

  test("are kept for a couple of seconds, and never for an older one", () => {
    let frames: AnalysedFrames = [];
    for (let atMs = 0; atMs <= 60_000; atMs += 200) frames = withFrame(frames, T + atMs, []);
    expect([frames[0], frames.at(-1)].map((frame) => (frame?.capturedAtMs ?? 0) - T)).toEqual([57_600, 60_000]);
    expect(withFrame(frames, T + 59_900, [])).toBe(frames);
  });
});

describe("age", () => {
  const long = boardOf(...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15].map((step) => [step * 200, { 1: car(step * 0.05) }] as const));

  test("a frame captured over two seconds ago is not drawn, however late the picture", () => {
    expect(leftOf(long, 1_200, 3_100), "the frame of 1200 ms is 1.9 s old").toBeCloseTo(0.3);
    expect(leftOf(long, 1_150, 3_150)).toBeUndefined();
  });

  test("without a capture instant the newest frame's boxes are drawn as they are", () => {
    expect(leftOf(long, null, 3_300)).toBeCloseTo(0.75);
    expect(leftOf(long, null, 3_000 + ANALYSIS_MS + 1_001)).toBeUndefined();
  });
});
