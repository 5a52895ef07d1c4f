/** Styles of the map. No state is told by its colour alone: outlines, hatchings and words differ as well. */

import { css } from "lit";

import { flightStyles } from "./map-flight-styles.ts";
import { siteStyles } from "./map-site-styles.ts";

export const mapStyles = css`
  :host {
    position: relative;
    display: block;
    min-width: 0;
    min-height: 0;
    overflow: hidden;
    background: var(--picture);
  }
  svg.plan {
    display: block;
    width: 100%;
    height: 100%;
    cursor: grab;
    touch-action: none;
    user-select: none;
  }
  svg.plan.dragged {
    cursor: grabbing;
  }
  svg.plan:focus-visible {
    outline-offset: -2px;
  }
  text {
    fill: var(--text);
    font-family: var(--sans);
    font-size: 0.86rem;
    paint-order: stroke;
    stroke: rgb(5 8 11 / 0.85);
    stroke-width: calc(3px * var(--room-scale));
    stroke-linejoin: round;
    pointer-events: none;
  }
  polyline,
  .edge,
  .grid {
    fill: none;
  }
  .grid {
    stroke: var(--line);
    stroke-opacity: 0.55;
  }
  ${siteStyles}
  ${flightStyles}
  .tools {
    position: absolute;
    top: 0.6rem;
    right: 0.6rem;
    display: grid;
    gap: 0.3rem;
  }
  .tools button {
    width: 2.1rem;
    height: 2.1rem;
    padding: 0;
    display: grid;
    place-content: center;
    font-size: 1.15rem;
  }
  .corner {
    position: absolute;
    bottom: 0.6rem;
    display: flex;
    align-items: end;
    gap: 0.9rem;
    pointer-events: none;
    font-size: 0.86rem;
    color: var(--dim);
  }
  .corner.right {
    right: 0.8rem;
  }
  .corner.left {
    left: 0.8rem;
    flex-direction: column;
    align-items: start;
    gap: 0.25rem;
  }
  .corner svg {
    display: block;
  }
  .corner.left.legend {
    display: grid;
    grid-template-columns: auto auto;
    gap: 0.2rem 1rem;
    padding: 0.35rem 0.6rem;
    border-radius: var(--radius);
    background: rgb(11 15 20 / 0.85);
  }
  .legend span {
    display: flex;
    align-items: center;
    gap: 0.4rem;
  }
  .scale path {
    fill: none;
    stroke: var(--text);
    stroke-width: calc(1.5px * var(--room-scale));
  }
  .warning {
    position: absolute;
    top: 0.6rem;
    left: 0.6rem;
    display: grid;
    gap: 0.3rem;
    max-width: calc(100% - 4rem);
  }
  .warning span {
    padding: 0.25rem 0.6rem;
    border: 1px solid var(--orange);
    border-radius: var(--radius);
    background: rgb(11 15 20 / 0.9);
    color: var(--orange);
  }
  .empty {
    position: absolute;
    inset: 0;
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 0.4rem;
    padding: 1rem;
    color: var(--dim);
    text-align: center;
  }
  .empty b {
    color: var(--text);
    font-size: 1.07rem;
    font-weight: 500;
  }
`;
