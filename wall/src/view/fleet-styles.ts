/** Styles of the cards of drones and of the dialogs about orders. */

import { css } from "lit";

/** Reasons, as they stand in cards, tables and dialogs. */
export const reasonStyles = css`
  .reasons {
    display: grid;
    gap: 0.3rem;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .reasons li {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0.45rem;
    color: var(--orange);
    white-space: normal;
  }
  .reasons li::before {
    content: "✕";
  }
`;

export const droneCardStyles = css`
  :host {
    display: block;
    padding: 0.75rem 0.85rem;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--panel);
  }
  :host([chosen]) {
    border-color: var(--text);
  }
  :host([data-link="lost"]),
  :host([data-link="silent"]) {
    border-color: var(--orange);
  }
  header {
    display: flex;
    align-items: baseline;
    gap: 0.6rem;
  }
  .name {
    padding: 0;
    border: 0;
    font-size: 1.14rem;
    font-weight: 600;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .name:hover {
    background: none;
    color: var(--blue);
  }
  .state {
    margin-left: auto;
    font-weight: 600;
  }
  .state.airborne::before {
    content: "▲ ";
    color: var(--blue);
  }
  .state.was {
    color: var(--dim);
    font-weight: 400;
  }
  .link {
    display: flex;
    align-items: center;
    gap: 0.4rem;
    margin: 0.2rem 0 0.55rem;
  }
  .link i {
    width: 0.65rem;
    height: 0.65rem;
    border-radius: 50%;
    background: var(--ok);
  }
  .link.lost,
  .link.silent {
    color: var(--orange);
    font-size: 1.3rem;
    font-weight: 700;
  }
  .link.lost i,
  .link.silent i {
    background: none;
    border: 2px solid var(--orange);
  }
  .link.never {
    color: var(--dim);
  }
  .link.never i {
    border-radius: 0;
    height: 2px;
    background: var(--unknown);
  }
  .link .why {
    color: var(--dim);
    font-size: 0.93rem;
    font-weight: 400;
  }
  dl {
    display: grid;
    grid-template-columns: repeat(3, minmax(0, 1fr));
    gap: 0.35rem 0.6rem;
    margin: 0;
  }
  dt {
    color: var(--dim);
    font-size: 0.86rem;
  }
  dd {
    margin: 0;
    font-size: 1.07rem;
    font-weight: 600;
    white-space: nowrap;
  }
  dl.old dd {
    color: var(--dim);
    font-weight: 400;
    text-decoration: line-through;
    text-decoration-color: var(--unknown);
  }
  .low {
    color: var(--yellow);
  }
  .apart {
    margin: 0.4rem 0 0;
    color: var(--dim);
  }
  .apart.near {
    color: var(--yellow);
    font-weight: 600;
  }
  .near::before {
    content: "! ";
  }
  .empty {
    color: var(--red);
  }
  .progress,
  .message {
    margin: 0.55rem 0 0;
    color: var(--dim);
    white-space: normal;
  }
  .progress svg {
    display: block;
    width: 100%;
    height: 0.45rem;
    margin-top: 0.25rem;
  }
  .progress rect {
    fill: var(--line);
  }
  .progress .full {
    fill: var(--blue);
  }
  .reasons {
    margin-top: 0.55rem;
    font-size: 0.93rem;
  }
  .orders {
    display: flex;
    flex-wrap: wrap;
    gap: 0.4rem;
    margin-top: 0.65rem;
  }
  .orders button {
    flex: 1;
  }
  lookout-hold-button {
    margin-top: 0.65rem;
  }
`;
