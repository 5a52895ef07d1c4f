/**
 * When a painted picture was captured, from RTP times and what the gateway answers; free of sockets and clocks.
 *
 * Each question carries the page's clock, each answer the gateway's and one pair of RTP time and capture instant
 * (command_api/live/capture.py). The quickest of the last half minute's rounds tells how the clocks stand: then a network
 * that holds everything back makes a picture older, not the clocks different.
 */

export interface CaptureAnswer {
  /** The question: the page's clock when it was asked. */
  readonly asked: number;
  /** The gateway's clock, since the epoch. */
  readonly now_ms: number;
  readonly rtp: number | null;
  readonly captured_ms: number | null;
}

interface Round {
  readonly askedAtMs: number;
  readonly roundTripMs: number;
  /** The gateway's clock minus the page's. */
  readonly offsetMs: number;
}

export interface CaptureClock {
  readonly rounds: readonly Round[];
  readonly rtp: number | null;
  readonly capturedMs: number;
}

export const NO_CLOCK: CaptureClock = { rounds: [], rtp: null, capturedMs: 0 };

const REMEMBERED_MS = 30_000;
const RTP_PER_MS = 90;
/** Dates further off than this are no dates: the frame is of another connection. */
const LARGEST_AGE_MS = 3_600_000;
const LARGEST_LEAD_MS = 1_000;

/** The clock after an answer; one that was overtaken by a later question changes nothing. */
export function answered(clock: CaptureClock, answer: CaptureAnswer, nowMs: number): CaptureClock {
  const newest = clock.rounds.at(-1)?.askedAtMs ?? -Infinity;
  if (answer.asked <= newest || answer.asked > nowMs) return clock;
  const round = {
    askedAtMs: answer.asked,
    roundTripMs: nowMs - answer.asked,
    offsetMs: answer.now_ms - (answer.asked + nowMs) / 2,
  };
  const rounds = [...clock.rounds.filter((old) => nowMs - old.askedAtMs < REMEMBERED_MS), round];
  if (answer.rtp === null || answer.captured_ms === null) return { ...clock, rounds };
  return { rounds, rtp: answer.rtp, capturedMs: answer.captured_ms };
}

/** The capture of the picture of this RTP time on the page's clock; null while that cannot be told. */
export function capturedAt(clock: CaptureClock, rtp: number, nowMs: number): number | null {
  const offsetMs = clockOffsetMs(clock);
  if (offsetMs === null || clock.rtp === null) return null;
  // Signed, across the wrap of 32 bits.
  const sinceMs = ((rtp - clock.rtp) | 0) / RTP_PER_MS;
  const capturedAtMs = clock.capturedMs + sinceMs - offsetMs;
  const ageMs = nowMs - capturedAtMs;
  if (ageMs > LARGEST_AGE_MS || ageMs < -LARGEST_LEAD_MS) return null;
  return Math.min(capturedAtMs, nowMs);
}

/** The gateway's clock minus the page's, by the quickest round; null before the first. */
export function clockOffsetMs(clock: CaptureClock): number | null {
  const quickest = clock.rounds.reduce<Round | null>((best, round) => (best !== null && best.roundTripMs <= round.roundTripMs ? best : round), null);
  return quickest?.offsetMs ?? null;
}
