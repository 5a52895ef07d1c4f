/** Styles of the bottom strip. */

import { css } from "lit";

export const stripStyles = css`
  :host {
    display: block;
    background: var(--panel);
    border-top: 1px solid var(--line);
  }
  section {
    position: relative;
    display: grid;
    grid-template-columns: 7rem minmax(0, 1fr) auto;
    align-items: center;
    height: var(--strip-height);
    padding: 0 0.3rem 0 0.85rem;
  }
  section.open {
    height: auto;
    align-items: start;
    padding-top: 0.4rem;
    padding-bottom: 0.5rem;
  }
  .title {
    font-size: 0.93rem;
  }
  canvas {
    display: block;
    width: 100%;
    height: calc(var(--strip-height) - 8px * var(--room-scale));
  }
  .waiting {
    height: calc(var(--strip-height) - 8px * var(--room-scale));
    padding: 0 0.75rem;
    line-height: calc(var(--strip-height) - 8px * var(--room-scale));
    font-size: 0.86rem;
  }
  .named {
    display: grid;
    grid-template-columns: max-content minmax(0, 1fr);
    gap: 0.3rem 0.75rem;
    max-height: 38vh;
    overflow-y: auto;
  }
  .names {
    display: grid;
    grid-auto-rows: 1.4rem;
    align-items: center;
    font-size: 0.93rem;
    white-space: nowrap;
  }
  .plot {
    position: relative;
    min-height: 0;
  }
  .plot canvas {
    position: absolute;
    inset: 0;
    height: 100%;
  }
  .foot {
    grid-column: 2;
    display: flex;
    justify-content: space-between;
    font-size: 0.86rem;
  }
  .legend {
    display: flex;
    gap: 1.2rem;
    color: var(--dim);
  }
  .key {
    display: inline-flex;
    align-items: center;
    gap: 0.35rem;
  }
  .key i {
    width: 1rem;
    height: 0.7rem;
    background: var(--strip-online);
  }
  .key.D i {
    background: var(--yellow);
  }
  .key.X i {
    background: var(--orange);
  }
  .key.N i {
    background: repeating-linear-gradient(135deg, var(--unknown) 0 1px, var(--background) 1px 4px);
  }
  .key.A i {
    background: linear-gradient(var(--strip-online) 65%, transparent 65%),
      repeating-linear-gradient(90deg, var(--text) 0 2px, var(--strip-online) 2px 4px);
  }
  .pointed {
    position: absolute;
    right: 3rem;
    bottom: calc(100% + 0.4rem);
    z-index: 5;
    padding: 0.25rem 0.7rem;
    border: 1px solid var(--line-strong);
    border-radius: var(--radius);
    background: var(--panel-raised);
    pointer-events: none;
  }
  .pointed:empty {
    display: none;
  }
  button {
    padding: 0.2rem 0.5rem;
    color: var(--dim);
  }
  button .icon {
    display: block;
    transform: rotate(180deg);
  }
  button[aria-expanded="true"] .icon {
    transform: none;
  }
`;
