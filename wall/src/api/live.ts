/** One camera's live picture over WHEP (draft-ietf-wish-whep): the machine of model/whep.ts with a real connection. */

import { answered, capturedAt, clockOffsetMs, NO_CLOCK } from "../model/capture.ts";
import type { CaptureAnswer } from "../model/capture.ts";
import type { StreamName } from "../model/contract.ts";
import { hasOwnPicture, IDLE, isLate, opened, showsItself, staleSeconds, waitsForGateway, whepNext } from "../model/whep.ts";
import type { WhepEvent, WhepFailure, WhepState } from "../model/whep.ts";
import { endSession } from "./channel.ts";
import { ApiError, headers, problemOf } from "./client.ts";
import { gateway } from "./gateway.ts";

const POLL_MS = 500;
/** Tiles that come back together spread over this time. */
const BACK_WITHIN_MS = 300;

export class LiveView {
  state: WhepState = IDLE;
  framesDecoded = 0;
  /** From the first try to the first painted picture. */
  firstPictureMs: number | null = null;

  private peer: RTCPeerConnection | null = null;
  /** Whose stream the video element has: it may be that of a connection before the present one. */
  private attached: RTCPeerConnection | null = null;
  private session: string | null = null;
  /** Tells when pictures were captured. */
  private channel: RTCDataChannel | null = null;
  private captures = NO_CLOCK;
  private paintedRtp: number | null = null;
  private poll: ReturnType<typeof setInterval> | undefined;
  private startedAtMs = 0;
  private address = "";
  private readonly leave = (): void => this.close();
  private stopListening: (() => void) | null = null;
  private returning: ReturnType<typeof setTimeout> | undefined;

  /**
   * Args:
   *   video: the element that shows the stream.
   *   changed: called after every change of state and on every poll.
   *   keepPicture: called before a shown picture is lost to a reconnect.
   */
  constructor(
    private readonly video: HTMLVideoElement,
    private readonly changed: () => void,
    private readonly keepPicture: () => void,
  ) {}

  open(cameraId: string, stream: StreamName | null): void {
    this.address = addressOf(cameraId, stream);
    this.startedAtMs = performance.now();
    this.firstPictureMs = null;
    window.addEventListener("pagehide", this.leave);
    this.stopListening = gateway.onBack(() => this.gatewayIsBack());
    this.poll = setInterval(() => void this.look(), POLL_MS);
    this.step({ kind: "open" });
  }

  /** Asks for another stream of the camera; the last picture stays until the new one comes. */
  change(cameraId: string, stream: StreamName | null): void {
    const address = addressOf(cameraId, stream);
    if (address === this.address) return;
    this.address = address;
    if (this.state.phase === "backoff") return;
    if (hasOwnPicture(this.state)) this.keepPicture();
    this.state = opened(this.state, performance.now());
    void this.connect();
    // At once: the old connection is closed and its video black, so the kept picture has to cover it before the next paint.
    this.changed();
  }

  close(): void {
    window.removeEventListener("pagehide", this.leave);
    this.stopListening?.();
    clearTimeout(this.returning);
    clearInterval(this.poll);
    this.hangUp();
    this.step({ kind: "close" });
  }

  /** The camera is known to be back: no need to sit out the waiting time. */
  retryNow(): void {
    if (this.state.phase === "backoff") this.step({ kind: "open" });
  }

  private gatewayIsBack(): void {
    clearTimeout(this.returning);
    this.returning = setTimeout(() => {
      if (waitsForGateway(this.state)) this.retryNow();
    }, BACK_WITHIN_MS * Math.random());
  }

  private step(event: WhepEvent): void {
    const before = this.state.phase;
    this.state = whepNext(this.state, event, performance.now());
    if (this.state.phase === "connecting" && before !== "connecting") void this.connect();
    if (this.state.phase === "backoff" && before !== "backoff") {
      if (hasOwnPicture(this.state)) this.keepPicture();
      this.hangUp();
    }
    this.changed();
  }

  private async connect(): Promise<void> {
    this.hangUp();
    const peer = new RTCPeerConnection({ iceServers: [] });
    this.peer = peer;
    this.framesDecoded = 0;
    peer.addTransceiver("video", { direction: "recvonly" });
    this.openChannel(peer);
    peer.ontrack = (event) => {
      // The receiver's own jitter buffer would trade freshness for smoothness.
      event.receiver.jitterBufferTarget = 0;
      this.attached = peer;
      this.video.srcObject = event.streams[0] ?? new MediaStream([event.track]);
    };
    peer.onconnectionstatechange = () => {
      if (peer.connectionState === "failed") this.fail(peer, { code: "connection_failed", status: 0 });
    };
    try {
      await this.negotiate(peer);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const failure = error instanceof ApiError ? { code: error.code, status: error.status } : { code: "unreachable", status: 0 };
      this.fail(peer, failure, error instanceof ApiError ? error.retryAfterS : null);
    }
  }

  private openChannel(peer: RTCPeerConnection): void {
    const channel = peer.createDataChannel("capture", { ordered: false, maxRetransmits: 0 });
    this.channel = channel;
    channel.onopen = () => this.askAge();
    channel.onmessage = (event: MessageEvent<string>) => {
      if (this.channel !== channel) return;
      const nowMs = performance.now();
      this.captures = answered(this.captures, JSON.parse(event.data) as CaptureAnswer, nowMs);
      const capturedAtMs = this.captureOf(this.paintedRtp, nowMs);
      if (capturedAtMs !== null) this.step({ kind: "dated", capturedAtMs });
    };
  }

  private askAge(): void {
    if (this.channel?.readyState === "open") this.channel.send(performance.now().toFixed(3));
  }

  private captureOf(rtp: number | null, nowMs: number): number | null {
    return rtp === null ? null : capturedAt(this.captures, rtp, nowMs);
  }

  private async negotiate(peer: RTCPeerConnection): Promise<void> {
    await peer.setLocalDescription(await peer.createOffer());
    const response = await fetch(this.address, {
      method: "POST",
      headers: headers("application/sdp"),
      body: peer.localDescription?.sdp ?? "",
      credentials: "same-origin",
    });
    if (!response.ok) throw await problemOf(response);
    const session = response.headers.get("Location");
    const answer = await response.text();
    if (this.peer !== peer) return endSession(session);
    this.session = session;
    await peer.setRemoteDescription({ type: "answer", sdp: answer });
  }

  private fail(peer: RTCPeerConnection, failure: WhepFailure, retryAfterS: number | null = null): void {
    if (this.peer !== peer) return;
    const event = { kind: "failed", failure, random: Math.random() } as const;
    this.step(retryAfterS === null ? event : { ...event, retryAfterMs: retryAfterS * 1000 });
  }

  private async look(): Promise<void> {
    const peer = this.peer;
    this.askAge();
    if (peer !== null) {
      const decoded = await framesDecodedOf(peer);
      if (this.peer === peer && decoded > this.framesDecoded) {
        this.framesDecoded = decoded;
        this.step({ kind: "decoded" });
      }
      // A gateway that was killed says nothing: its silence and a standing picture together need no further waiting.
      if (peer.connectionState === "disconnected" && staleSeconds(this.state, performance.now()) > 0) {
        this.fail(peer, { code: "connection_failed", status: 0 });
      }
    }
    this.step({ kind: "tick", random: Math.random(), gatewayLostAtMs: gateway.lostAtMs });
  }

  /**
   * The video element painted a frame; of its stream's first, and of the first after a standstill, is told at once.
   *
   * Returns:
   *   When that frame was captured, by the server's clock; null while that is not known.
   */
  painted(rtp: number | null): number | null {
    if (this.peer === null || this.attached !== this.peer) return null;
    const nowMs = performance.now();
    const before = this.state;
    this.paintedRtp = rtp;
    const capturedAtMs = this.captureOf(rtp, nowMs);
    this.state = whepNext(before, { kind: "picture", capturedAtMs }, nowMs);
    this.firstPictureMs ??= nowMs - this.startedAtMs;
    const turns = isLate(before, nowMs) !== isLate(this.state, nowMs);
    if (!showsItself(before) || turns || staleSeconds(before, nowMs) > 0) this.changed();
    const offsetMs = clockOffsetMs(this.captures);
    return capturedAtMs === null || offsetMs === null ? null : capturedAtMs + offsetMs;
  }

  private hangUp(): void {
    const peer = this.peer;
    this.peer = null;
    this.channel = null;
    this.captures = NO_CLOCK;
    this.paintedRtp = null;
    peer?.close();
    endSession(this.session);
    this.session = null;
  }
}

function addressOf(cameraId: string, stream: StreamName | null): string {
  return `/whep/${encodeURIComponent(cameraId)}${stream === null ? "" : `?stream=${stream}`}`;
}

async function framesDecodedOf(peer: RTCPeerConnection): Promise<number> {
  let decoded = 0;
  const report = await peer.getStats();
  report.forEach((entry: { type: string; kind?: string; framesDecoded?: number }) => {
    if (entry.type === "inbound-rtp" && entry.kind === "video") decoded += entry.framesDecoded ?? 0;
  });
  return decoded;
}
