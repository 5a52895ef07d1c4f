/** Waiting times between tries: doubling, capped, with full jitter so that many tiles do not come back at once. */

/**
 * Args:
 *   attempt: failures so far, from 1.
 *   random: 0-1.
 *
 * Returns:
 *   Milliseconds, never under a quarter of the step.
 */
export function backoffMs(attempt: number, random: number, firstMs = 500, capMs = 8_000): number {
  const step = Math.min(capMs, firstMs * 2 ** Math.max(0, attempt - 1));
  return Math.round(step * (0.25 + 0.75 * random));
}
