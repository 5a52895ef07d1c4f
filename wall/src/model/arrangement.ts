/**
 * Which camera stands in which slot of the grid.
 *
 * Slot 0 is the hot-spot (2x2 cells in the nine-tile layout). A camera that takes the hot-spot swaps places with the one
 * at home there, so no camera of the page is hidden or shown twice, and its tile keeps its connection.
 */

export type LayoutSize = 1 | 4 | 9;

export interface Placement {
  readonly cameraId: string;
  readonly slot: number;
}

/** Pages needed to show `count` cameras. */
export function pageCount(count: number, size: LayoutSize): number {
  return Math.max(1, Math.ceil(count / size));
}

/** The page, wrapped into range. */
export function wrapPage(page: number, count: number, size: LayoutSize): number {
  const pages = pageCount(count, size);
  return ((page % pages) + pages) % pages;
}

/** The page a camera is at home on, 0 where it is unknown. */
export function pageOf(cameraIds: readonly string[], size: LayoutSize, cameraId: string): number {
  return Math.max(0, Math.floor(cameraIds.indexOf(cameraId) / size));
}

/** Cameras and their slots, in the order of the camera list so that no element moves in the document. */
export function place(
  cameraIds: readonly string[],
  size: LayoutSize,
  page: number,
  hotspotCameraId: string | null,
): Placement[] {
  const first = wrapPage(page, cameraIds.length, size) * size;
  const home = cameraIds.slice(first, first + size);
  const slots = [...home];
  const hot = hotspotCameraId !== null && cameraIds.includes(hotspotCameraId) ? hotspotCameraId : null;
  const atHome = home[0];
  if (hot !== null && atHome !== undefined && hot !== atHome) {
    const swapped = slots.indexOf(hot);
    if (swapped > 0) slots[swapped] = atHome;
    slots[0] = hot;
  }
  return slots
    .map((cameraId, slot) => ({ cameraId, slot }))
    .sort((a, b) => cameraIds.indexOf(a.cameraId) - cameraIds.indexOf(b.cameraId));
}

/** Whether the nine-tile layout is better served by 4 columns of 3 rows than by 3 columns of 4 rows (16:9 pictures). */
export function prefersWideGrid(width_px: number, height_px: number): boolean {
  const cell = (columns: number, rows: number): number => Math.min(width_px / columns, (height_px / rows) * (16 / 9));
  return cell(4, 3) > cell(3, 4);
}
