/** Styles of the patrol page and its tables. */

import { css } from "lit";

export const patrolPageStyles = css`
  :host {
    display: grid;
    grid-template: minmax(0, 3fr) minmax(0, 2fr) / minmax(0, 1fr) 21rem;
    background: var(--background);
  }
  lookout-site-map {
    border-bottom: 1px solid var(--line);
  }
  aside {
    grid-row: 1 / -1;
    grid-column: 2;
    display: flex;
    flex-direction: column;
    gap: 0.5rem;
    min-height: 0;
    padding: 0.6rem;
    overflow-y: auto;
    border-left: 1px solid var(--line);
    scrollbar-width: thin;
    scrollbar-color: var(--line-strong) transparent;
  }
  h2 {
    margin: 0.1rem 0.25rem;
    font-size: 1.07rem;
    font-weight: 600;
  }
  .none {
    padding: 1rem 0.25rem;
    color: var(--dim);
    line-height: 1.5;
  }
  .none b {
    display: block;
    color: var(--text);
    font-weight: 500;
  }
  @media (max-width: 1599px) {
    :host {
      grid-template-columns: minmax(0, 1fr) 17.5rem;
    }
  }
`;

export const patrolTableStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-width: 0;
    min-height: 0;
    background: var(--panel);
  }
  .tabs {
    display: flex;
    flex: none;
    border-bottom: 1px solid var(--line);
  }
  .tabs button {
    padding: 0.5rem 1.1rem;
    border: 0;
    border-radius: 0;
    background: none;
    color: var(--dim);
  }
  .tabs button[aria-selected="true"] {
    color: var(--text);
    box-shadow: inset 0 -2px var(--blue);
  }
  .list {
    flex: 1;
    min-height: 0;
    overflow: auto;
    scrollbar-width: thin;
    scrollbar-color: var(--line-strong) transparent;
  }
  td {
    vertical-align: top;
  }
  .wrap {
    min-width: 11rem;
    white-space: normal;
  }
  .name {
    padding: 0;
    border: 0;
    font-weight: 500;
    text-decoration: underline;
    text-decoration-color: var(--line-strong);
    text-underline-offset: 0.25em;
  }
  .name:hover {
    background: none;
    color: var(--blue);
  }
  tr.chosen td {
    background: var(--panel-raised);
  }
  .reasons {
    font-size: 0.93rem;
  }
  .awaiting {
    color: var(--yellow);
    font-weight: 600;
  }
  .flying {
    color: var(--blue);
    font-weight: 600;
  }
  .act {
    display: flex;
    gap: 0.4rem;
    justify-content: end;
  }
  .nothing {
    padding: 1.5rem;
    color: var(--dim);
  }
  @media (max-width: 1599px) {
    th,
    td {
      padding: 0.4rem 0.5rem;
    }
    .wrap {
      min-width: 8rem;
    }
  }
`;
