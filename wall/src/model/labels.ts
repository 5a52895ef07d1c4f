/** Where the words of things that lie close together go, so that they do not cover each other. */

import type { Pixel } from "./viewport.ts";

export interface LabelPlace {
  /** Left upper corner of the words. */
  readonly at: Pixel;
  readonly side: "right" | "left";
}

/** Room of something drawn, in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * Args:
 *   anchors: middles of the symbols, the most important one first: it gets the best place.
 *   width_px, height_px: of the words, as far as they can be reckoned.
 *   gap_px: from the middle of a symbol to its words.
 *   picture: what the words should stay in.
 *   obstacles: what else they should not cover.
 *
 * Returns:
 *   One place per anchor: beside its symbol, else above or below the words that are in the way.
 */
export function labelPlaces(
  anchors: readonly Pixel[],
  width_px: number,
  height_px: number,
  gap_px: number,
  picture: Box,
  obstacles: readonly Box[] = [],
): LabelPlace[] {
  const symbols = anchors.map(([x, y]) => boxAt([x - gap_px / 2, y - gap_px / 2], gap_px, gap_px));
  const taken: Box[] = [];
  return anchors.map((anchor, own) => {
    const others = [...taken, ...obstacles, ...symbols.filter((_, i) => i !== own)];
    const places = candidates(anchor, width_px, height_px, gap_px);
    const free = places.find((place) => {
      const box = boxAt(place.at, width_px, height_px);
      return isWithin(box, picture) && !others.some((other) => overlaps(box, other));
    });
    const chosen = free ?? places[0];
    if (chosen === undefined) throw new RangeError("a label has no place to go");
    taken.push(boxAt(chosen.at, width_px, height_px));
    return chosen;
  });
}

const ROWS = [0, 1, -1, 2, -2, 3, -3] as const;

function candidates([x, y]: Pixel, width: number, height: number, gap: number): LabelPlace[] {
  return ROWS.flatMap((row) => {
    const top = y - height / 2 + row * height;
    return [
      { at: [x + gap, top], side: "right" },
      { at: [x - gap - width, top], side: "left" },
    ] satisfies LabelPlace[];
  });
}

/** Which of these words are drawn: in their order, each one that covers nothing drawn before it. */
export function keptLabels(wanted: readonly Box[], taken: readonly Box[]): boolean[] {
  const drawn = [...taken];
  return wanted.map((box) => {
    if (drawn.some((other) => overlaps(box, other))) return false;
    drawn.push(box);
    return true;
  });
}

/** Where each of these words go, in their order: the first of its places that covers nothing drawn before it; null: nowhere. */
export function freePlaces(wanted: readonly (readonly Box[])[], taken: readonly Box[]): (number | null)[] {
  const drawn = [...taken];
  return wanted.map((places) => {
    const free = places.findIndex((box) => !drawn.some((other) => overlaps(box, other)));
    const box = places[free];
    if (box === undefined) return null;
    drawn.push(box);
    return free;
  });
}

/** Width of words as far as it can be reckoned: Chinese is as wide as it is high. */
export function textWidth(text: string, size_px: number): number {
  return [...text].reduce((width, sign) => width + (/[\u2e80-\uffef]/.test(sign) ? 1 : 0.58) * size_px, 0);
}

/** Room of lines of words, centred on x, whose first line stands on y. */
export function centredBox([x, y]: Pixel, lines: readonly string[], size_px: number): Box {
  const width = Math.max(...lines.map((line) => textWidth(line, size_px)));
  return { left: x - width / 2, top: y - size_px, right: x + width / 2, bottom: y + (lines.length - 1) * size_px * 1.25 + size_px * 0.3 };
}

export function boxAt([left, top]: Pixel, width: number, height: number): Box {
  return { left, top, right: left + width, bottom: top + height };
}

function isWithin(box: Box, picture: Box): boolean {
  return box.left >= picture.left && box.top >= picture.top && box.right <= picture.right && box.bottom <= picture.bottom;
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
