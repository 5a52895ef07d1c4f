/** Styles of a tile. Everything lies on top of the picture, so no state moves anything. */

import { css } from "lit";

export const tileStyles = css`
  :host {
    position: relative;
    display: block;
    min-width: 0;
    min-height: 0;
    overflow: hidden;
    background: var(--picture);
    container-type: size;
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
    padding: 0.5rem 0.75rem 2rem;
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
    position: absolute;
    inset: auto 0 0 0;
    display: flex;
    align-items: center;
    gap: 0.45rem;
    padding: 1.1rem 0.6rem 0.35rem;
    background: linear-gradient(to top, rgb(5 8 11 / 0.9), rgb(5 8 11 / 0.55) 55%, transparent);
    font-size: clamp(1rem, 3.9cqw, 1.4286rem);
    line-height: 1.3;
    text-shadow: 0 0 3px rgb(0 0 0 / 0.9);
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
    background: rgb(5 8 11 / 0.7);
    text-shadow: none;
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
    position: absolute;
    top: 0;
    left: 0;
    max-width: 75%;
    overflow: hidden;
    text-overflow: ellipsis;
    padding: 0.1rem 0.55rem;
    color: var(--on-level);
    font-size: clamp(0.93rem, 3.2cqw, 1.15rem);
    font-weight: 600;
    white-space: nowrap;
    pointer-events: none;
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
