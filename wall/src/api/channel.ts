/**
 * Alerts over a WebRTC data channel on a connection of its own: the fast path beside SSE.
 *
 * Unordered and without replay, so whoever listens drops duplicates by seq and catches up on every (re)open. Its pings
 * tell every tile that the gateway is there; the API holds the question for a new channel until a gateway answers.
 */

import { backoffMs } from "../model/backoff.ts";
import type { Alert } from "../model/contract.ts";
import { headers, problemOf } from "./client.ts";
import { gateway } from "./gateway.ts";

export interface ChannelListener {
  opened(): void;
  alert(alert: Alert): void;
}

type Message = { type: "alert"; alert: Alert } | { type: "ping"; now: string };

/** A channel that does not open in this time is given up. */
const OPEN_WITHIN_MS = 8_000;
/** An open one without a word for this long is taken for dead (pings come every second). */
const SILENT_MS = 2_500;

export class AlertChannel {
  private peer: RTCPeerConnection | null = null;
  private session: string | null = null;
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running = false;

  constructor(private readonly listener: ChannelListener) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    this.attempt = 0;
    void this.connect();
  }

  stop(): void {
    this.running = false;
    clearTimeout(this.timer);
    this.hangUp();
    gateway.forget();
  }

  private async connect(): Promise<void> {
    const peer = new RTCPeerConnection({ iceServers: [] });
    this.peer = peer;
    const channel = peer.createDataChannel("events", { ordered: false });
    channel.onopen = () => {
      if (this.peer !== peer) return;
      this.attempt = 0;
      this.heard();
      this.listener.opened();
    };
    channel.onmessage = (event: MessageEvent<string>) => {
      if (this.peer !== peer) return;
      this.heard();
      const message = JSON.parse(event.data) as Message;
      if (message.type === "alert") this.listener.alert(message.alert);
    };
    channel.onclose = () => this.failed(peer);
    peer.onconnectionstatechange = () => {
      if (peer.connectionState === "failed") this.failed(peer);
    };
    this.watch(OPEN_WITHIN_MS);
    try {
      await this.negotiate(peer);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.failed(peer);
    }
  }

  private async negotiate(peer: RTCPeerConnection): Promise<void> {
    await peer.setLocalDescription(await peer.createOffer());
    const response = await fetch("/api/events/webrtc", {
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
    gateway.answered();
    await peer.setRemoteDescription({ type: "answer", sdp: answer });
  }

  private heard(): void {
    gateway.heard();
    this.watch(SILENT_MS);
  }

  private watch(withinMs: number): void {
    clearTimeout(this.timer);
    const peer = this.peer;
    if (peer !== null) this.timer = setTimeout(() => this.failed(peer), withinMs);
  }

  private failed(peer: RTCPeerConnection): void {
    if (this.peer !== peer) return;
    this.hangUp();
    gateway.closed();
    if (!this.running) return;
    this.attempt += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.connect(), backoffMs(this.attempt, Math.random(), 250, 2_000));
  }

  private hangUp(): void {
    const peer = this.peer;
    this.peer = null;
    peer?.close();
    endSession(this.session);
    this.session = null;
  }
}

/** Ends a session of the gateway, also while the page is being left. */
export function endSession(location: string | null): void {
  if (location === null) return;
  // Best effort: a session that is not ended here ends by the gateway's own consent timer.
  fetch(location, { method: "DELETE", headers: headers(), keepalive: true, credentials: "same-origin" }).catch(
    () => undefined,
  );
}
