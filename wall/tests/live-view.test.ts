/** The connection of a tile against a browser's own parts, which stand in here as far as they are asked for. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { LiveView } from "../src/api/live.ts";
import { showsItself } from "../src/model/whep.ts";

/** What happened, in order. */
let seen: string[] = [];
let peers: Peer[] = [];

class Peer {
  connectionState = "new";
  localDescription = { sdp: "v=0" };
  ontrack: ((event: unknown) => void) | null = null;
  constructor() {
    peers.push(this);
  }
  addTransceiver(): void {}
  readonly channel: { readyState: string; onmessage?: (event: { data: string }) => void } = { readyState: "connecting" };
  createDataChannel(): object {
    return this.channel;
  }
  createOffer = async (): Promise<object> => ({});
  setLocalDescription = async (): Promise<void> => undefined;
  setRemoteDescription = async (): Promise<void> => undefined;
  getStats = async (): Promise<Map<string, object>> => new Map();
  close(): void {
    seen.push("connection closed");
  }
}

beforeEach(() => {
  seen = [];
  peers = [];
  vi.useFakeTimers();
  vi.stubGlobal("RTCPeerConnection", Peer);
  vi.stubGlobal("window", { addEventListener: () => undefined, removeEventListener: () => undefined });
  vi.stubGlobal("fetch", async () => new Response("v=0", { status: 201, headers: { Location: "/whep/c/1" } }));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a tile that changes to another stream of its camera", () => {
  test("covers the video with the kept picture at once: it was black, and called live, until the next look", () => {
    const live: LiveView = new LiveView(
      { srcObject: null } as HTMLVideoElement,
      () => seen.push(showsItself(live.state) ? "video shown" : "kept picture shown"),
      () => seen.push("picture kept"),
    );
    live.open("cam-01", "main");
    peers[0]?.ontrack?.({ receiver: {}, streams: [{}] });
    live.painted(null);
    expect(seen.at(-1)).toBe("video shown");
    seen = [];
    live.change("cam-01", "sub");
    expect(seen).toEqual(["picture kept", "connection closed", "kept picture shown"]);
    live.change("cam-01", "sub");
    expect(seen, "the same stream again changes nothing").toHaveLength(3);
    live.close();
  });
});

describe("a painted picture", () => {
  const EPOCH = 1_700_000_000_000;

  test("has its capture on the server's clock once the gateway told, and none while its stream is not of this connection", () => {
    const live = new LiveView({ srcObject: null } as HTMLVideoElement, () => undefined, () => undefined);
    live.open("cam-01", "main");
    expect(live.painted(90_000), "of a stream before this connection's").toBeNull();
    const [peer] = peers;
    peer?.ontrack?.({ receiver: {}, streams: [{}] });
    expect(live.painted(90_000), "nobody told yet").toBeNull();
    const asked = performance.now();
    vi.advanceTimersByTime(20);
    peer?.channel.onmessage?.({ data: JSON.stringify({ asked, now_ms: EPOCH, rtp: 90_000, captured_ms: EPOCH - 300 }) });
    expect(live.painted(90_000 - 90 * 100)).toBeCloseTo(EPOCH - 400);
    vi.advanceTimersByTime(100);
    expect(live.painted(90_000 + 90 * 60)).toBeCloseTo(EPOCH - 240);
    expect(live.painted(null), "a browser that tells no RTP time").toBeNull();
    live.close();
  });
});
