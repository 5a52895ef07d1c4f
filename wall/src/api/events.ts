/**
 * The event stream (SSE), kept open.
 *
 * The browser's own reconnecting gives up on any answer but 200 and cannot tell why, so a broken stream is closed and
 * opened anew here. A change of the wanted tracks opens the new stream first and closes the old one once it stands.
 */

import { backoffMs } from "../model/backoff.ts";
import type { Alert, Camera, DetectorStatus, HealthSummary, TracksUpdate } from "../model/contract.ts";
import type { DispatchEvent, Drone, Flight, PatrolRun, SightsUpdate } from "../model/drone-contract.ts";

export interface FeedListener {
  /** The stream stands; `anew` unless it only replaced one that stood. */
  opened(anew: boolean): void;
  broken(): void;
  alert(alert: Alert): void;
  camera(camera: Camera): void;
  detector(status: DetectorStatus): void;
  tracks(update: TracksUpdate): void;
  health(summary: HealthSummary): void;
  sights(update: SightsUpdate): void;
  drone(drone: Drone): void;
  flight(flight: Flight): void;
  run(run: PatrolRun): void;
  dispatch(event: DispatchEvent): void;
  ping(now: string): void;
}

/** A stream without a word for this long is taken for dead (pings come every 2 s). */
const SILENT_MS = 6_000;
/** A room has tens of pages at most, and each waits for alerts: none of them waits longer for a server that is back. */
const LONGEST_WAIT_MS = 1_000;

export class EventFeed {
  private source: EventSource | null = null;
  private coming: EventSource | null = null;
  private wanted: readonly string[] = [];
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private running = false;

  constructor(private readonly listener: FeedListener) {}

  start(tracks: readonly string[]): void {
    if (this.running) return this.show(tracks);
    this.running = true;
    this.wanted = tracks;
    this.attempt = 0;
    this.connect();
  }

  stop(): void {
    this.running = false;
    clearTimeout(this.retry);
    clearTimeout(this.watchdog);
    this.source?.close();
    this.coming?.close();
    this.source = null;
    this.coming = null;
  }

  /** Asks for the boxes of other cameras. */
  show(tracks: readonly string[]): void {
    const same = tracks.length === this.wanted.length && tracks.every((id, i) => id === this.wanted[i]);
    if (same) return;
    this.wanted = tracks;
    if (this.source !== null || this.coming !== null) this.connect();
  }

  private connect(): void {
    this.coming?.close();
    const query = this.wanted.length > 0 ? `?tracks=${this.wanted.map(encodeURIComponent).join(",")}` : "";
    const source = new EventSource(`/api/events${query}`);
    this.coming = source;
    source.onopen = () => {
      if (this.coming !== source) return;
      const anew = this.source === null;
      this.source?.close();
      this.source = source;
      this.coming = null;
      this.attempt = 0;
      this.heard();
      this.listener.opened(anew);
    };
    source.onerror = () => this.failed(source);
    this.route(source);
    this.heard();
  }

  private route(source: EventSource): void {
    const on = <T>(name: string, take: (value: T) => void): void => {
      source.addEventListener(name, (event: MessageEvent<string>) => {
        this.heard();
        take(JSON.parse(event.data) as T);
      });
    };
    on<Alert>("alert", (alert) => this.listener.alert(alert));
    on<Camera>("camera", (camera) => this.listener.camera(camera));
    on<DetectorStatus>("detector", (status) => this.listener.detector(status));
    on<TracksUpdate>("tracks", (update) => this.listener.tracks(update));
    on<HealthSummary>("health", (summary) => this.listener.health(summary));
    on<SightsUpdate>("sights", (update) => this.listener.sights(update));
    on<Drone>("drone", (drone) => this.listener.drone(drone));
    on<Flight>("flight", (flight) => this.listener.flight(flight));
    on<PatrolRun>("run", (run) => this.listener.run(run));
    on<DispatchEvent>("dispatch", (event) => this.listener.dispatch(event));
    on<{ now: string }>("ping", (ping) => this.listener.ping(ping.now));
  }

  private heard(): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => {
      const stuck = this.coming ?? this.source;
      if (stuck !== null) this.failed(stuck);
    }, SILENT_MS);
  }

  private failed(source: EventSource): void {
    source.close();
    if (source !== this.source && source !== this.coming) return;
    if (source === this.source) this.source = null;
    if (source === this.coming) this.coming = null;
    if (!this.running) return;
    clearTimeout(this.retry);
    clearTimeout(this.watchdog);
    this.listener.broken();
    this.attempt += 1;
    this.retry = setTimeout(() => {
      if (this.running) this.connect();
    }, backoffMs(this.attempt, Math.random(), 300, LONGEST_WAIT_MS));
  }
}
