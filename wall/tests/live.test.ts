import { describe, expect, test } from "vitest";

import { backoffMs } from "../src/model/backoff.ts";
import { answered, capturedAt, clockOffsetMs, NO_CLOCK } from "../src/model/capture.ts";
import type { CaptureClock } from "../src/model/capture.ts";
import { GATEWAY_SILENT_MS, GATEWAY_UNKNOWN, gatewayClosed, gatewayHeard, gatewayLooked } from "../src/model/gateway.ts";
import { heard, linkAtStart, lostSeconds } from "../src/model/link.ts";
import { analysedLamp, reachableLamp, streamingLamp, tileView } from "../src/model/tile.ts";
import { boxConfidence, freshBoxes, isNewer, receivedAfter } from "../src/model/tracks.ts";
import type { ReceivedTracks } from "../src/model/tracks.ts";
import { FIRST_PICTURE_MS, GATEWAY_QUIET_MS, hasOwnPicture, IDLE, LATE_MS, LIVE_AGAIN_MS, pictureAgeMs, RECONNECT_MS, showsItself, staleSeconds, UNDATED_MS, waitsForGateway, whepNext } from "../src/model/whep.ts";
import type { WhepEvent, WhepState } from "../src/model/whep.ts";
import { cameraOf } from "./samples.ts";

function run(steps: readonly [WhepEvent, number][], from: WhepState = IDLE): WhepState {
  return steps.reduce((state, [event, at]) => whepNext(state, event, at), from);
}

const TICK = { kind: "tick", random: 1 } as const;
const playing = run([
  [{ kind: "open" }, 0],
  [{ kind: "picture", capturedAtMs: null }, 300],
]);

describe("whep", () => {
  test("plays from the first picture on", () => {
    expect(playing).toMatchObject({ phase: "playing", lastPictureAtMs: 300, attempt: 0, failure: null });
  });

  test("gives up a connection without a picture, and tries again when its time has come", () => {
    const waiting = run([
      [{ kind: "open" }, 0],
      [TICK, FIRST_PICTURE_MS],
    ]);
    expect(waiting).toMatchObject({ phase: "backoff", attempt: 1, failure: { code: "no_picture" } });
    expect(whepNext(waiting, TICK, waiting.retryAtMs - 1).phase).toBe("backoff");
    expect(whepNext(waiting, TICK, waiting.retryAtMs).phase).toBe("connecting");
  });

  test("a picture that stands is opened anew, and its age goes on counting across the reconnect", () => {
    const stalled = whepNext(playing, TICK, 300 + RECONNECT_MS);
    expect(stalled).toMatchObject({ phase: "backoff", failure: { code: "stalled" } });
    const again = whepNext(stalled, TICK, stalled.retryAtMs);
    expect(again.phase).toBe("connecting");
    expect(staleSeconds(again, 300 + 14_200)).toBe(14);
  });

  test("a picture that stands while the gateway is silent is opened anew within two seconds, not after ten", () => {
    const quiet = { kind: "tick", random: 1, gatewayLostAtMs: 1_900 } as const;
    expect(whepNext(playing, quiet, 300 + GATEWAY_QUIET_MS - 1)).toBe(playing);
    const gone = whepNext(playing, quiet, 300 + GATEWAY_QUIET_MS);
    expect(gone).toMatchObject({ phase: "backoff", failure: { code: "gateway_gone" } });
    expect(gone.retryAtMs).toBeLessThanOrEqual(2_300);
    expect(waitsForGateway(gone)).toBe(true);
    const again = whepNext(gone, quiet, gone.retryAtMs);
    expect(whepNext(again, quiet, again.openedAtMs + 5_000).phase, "opened after the loss: not given up for it").toBe("connecting");
  });

  test("a silent gateway alone, or a standing picture alone, changes nothing", () => {
    const moving = whepNext(playing, { kind: "picture", capturedAtMs: null }, 5_000);
    expect(whepNext(moving, { kind: "tick", random: 1, gatewayLostAtMs: 3_000 }, 5_500)).toBe(moving);
    expect(whepNext(playing, { kind: "tick", random: 1, gatewayLostAtMs: null }, 5_500)).toBe(playing);
  });

  test("who waits for a camera does not wait for the gateway", () => {
    const refused = run([
      [{ kind: "open" }, 0],
      [{ kind: "failed", failure: { code: "camera_offline", status: 409 }, random: 0 }, 100],
    ]);
    expect(waitsForGateway(refused)).toBe(false);
  });

  test("a try that brings no picture leaves the one that is kept: its video is black", () => {
    const stalled = whepNext(playing, TICK, 300 + RECONNECT_MS);
    const again = whepNext(stalled, TICK, stalled.retryAtMs);
    const refused = whepNext(again, { kind: "failed", failure: { code: "camera_offline", status: 409 }, random: 0 }, again.openedAtMs + 50);
    expect([playing, stalled, again, refused].map(hasOwnPicture)).toEqual([true, true, false, false]);
  });

  test("what is decoded keeps the connection, as on a page in the background, but only what is painted is a picture", () => {
    const decoding = run([
      [{ kind: "open" }, 0],
      [{ kind: "decoded" }, 300],
      [{ kind: "decoded" }, 9_000],
      [TICK, 9_000 + RECONNECT_MS - 1],
    ]);
    expect(decoding).toMatchObject({ phase: "playing", attempt: 0, decodedAtMs: 9_000, lastPictureAtMs: null });
    expect([hasOwnPicture(decoding), staleSeconds(decoding, 60_000)]).toEqual([false, 0]);
    expect(whepNext(decoding, TICK, 9_000 + RECONNECT_MS)).toMatchObject({ phase: "backoff", failure: { code: "stalled" } });
  });

  test("the kept picture stands over the black video until a picture of the present connection is painted", () => {
    const stalled = whepNext(playing, TICK, 300 + RECONNECT_MS);
    const again = whepNext(stalled, TICK, stalled.retryAtMs);
    const decoding = whepNext(again, { kind: "decoded" }, again.openedAtMs + 200);
    const painting = whepNext(decoding, { kind: "picture", capturedAtMs: null }, again.openedAtMs + 240);
    expect([playing, stalled, again, decoding, painting].map(showsItself)).toEqual([true, false, false, false, true]);
  });

  test("Retry-After is honoured, with jitter", () => {
    const failed = run([
      [{ kind: "open" }, 0],
      [{ kind: "failed", failure: { code: "camera_offline", status: 409 }, retryAfterMs: 20_000, random: 0 }, 100],
    ]);
    expect(failed.retryAtMs).toBe(100 + 15_000);
  });

  test("a late failure of a closed connection changes nothing", () => {
    const closed = whepNext(playing, { kind: "close" }, 900);
    expect(whepNext(closed, { kind: "failed", failure: { code: "x", status: 0 }, random: 0 }, 901)).toBe(closed);
    expect(whepNext(closed, { kind: "picture", capturedAtMs: null }, 902)).toBe(closed);
  });

  test("staleness counts whole seconds and starts after the grace", () => {
    expect(staleSeconds(playing, 300 + 2_400)).toBe(0);
    expect(staleSeconds(playing, 300 + 8_900)).toBe(8);
    expect(staleSeconds(IDLE, 9_999)).toBe(0);
  });
});

test("waiting times double, are capped and never nothing", () => {
  expect([1, 2, 3, 9].map((n) => backoffMs(n, 1))).toEqual([500, 1000, 2000, 8000]);
  expect(backoffMs(1, 0)).toBe(125);
});

describe("tile", () => {
  const offline = cameraOf({ state: "backoff", cause: "wrong_password" });

  test("is live only while pictures come", () => {
    expect(tileView(cameraOf(), playing, 400).state).toBe("live");
    expect(tileView(cameraOf(), playing, 300 + 8_000)).toEqual({ state: "stale", hasPicture: true, seconds: 8 });
    expect(tileView(cameraOf(), IDLE, 400).state).toBe("connecting");
  });

  test("is not live on frames that were decoded and never painted", () => {
    const decoding = whepNext(whepNext(IDLE, { kind: "open" }, 0), { kind: "decoded" }, 300);
    expect(tileView(cameraOf(), decoding, 310)).toEqual({ state: "connecting", hasPicture: false, seconds: 0 });
    const again = run([[TICK, 300 + RECONNECT_MS], [TICK, 300 + RECONNECT_MS + 8_000], [{ kind: "decoded" }, 18_400]], playing);
    expect(tileView(cameraOf(), again, 18_410)).toEqual({ state: "stale", hasPicture: true, seconds: 18 });
  });

  /** Pictures painted every 100 ms from 1 s to `untilMs`, each captured `age(ms)` before. */
  const painting = (untilMs: number, age: (ms: number) => number | null, from: WhepState = playing): WhepState => {
    let state = from;
    for (let ms = 1_000; ms <= untilMs; ms += 100) {
      const ageMs = age(ms);
      state = whepNext(state, { kind: "picture", capturedAtMs: ageMs === null ? null : ms - ageMs }, ms);
    }
    return state;
  };

  test("a moving picture that was captured too long ago is late, and says by how much", () => {
    expect(tileView(cameraOf(), painting(9_000, () => 400), 9_010).state).toBe("live");
    const behind = painting(9_000, (ms) => 400 + (ms - 1_000));
    expect(tileView(cameraOf(), behind, 9_010)).toEqual({ state: "late", hasPicture: true, seconds: 8 });
    expect(tileView(cameraOf({ transcoded: true }), behind, 9_010).state).toBe("late");
    const hidden = cameraOf({ state: "backoff", cause: "no_packets" });
    expect(tileView(hidden, behind, 9_010).state, "its last pictures still come").toBe("late");
  });

  test("is late from the bound on, and live again only well below it", () => {
    const grown = (ms: number): WhepState => painting(5_000, () => ms);
    expect(tileView(cameraOf(), grown(LATE_MS - 1), 5_000).state).toBe("live");
    expect(tileView(cameraOf(), grown(LATE_MS), 5_000).state).toBe("late");
    const falling = (ms: number): WhepState => whepNext(grown(LATE_MS), { kind: "picture", capturedAtMs: 5_100 - ms }, 5_100);
    expect(tileView(cameraOf(), falling(LATE_MS - 100), 5_100).state).toBe("late");
    expect(tileView(cameraOf(), falling(LIVE_AGAIN_MS - 1), 5_100).state).toBe("live");
  });

  test("between two pictures the age goes on: what was nearly late is not live until the next one", () => {
    const nearly = painting(5_000, () => 2_000);
    expect(tileView(cameraOf(), nearly, 5_400).state).toBe("live");
    expect(tileView(cameraOf(), nearly, 5_600)).toMatchObject({ state: "late", seconds: 2 });
    expect(tileView(cameraOf(), nearly, 6_100)).toMatchObject({ state: "stale", seconds: 1 });
    expect(pictureAgeMs(nearly, 6_100)).toBe(3_100);
  });

  test("pictures nobody dates are live for a connection's beginning only", () => {
    const undated = painting(5_000, () => null);
    expect(tileView(cameraOf(), undated, 300 + UNDATED_MS - 1).state).toBe("live");
    expect(tileView(cameraOf(), undated, 5_010).state).toBe("undated");
    const told = whepNext(undated, { kind: "dated", capturedAtMs: 4_900 }, 5_020);
    expect(tileView(cameraOf(), told, 5_030).state).toBe("live");
    expect(tileView(cameraOf(), whepNext(undated, { kind: "dated", capturedAtMs: 900 }, 5_020), 5_030).state).toBe("late");
  });

  test("a new connection begins without the date of the one before", () => {
    const stalled = whepNext(painting(5_000, () => null), TICK, 5_000 + RECONNECT_MS);
    const again = whepNext(stalled, TICK, stalled.retryAtMs);
    expect(whepNext(again, { kind: "dated", capturedAtMs: 4_000 }, again.openedAtMs + 50)).toBe(again);
    const painted = whepNext(again, { kind: "picture", capturedAtMs: null }, again.openedAtMs + 100);
    expect(tileView(cameraOf(), painted, again.openedAtMs + 110).state).toBe("live");
  });

  test("an offline camera says so once its last picture is old, with the picture behind", () => {
    expect(tileView(offline, playing, 400).state).toBe("live");
    expect(tileView(offline, playing, 6_000)).toMatchObject({ state: "offline", hasPicture: true });
    expect(tileView(offline, IDLE, 0)).toMatchObject({ state: "offline", hasPicture: false });
  });

  test("while an offline camera is tried again the cause stays, whatever the picture does", () => {
    const tried = cameraOf({ state: "connecting", cause: "wrong_password" });
    const waiting = run([[TICK, 300 + RECONNECT_MS]], playing);
    expect(tileView(tried, playing, 6_000)).toMatchObject({ state: "offline", hasPicture: true });
    expect(tileView(tried, waiting, 20_000).state).toBe("offline");
    expect(tileView(tried, IDLE, 0).state).toBe("offline");
    expect(tileView(cameraOf({ state: "connecting" }), playing, 6_000).state).toBe("stale");
    expect(tileView(cameraOf({ state: "connecting" }), IDLE, 0).state).toBe("connecting");
  });

  test.each([
    [{ code: "not_found", status: 404 }, "no_permission"],
    [{ code: "camera_offline", status: 409 }, "offline"],
    [{ code: "too_many_viewers", status: 503 }, "gateway_busy"],
    [{ code: "unreachable", status: 0 }, "connecting"],
  ])("a refusal %o is told apart", (failure, expected) => {
    const refused = run([
      [{ kind: "open" }, 0],
      [{ kind: "failed", failure, random: 0 }, 10],
    ]);
    expect(tileView(cameraOf(), refused, 20).state).toBe(expected);
  });

  test("a camera nobody told of yet is awaited; one that was told of and is not any more is not observed", () => {
    const unobserved = cameraOf({ state: "unobserved" });
    expect(tileView(unobserved, IDLE, 0).state).toBe("awaited");
    expect(tileView({ ...unobserved, since: "2026-01-01T00:00:00Z" }, IDLE, 0).state).toBe("unobserved");
    expect(tileView(unobserved, playing, 8_000).state, "whose picture stands is no newcomer").toBe("unobserved");
  });

  test("disabled and live-less cameras are not offline", () => {
    expect(tileView(cameraOf({ enabled: false }), IDLE, 0).state).toBe("disabled");
    expect(tileView(cameraOf({ live_stream: null }), IDLE, 0).state).toBe("no_live_stream");
  });

  test("an analysis nobody told of yet is no lamp that is off", () => {
    expect(analysedLamp(cameraOf({ analysed: { ...cameraOf().analysed, state: "unknown" } }))).toBe("unknown");
    expect(analysedLamp(cameraOf({ analysed: { ...cameraOf().analysed, state: "not_analysed" } }))).toBe("off");
  });

  test.each([
    [cameraOf(), ["on", "on", "on"]],
    [cameraOf({ state: "stalled", cause: "no_packets" }), ["on", "off", "on"]],
    [cameraOf({ state: "backoff", cause: "not_decodable" }), ["on", "off", "on"]],
    [offline, ["off", "off", "on"]],
    [cameraOf({ state: "connecting" }), ["unknown", "off", "on"]],
    [cameraOf({ enabled: false, state: "disabled" }), ["unknown", "unknown", "unknown"]],
  ])("lamps tell reachable, streaming and analysed apart (%#)", (camera, expected) => {
    expect([reachableLamp(camera), streamingLamp(camera), analysedLamp(camera)]).toEqual(expected);
  });
});

describe("capture instants", () => {
  const EPOCH = 1_700_000_000_000;
  /** The gateway's clock is EPOCH when the page's is 0; the newest picture was captured 200 ms before the answer left. */
  const round = (clock: CaptureClock, askedAt: number, thereMs: number, backMs: number, rtp: number | null): CaptureClock => {
    const leftAt = askedAt + thereMs;
    const captured_ms = rtp === null ? null : EPOCH + leftAt - 200;
    return answered(clock, { asked: askedAt, now_ms: EPOCH + leftAt, rtp, captured_ms }, leftAt + backMs);
  };

  test("a painted picture has the date of its RTP time, on the page's clock", () => {
    const clock = round(NO_CLOCK, 1_000, 10, 10, 90_000);
    expect(capturedAt(clock, 90_000, 1_100)).toBeCloseTo(810);
    expect(capturedAt(clock, 90_000 - 90 * 3_000, 4_100), "painted three seconds after").toBeCloseTo(810 - 3_000);
    expect(capturedAt(clock, 90_000 + 90 * 100, 1_200)).toBeCloseTo(910);
  });

  test("RTP times wrap", () => {
    const clock = round(NO_CLOCK, 1_000, 10, 10, 900);
    expect(capturedAt(clock, 2 ** 32 - 900, 1_100)).toBeCloseTo(810 - 20);
  });

  test("the quickest round tells the clocks: a network that holds back makes pictures older, not the clocks different", () => {
    let clock = round(NO_CLOCK, 1_000, 5, 5, 90_000);
    clock = round(clock, 2_000, 10, 3_000, 180_000);
    expect(capturedAt(clock, 180_000, 5_010)).toBeCloseTo(2_010 - 200);
  });

  test("the server's clock has the same instant, a slow round after the quickest one or not", () => {
    expect(clockOffsetMs(NO_CLOCK)).toBeNull();
    const quick = round(NO_CLOCK, 1_000, 10, 10, 90_000);
    const slow = round(quick, 2_000, 3_000, 0, 90_000 + 90 * 3_990);
    for (const clock of [quick, slow]) {
      expect(clockOffsetMs(clock)).toBe(EPOCH);
      expect((capturedAt(clock, 90_000, 5_000) ?? 0) + (clockOffsetMs(clock) ?? 0)).toBeCloseTo(EPOCH + 810);
    }
  });

  test("half a minute later a round is forgotten: clocks drift", () => {
    const slow = round(round(NO_CLOCK, 1_000, 5, 5, 90_000), 40_000, 0, 100, 90_000);
    expect(capturedAt(slow, 90_000, 40_100)).toBeCloseTo(40_000 - 200 + 50);
  });

  test("nothing is told before a picture was sent, by an answer that was overtaken, or of another connection's frame", () => {
    expect(capturedAt(NO_CLOCK, 1, 1_000)).toBeNull();
    expect(capturedAt(round(NO_CLOCK, 1_000, 5, 5, null), 1, 1_100)).toBeNull();
    const clock = round(NO_CLOCK, 2_000, 5, 5, 90_000);
    expect(round(clock, 1_500, 5, 900, 1)).toBe(clock);
    expect(round(clock, 9_000, 5, -20, 1), "from the future").toBe(clock);
    expect(capturedAt(clock, 90_000 + 90 * 5_000, 2_100), "not captured yet").toBeNull();
    expect(capturedAt(clock, (90_000 + 2 ** 31) >>> 0, 2_100)).toBeNull();
    expect(capturedAt(clock, 90_000 + 90 * 900, 2_100), "a little ahead is now").toBe(2_100);
  });
});

describe("gateway", () => {
  test("is lost when its pings stop, and never before it was heard", () => {
    expect(gatewayLooked(GATEWAY_UNKNOWN, 9_000)).toBe(GATEWAY_UNKNOWN);
    expect(gatewayClosed(GATEWAY_UNKNOWN, 9_000)).toBe(GATEWAY_UNKNOWN);
    const heardOnce = gatewayHeard(1_000);
    expect(gatewayLooked(heardOnce, 1_000 + GATEWAY_SILENT_MS - 1)).toBe(heardOnce);
    expect(gatewayLooked(heardOnce, 1_000 + GATEWAY_SILENT_MS).lostAtMs).toBe(1_000 + GATEWAY_SILENT_MS);
  });

  test("the moment of the loss stays until it is heard again", () => {
    const lost = gatewayClosed(gatewayHeard(1_000), 1_200);
    expect(gatewayLooked(lost, 9_000).lostAtMs).toBe(1_200);
    expect(gatewayHeard(9_500).lostAtMs).toBeNull();
  });
});

describe("link", () => {
  test("is lost after five silent seconds and counts up", () => {
    const link = heard(linkAtStart(0), "2026-01-01T00:00:10Z", 1_000);
    expect(lostSeconds(link, 5_900)).toBe(0);
    expect(lostSeconds(link, 8_400)).toBe(7);
    expect(link.offsetMs).toBe(Date.parse("2026-01-01T00:00:10Z") - 1_000);
  });

  test("an unreadable clock leaves the known offset", () => {
    const link = heard(linkAtStart(0), "2026-01-01T00:00:10Z", 0);
    expect(heard(link, "soon", 2_000)).toMatchObject({ offsetMs: link.offsetMs, heardAtMs: 2_000 });
  });
});

describe("boxes", () => {
  const update = (captured_at: string) => ({
    camera_id: "c",
    captured_at,
    analysed_at: captured_at,
    tracks: [{ track_id: 1, class_name: "person", confidence: 0.9, box_xyxy: [0, 0, 1, 1] as const }],
  });
  const at = Date.parse("2026-01-01T00:00:00Z");
  const received = receivedAfter(undefined, update("2026-01-01T00:00:00Z"), at + 200);

  test("vanish after a second, and are never drawn for a frame long past", () => {
    expect(freshBoxes(received, at + 900, 0, 0.4, null)).toHaveLength(1);
    expect(freshBoxes(received, at + 1_300, 0, 0.4, null)).toEqual([]);
    expect(freshBoxes({ ...received, receivedAtMs: at + 5_000 }, at + 5_000, 0, 0.4, null)).toEqual([]);
    expect(freshBoxes(undefined, at, 0, 0.4, null)).toEqual([]);
  });

  test("a page whose clock is wrong still draws them", () => {
    expect(freshBoxes({ ...received, receivedAtMs: at + 90_000 }, at + 90_100, -90_000, 0.4, null)).toHaveLength(1);
  });

  const seenWith = (confidence: number, before?: ReceivedTracks): ReceivedTracks => {
    const seen = update("2026-01-01T00:00:00Z");
    return receivedAfter(before, { ...seen, tracks: seen.tracks.map((track) => ({ ...track, confidence })) }, at);
  };
  const drawn = (tracks: ReceivedTracks): number[] => freshBoxes(tracks, at, 0, 0.4, null).map((box) => box.confidence);

  test("are drawn only where the camera's rules would count them", () => {
    expect(drawn(seenWith(0.28))).toEqual([]);
    expect(drawn(seenWith(0.4))).toEqual([0.4]);
  });

  test("do not flicker: like the rules they go by the best of a track's last five detections", () => {
    let tracks = seenWith(0.5);
    for (const _ of [1, 2, 3, 4]) tracks = seenWith(0.3, tracks);
    expect(drawn(tracks)).toEqual([0.5]);
    expect(drawn(seenWith(0.3, tracks))).toEqual([]);
  });

  test("begin at the lowest confidence of the camera's rules, without rules at the detector's own", () => {
    const rule = { id: "r", name: "", kind: "zone_intrusion", level: "red", classes: ["person"] } as const;
    const rules = [0.5, 0.35].map((min_confidence) => ({ ...rule, min_confidence }));
    expect(boxConfidence(cameraOf({ rules }))).toBe(0.35);
    expect(boxConfidence(cameraOf())).toBe(0.1);
  });

  test("an older frame never replaces a newer one", () => {
    expect(isNewer(update("2025-12-31T23:59:59Z"), received)).toBe(false);
    expect(isNewer(update("2026-01-01T00:00:01Z"), received)).toBe(true);
  });
});
