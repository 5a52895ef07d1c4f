/** Newest boxes per camera: they come several times a second and bypass the store. */

import type { TracksUpdate } from "../model/contract.ts";
import type { ReceivedTracks } from "../model/tracks.ts";
import { isNewer, receivedAfter } from "../model/tracks.ts";

export class TrackBoard {
  private readonly newest = new Map<string, ReceivedTracks>();
  private readonly listeners = new Map<string, Set<() => void>>();

  newestOf(cameraId: string): ReceivedTracks | undefined {
    return this.newest.get(cameraId);
  }

  post(update: TracksUpdate, nowMs: number): void {
    const known = this.newest.get(update.camera_id);
    if (!isNewer(update, known)) return;
    this.newest.set(update.camera_id, receivedAfter(known, update, nowMs));
    for (const listener of this.listeners.get(update.camera_id) ?? []) listener();
  }

  listen(cameraId: string, listener: () => void): () => void {
    const listeners = this.listeners.get(cameraId) ?? new Set();
    this.listeners.set(cameraId, listeners.add(listener));
    return () => listeners.delete(listener);
  }
}
