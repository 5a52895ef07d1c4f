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
  createDataChannel(): object {
    return { readyState: "connecting" };
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
