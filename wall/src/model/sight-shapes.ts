/** Shapes of what a drone's camera sees, each class its own, in a box from -8 to 8. None is a shape of an alert's level. */

const CAR = "M-7.5 4.5V0L-4.5 -4.5H4L7.5 0V4.5Z";
const WHEELS = "M-7.5 3a3 3 0 1 0 6 0a3 3 0 1 0 -6 0ZM1.5 3a3 3 0 1 0 6 0a3 3 0 1 0 -6 0Z";

const SHAPES: Readonly<Record<string, string>> = {
  person: "M0 -8a2.7 2.7 0 1 1 0 5.4a2.7 2.7 0 1 1 0 -5.4ZM-4.7 7.5V2.8a4.7 4.2 0 0 1 9.4 0V7.5Z",
  car: CAR,
  truck: "M-8 5V-5.5H1.5V5ZM2.5 5V-2.5H5.5L8 1V5Z",
  bus: "M-8 5V-5.5H8V5ZM-6 -3.5H6V-0.5H-6Z",
  bicycle: `${WHEELS}M-4.5 3L-1.5 -3H2.5L4.5 3M-1.5 -3L0 3H-4.5M2.5 -3V-5H4.5`,
  motorcycle: `${WHEELS}M-5 2L-3.5 -2H1L3 -5H5L4 -2L5 2Z`,
};

/** A cross of two bars, for whatever else there is. */
const OTHER = "M-2 -7H2V-2H7V2H2V7H-2V2H-7V-2H-2Z";

export function sightShape(className: string): string {
  return Object.hasOwn(SHAPES, className) ? (SHAPES[className] ?? OTHER) : OTHER;
}

/** Classes that are drawn as lines, not filled. */
export function isOutline(className: string): boolean {
  return className === "bicycle";
}
