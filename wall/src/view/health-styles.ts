/** Styles of the health page. */

import { css } from "lit";

export const healthStyles = css`
  :host {
    overflow: auto;
    background: var(--background);
    scrollbar-width: thin;
    scrollbar-color: var(--line-strong) transparent;
  }
  section {
    display: grid;
    gap: 1rem;
    padding: 1rem 1.2rem 2rem;
  }
  header {
    display: flex;
    align-items: center;
    gap: 1.2rem;
    min-height: 2.2rem;
  }
  h1 {
    margin: 0;
    font-size: 1.4rem;
    font-weight: 600;
  }
  .windows {
    display: flex;
  }
  .windows button {
    border-radius: 0;
    margin-left: -1px;
    color: var(--dim);
    padding: 0.35rem 0.9rem;
  }
  .windows button:first-child {
    border-radius: var(--radius) 0 0 var(--radius);
    margin-left: 0;
  }
  .windows button:last-child {
    border-radius: 0 var(--radius) var(--radius) 0;
  }
  .windows button[aria-pressed="true"] {
    color: var(--text);
    background: var(--line);
    border-color: var(--line-strong);
  }
  .problem {
    color: var(--orange);
  }
  .waiting {
    padding: 3rem 0;
  }
  .hero {
    display: grid;
    grid-template-columns: minmax(22rem, 5fr) 7fr;
    gap: 1rem;
  }
  .headline,
  dl,
  .by-camera,
  .groups table {
    background: var(--panel);
    border: 1px solid var(--line);
    border-radius: var(--radius);
  }
  .headline {
    display: grid;
    grid-template-columns: auto 1fr;
    align-items: center;
    gap: 0.6rem 1.3rem;
    padding: 1.1rem 1.3rem;
  }
  .figure {
    font-size: 3.7rem;
    font-weight: 600;
    line-height: 1.1;
    letter-spacing: -0.01em;
  }
  .figure .word {
    font-size: 2.6rem;
  }
  .verdict {
    display: grid;
    gap: 0.15rem;
  }
  .verdict b {
    font-size: 1.4rem;
    font-weight: 600;
  }
  .headline .rate-bar {
    grid-column: 1 / -1;
    height: 0.85rem;
  }
  .headline p {
    grid-column: 1 / -1;
    margin: 0;
    font-size: 0.93rem;
  }
  dl {
    display: grid;
    grid-template-columns: repeat(3, 1fr);
    margin: 0;
  }
  dl > div {
    display: grid;
    align-content: center;
    gap: 0.15rem;
    padding: 0.75rem 1.2rem;
    border-left: 1px solid var(--line);
  }
  dl > div:nth-child(3n + 1) {
    border-left: 0;
  }
  dl > div:nth-child(n + 4) {
    border-top: 1px solid var(--line);
  }
  dt {
    color: var(--dim);
  }
  dd {
    margin: 0;
    font-size: 1.5rem;
    font-weight: 600;
  }
  .tables {
    display: grid;
    grid-template-columns: minmax(0, 8fr) minmax(20rem, 3.2fr);
    align-items: start;
    gap: 1rem;
  }
  .by-camera {
    overflow-x: auto;
  }
  .groups {
    display: grid;
    gap: 1rem;
  }
  .groups table {
    border-collapse: separate;
    border-spacing: 0;
  }
  .together {
    display: flex;
    flex-wrap: wrap;
    gap: 0.3rem 1.2rem;
    padding: 0.7rem 1.3rem;
    background: var(--panel);
    border: 1px solid var(--line);
    border-left: 4px solid var(--orange);
    border-radius: var(--radius);
  }
  .planned td {
    white-space: normal;
    font-weight: 400;
  }
  .planned .sub {
    color: var(--dim);
    font-size: 0.93rem;
  }
  .bar-column {
    min-width: 5rem;
    width: 18%;
  }
  .groups .bar-column {
    width: 40%;
  }
  .row {
    padding: 0;
    border: 0;
    font-weight: 500;
  }
  .row:hover {
    background: none;
  }
  tbody tr {
    cursor: default;
  }
  .by-camera tbody tr {
    cursor: pointer;
  }
  .opened td {
    color: var(--dim);
    background: var(--background);
    white-space: normal;
  }
  td:last-child {
    font-weight: 600;
  }
  tbody tr:last-child td {
    border-bottom: 0;
  }
  @media (max-width: 1599px) {
    .tables {
      grid-template-columns: minmax(0, 1fr);
    }
    .groups {
      grid-template-columns: 1fr 1fr;
      align-items: start;
    }
    th,
    td {
      padding: 0.4rem 0.55rem;
    }
  }
`;
