/**
 * Styles of a tile: the picture, and under it one line for the name, so that nothing lies over what the camera itself
 * writes into its corners. The line has the same height in every state: no state moves anything.
 */

import { css } from "lit";

export const tileStyles = css`
  :host {
    position: relative;
    display: grid;
    grid-template: minmax(0, 1fr) auto / minmax(0, 1fr);
    min-width: 0;
    min-height: 0;
    overflow: hidden;
    background: var(--picture);
    container-type: size;
  }
  .picture {
    position: relative;
    min-height: 0;
    overflow: hidden;
  }
  video,
  .kept {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    object-fit: contain;
  }
  :host([data-tile-state="connecting"]) .skeleton,
  :host([data-tile-state="gateway_busy"]) .skeleton {
    opacity: 1;
  }
  .old {
    filter: grayscale(0.85) brightness(0.38);
  }
  .skeleton {
    position: absolute;
    inset: 0;
    opacity: 0;
    background: radial-gradient(ellipse at center, var(--panel), var(--picture) 75%);
  }
  .cross {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    stroke: var(--dim);
    stroke-opacity: 0.35;
    stroke-width: calc(1.5px * var(--room-scale));
  }
  .cross line {
    vector-effect: non-scaling-stroke;
  }
  .cover {
    position: absolute;
    inset: 0;
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 0.25rem;
    padding: 0.5rem 0.75rem;
    text-align: center;
    pointer-events: none;
  }
  .cover .word {
    font-size: clamp(1.07rem, 5.2cqw, 1.9rem);
    font-weight: 600;
    line-height: 1.25;
    text-shadow: 0 0 0.5rem rgb(0 0 0 / 0.9);
  }
  .cover .why {
    color: var(--dim);
    font-size: clamp(0.93rem, 3.6cqw, 1.2rem);
    text-shadow: 0 0 0.5rem rgb(0 0 0 / 0.9);
  }
  .cover .icon {
    width: clamp(1.4rem, 9cqw, 2.6rem);
    height: auto;
  }
  .cover.stale .word {
    color: var(--yellow);
  }
  .cover.offline .word,
  .cover.offline .icon {
    color: var(--orange);
  }
  .cover.quiet .word,
  .cover.quiet .icon {
    color: var(--dim);
  }
  .caption {
    display: flex;
    align-items: center;
    gap: 0.45rem;
    height: calc(1.3em + 0.45rem + 2px * var(--room-scale));
    padding: 0 0.6rem calc(2px * var(--room-scale));
    overflow: hidden;
    background: var(--panel);
    font-size: clamp(1rem, 3.9cqw, 1.4286rem);
    line-height: 1.3;
    white-space: nowrap;
    pointer-events: none;
  }
  .caption .name {
    overflow: hidden;
    text-overflow: ellipsis;
    font-weight: 500;
  }
  .caption .age {
    margin-left: auto;
    color: var(--dim);
    font-size: 0.78em;
  }
  .caption .chip {
    font-size: 0.72em;
  }
  .lamp {
    flex: none;
    width: 0.62em;
    height: 0.62em;
    border-radius: 50%;
    background: var(--ok);
  }
  .lamp.stale {
    border-radius: 0;
    background: var(--yellow);
  }
  .lamp.off {
    background: none;
    border: 0.14em solid var(--orange);
  }
  .lamp.quiet {
    background: none;
    border: 0.14em solid var(--dim);
  }
  .drone {
    display: inline-flex;
    gap: 0.6em;
    font-size: 0.86em;
  }
  .drone.old {
    filter: none;
    color: var(--orange);
    font-weight: 600;
  }
  .frame {
    position: absolute;
    inset: 0;
    border: calc(3px * var(--room-scale)) solid transparent;
    pointer-events: none;
  }
  .frame.red {
    border-color: var(--red);
  }
  .frame.orange {
    border-color: var(--orange);
  }
  .frame.yellow {
    border-color: var(--yellow);
  }
  .frame.blue {
    border-color: var(--blue);
  }
  .tag {
    min-width: 4.5em;
    overflow: hidden;
    text-overflow: ellipsis;
    padding: 0 0.5em;
    color: var(--on-level);
    font-size: 0.86em;
    font-weight: 600;
    line-height: 1.45;
  }
  .tag.red {
    background: var(--red);
  }
  .tag.orange {
    background: var(--orange);
  }
  .tag.yellow {
    background: var(--yellow);
  }
  .tag.blue {
    background: var(--blue);
  }
  .actions {
    position: absolute;
    top: 0.35rem;
    right: 0.35rem;
    display: flex;
    gap: 0.25rem;
    opacity: 0;
  }
  :host(:hover) .actions,
  :host(:focus-within) .actions,
  .actions.kept-open {
    opacity: 1;
  }
  .actions button {
    padding: 0.25rem;
    background: rgb(11 15 20 / 0.8);
  }
  .actions button[aria-pressed="true"] {
    color: var(--blue);
    border-color: var(--blue);
  }
  .icon {
    display: block;
  }
`;
