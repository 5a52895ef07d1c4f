/** The event stream against a browser's EventSource, which stands in here as far as it is asked for. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { EventFeed } from "../src/api/events.ts";
import type { FeedListener } from "../src/api/events.ts";

let sources: Source[] = [];

class Source {
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  constructor(readonly address: string) {
    sources.push(this);
  }
  addEventListener(): void {}
  close(): void {
    this.closed = true;
  }
}

beforeEach(() => {
  sources = [];
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", Source);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const listener = { opened: () => undefined, broken: () => undefined } as unknown as FeedListener;
const open = (): string[] => sources.filter((source) => !source.closed).map((source) => source.address);

describe("the event stream", () => {
  test("asks for the boxes of cameras that come to be known while it is being opened", () => {
    const feed = new EventFeed(listener);
    feed.start([]);
    feed.start(["cam-01", "cam-02"]);
    sources.at(-1)?.onopen?.();
    expect(open()).toEqual(["/api/events?tracks=cam-01,cam-02"]);
    feed.stop();
  });

  test("asks for other boxes before it lets go of the stream it has", () => {
    const feed = new EventFeed(listener);
    feed.start(["cam-01"]);
    sources[0]?.onopen?.();
    feed.show(["cam-02"]);
    expect(open()).toEqual(["/api/events?tracks=cam-01", "/api/events?tracks=cam-02"]);
    sources[1]?.onopen?.();
    expect(open()).toEqual(["/api/events?tracks=cam-02"]);
    feed.stop();
  });

  test("that waits for its next try asks then for what is wanted by then", () => {
    const feed = new EventFeed(listener);
    feed.start(["cam-01"]);
    sources[0]?.onerror?.();
    feed.show(["cam-02"]);
    expect(open()).toEqual([]);
    vi.advanceTimersByTime(2_000);
    expect(open()).toEqual(["/api/events?tracks=cam-02"]);
    feed.stop();
  });
});
