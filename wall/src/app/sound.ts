/**
 * Sounds by level, made on the spot: no files.
 *
 *   red     three rising tones, again every 3 s until nobody has to acknowledge a red alert any more
 *   orange  two tones, again every 15 s
 *   yellow  one tone, once
 *   blue    one low tone, once
 */

import type { Level } from "../model/contract.ts";

interface Tone {
  readonly frequency_hz: number;
  readonly start_s: number;
  readonly length_s: number;
}

const TONES: Readonly<Record<Level, readonly Tone[]>> = {
  red: [
    { frequency_hz: 784, start_s: 0, length_s: 0.16 },
    { frequency_hz: 988, start_s: 0.2, length_s: 0.16 },
    { frequency_hz: 1175, start_s: 0.4, length_s: 0.28 },
  ],
  orange: [
    { frequency_hz: 740, start_s: 0, length_s: 0.18 },
    { frequency_hz: 587, start_s: 0.24, length_s: 0.24 },
  ],
  yellow: [{ frequency_hz: 587, start_s: 0, length_s: 0.22 }],
  blue: [{ frequency_hz: 392, start_s: 0, length_s: 0.26 }],
};

const LOUDNESS: Readonly<Record<Level, number>> = { red: 0.32, orange: 0.24, yellow: 0.16, blue: 0.1 };

/** Seconds until the sound of a level comes again while its alert waits; null: only once. */
export const REPEAT_MS: Readonly<Record<Level, number | null>> = { red: 3_000, orange: 15_000, yellow: null, blue: null };

export class Sounder {
  private context: AudioContext | null = null;

  constructor(private readonly blockedChanged: (blocked: boolean) => void) {}

  /** Asks the browser for sound; without a person's gesture it may refuse, which is shown. */
  async unlock(): Promise<void> {
    if (this.context === null) {
      const context = new AudioContext();
      context.onstatechange = () => this.tell();
      this.context = context;
    }
    this.tell();
    if (this.context.state === "suspended") await this.context.resume();
    this.tell();
  }

  play(level: Level): void {
    const context = this.context;
    if (context === null || context.state !== "running") return;
    for (const tone of TONES[level]) ring(context, tone, LOUDNESS[level]);
  }

  private tell(): void {
    this.blockedChanged(this.context?.state !== "running");
  }
}

function ring(context: AudioContext, tone: Tone, loudness: number): void {
  const at = context.currentTime + 0.02 + tone.start_s;
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.type = "triangle";
  oscillator.frequency.value = tone.frequency_hz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(loudness, at + 0.015);
  gain.gain.setValueAtTime(loudness, at + tone.length_s - 0.05);
  gain.gain.linearRampToValueAtTime(0, at + tone.length_s);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + tone.length_s);
}
