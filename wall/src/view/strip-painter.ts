/** Paints minutes onto a canvas, in device pixels so that hatching stays crisp. */

import type { MinuteCode, StripRow } from "../model/strip.ts";

export interface StripInk {
  readonly fill: Readonly<Record<MinuteCode, string>>;
  readonly hatch: string;
  readonly mark: string;
}

/** The colours of the tokens in force. */
export function stripInk(element: Element): StripInk {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    fill: {
      O: token("--strip-online"),
      D: token("--yellow"),
      X: token("--orange"),
      S: token("--line"),
      N: token("--background"),
    },
    hatch: token("--unknown"),
    mark: token("--text"),
  };
}

/** Draws all rows over the whole canvas. */
export function paintStrip(canvas: HTMLCanvasElement, rows: readonly StripRow[], ink: StripInk, gap_px: number): void {
  const scale = window.devicePixelRatio;
  const width = Math.round(canvas.clientWidth * scale);
  const height = Math.round(canvas.clientHeight * scale);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null || rows.length === 0) return;
  context.clearRect(0, 0, width, height);
  rows.forEach((row, i) => {
    const top = Math.round((i * height) / rows.length);
    const bottom = Math.round(((i + 1) * height) / rows.length) - gap_px;
    paintRow(context, row, ink, width, top, Math.max(1, bottom - top));
  });
}

function paintRow(
  context: CanvasRenderingContext2D,
  row: StripRow,
  ink: StripInk,
  width: number,
  top: number,
  height: number,
): void {
  row.minutes.forEach((minute, i) => {
    const left = Math.round((i * width) / row.minutes.length);
    const right = Math.round(((i + 1) * width) / row.minutes.length);
    context.fillStyle = ink.fill[minute.code];
    context.fillRect(left, top, right - left, height);
    if (minute.code === "N") hatch(context, ink.hatch, left, top, right - left, height);
    if (minute.notAnalysed) {
      const line = Math.max(1, Math.round(height / 4));
      context.fillStyle = ink.mark;
      for (let x = left; x < right; x += 4) context.fillRect(x, top + height - line, 2, line);
    }
  });
}

function hatch(
  context: CanvasRenderingContext2D,
  colour: string,
  left: number,
  top: number,
  width: number,
  height: number,
): void {
  context.fillStyle = colour;
  for (let y = 0; y < height; y += 1) {
    // One diagonal across neighbouring cells: the phase comes from the absolute position.
    for (let x = left; x < left + width; x += 1) if ((x + top + y) % 5 === 0) context.fillRect(x, top + y, 1, 1);
  }
}
