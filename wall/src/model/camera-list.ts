/** Which cameras the list shows. */

import type { Camera } from "./contract.ts";
import { isOnline } from "./tile.ts";

export type CameraFilter = "all" | "offline" | "not_analysed";

/** Cameras of a filter whose name, id, unit, station or grid contains what is sought. */
export function chooseCameras(cameras: readonly Camera[], filter: CameraFilter, sought: string): Camera[] {
  const needle = sought.trim().toLowerCase();
  return cameras.filter((camera) => {
    const inService = camera.state !== "disabled" && camera.state !== "unobserved" && !camera.planned;
    if (filter === "offline" && (isOnline(camera) || !inService)) return false;
    if (filter === "not_analysed" && camera.analysed.state !== "not_analysed") return false;
    const words = [camera.name, camera.id, camera.unit, camera.station, camera.grid];
    return needle === "" || words.some((word) => word.toLowerCase().includes(needle));
  });
}
