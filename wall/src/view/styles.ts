/** Styles that views share. Lit puts them into constructed style sheets, so the CSP needs no inline style. */

import { css } from "lit";

export const shared = css`
  :host {
    box-sizing: border-box;
  }
  *,
  *::before,
  *::after {
    box-sizing: inherit;
  }
  button,
  input,
  select {
    font: inherit;
    color: inherit;
  }
  button {
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--panel-raised);
    padding: 0.25rem 0.65rem;
    cursor: pointer;
    line-height: 1.3;
    white-space: nowrap;
  }
  button:hover {
    border-color: var(--line-strong);
    background: var(--line);
  }
  button.plain {
    border-color: transparent;
    background: none;
  }
  button.plain:hover {
    background: var(--panel-raised);
  }
  button.primary {
    background: var(--blue);
    border-color: var(--blue);
    color: var(--on-level);
    font-weight: 600;
  }
  button:disabled {
    opacity: 0.5;
    cursor: default;
  }
  :focus-visible {
    outline: 2px solid var(--focus);
    outline-offset: 1px;
  }
  .dim {
    color: var(--dim);
  }
  .red {
    color: var(--red);
  }
  .orange {
    color: var(--orange);
  }
  .yellow {
    color: var(--yellow);
  }
  .blue {
    color: var(--blue);
  }
  .ok {
    color: var(--ok);
  }
  .bad {
    color: var(--orange);
  }
  .unknown {
    color: var(--dim);
  }
  .number {
    text-align: right;
    font-variant-numeric: tabular-nums;
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 0.3rem;
    padding: 0.05rem 0.45rem;
    border: 1px solid currentColor;
    border-radius: 999px;
    font-size: 0.86rem;
    line-height: 1.45;
    white-space: nowrap;
  }
  kbd {
    display: inline-block;
    min-width: 1.35em;
    padding: 0 0.3em;
    border: 1px solid var(--line-strong);
    border-bottom-width: 2px;
    border-radius: 3px;
    background: var(--background);
    color: var(--text);
    font: inherit;
    font-size: 0.82em;
    line-height: 1.35;
    text-align: center;
  }
  .hidden-label {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .hatched {
    background-image: repeating-linear-gradient(
      135deg,
      var(--unknown-hatch) 0 2px,
      transparent 2px 6px
    );
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
    }
  }
`;

/** Tables of the health and camera pages. */
export const tables = css`
  table {
    width: 100%;
    border-collapse: collapse;
  }
  th {
    position: sticky;
    top: 0;
    z-index: 1;
    background: var(--panel);
    color: var(--dim);
    font-weight: 500;
    text-align: left;
    font-size: 0.93rem;
    box-shadow: inset 0 -1px var(--line);
  }
  th,
  td {
    padding: 0.45rem 0.75rem;
    white-space: nowrap;
  }
  td {
    border-bottom: 1px solid var(--line);
  }
  tbody tr:hover {
    background: var(--panel-raised);
  }
  th.number,
  td.number {
    text-align: right;
  }
  .sub {
    color: var(--dim);
    font-size: 0.86rem;
  }
`;
