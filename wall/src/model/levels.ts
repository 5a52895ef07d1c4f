/** Alert levels: order, and the shape that goes with each colour. */

import type { Level } from "./contract.ts";

/** Most urgent first. */
export const LEVELS: readonly Level[] = ["red", "orange", "yellow", "blue"];

export const LEVEL_SHAPE: Readonly<Record<Level, string>> = { red: "■", orange: "◆", yellow: "▲", blue: "●" };

/** 0 for the most urgent level; sorts ascending. */
export function urgency(level: Level): number {
  return LEVELS.indexOf(level);
}
