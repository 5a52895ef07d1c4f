/** The last hour of a camera as columns of minutes. */

import type { Strip } from "./contract.ts";

/** O online, D degraded, X offline, S out of service, N no data. */
export type MinuteCode = "O" | "D" | "X" | "S" | "N";

export interface Minute {
  readonly code: MinuteCode;
  readonly notAnalysed: boolean;
}

export interface StripRow {
  readonly cameraId: string;
  readonly minutes: readonly Minute[];
}

const CODES: ReadonlySet<string> = new Set(["O", "D", "X", "S", "N"]);

/** A code this page does not know counts as no data, and a short row is filled up with no data on its old end. */
export function stripRows(strip: Strip): StripRow[] {
  return strip.cameras.map((camera) => {
    const padded = camera.minutes.padStart(strip.minute_count, "N").slice(-strip.minute_count);
    const marks = camera.not_analysed.padStart(strip.minute_count, ".").slice(-strip.minute_count);
    const minutes = [...padded].map((code, i) => ({
      code: (CODES.has(code) ? code : "N") as MinuteCode,
      // Where nobody watched nothing is known of the analysis either.
      notAnalysed: marks[i] === "1" && code !== "N" && code !== "S",
    }));
    return { cameraId: camera.camera_id, minutes };
  });
}

/** Minutes of a kind in a row. */
export function countMinutes(row: StripRow, code: MinuteCode): number {
  return row.minutes.filter((minute) => minute.code === code).length;
}

export function countNotAnalysed(row: StripRow): number {
  return row.minutes.filter((minute) => minute.notAnalysed).length;
}

/** Which cell lies under a pointer; null beside the cells. */
export function cellAt(
  rows: readonly StripRow[],
  fraction_x: number,
  fraction_y: number,
): { row: StripRow; minute: Minute; index: number } | null {
  const row = rows[Math.floor(fraction_y * rows.length)];
  if (row === undefined) return null;
  const index = Math.floor(fraction_x * row.minutes.length);
  const minute = row.minutes[index];
  return minute === undefined ? null : { row, minute, index };
}
