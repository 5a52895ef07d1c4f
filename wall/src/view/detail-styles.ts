/** Styles of an alert's detail. */

import { css } from "lit";

export const detailStyles = css`
  section {
    position: absolute;
    inset: 0;
    display: flex;
    flex-direction: column;
    background: var(--panel);
  }
  header {
    display: flex;
    align-items: center;
    gap: 0.9rem;
    padding: 0.6rem 0.6rem 0.6rem 1.1rem;
    border-bottom: 1px solid var(--line);
    white-space: nowrap;
    overflow: hidden;
  }
  h2 {
    margin: 0;
    font-size: 1.3rem;
    font-weight: 600;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .level {
    font-size: 1.15rem;
    font-weight: 600;
  }
  .state {
    padding: 0.05rem 0.6rem;
    border: 1px solid currentColor;
    border-radius: 999px;
  }
  .state.new {
    color: var(--yellow);
  }
  .state.acknowledged {
    color: var(--ok);
  }
  .state.false_alarm {
    color: var(--dim);
  }
  .since {
    margin-left: auto;
  }
  .close .icon {
    display: block;
    width: 1.5rem;
    height: 1.5rem;
  }
  .body {
    flex: 1;
    display: grid;
    grid-template-columns: minmax(0, 1fr) 22rem;
    min-height: 0;
  }
  .picture {
    display: flex;
    flex-direction: column;
    min-height: 0;
    background: var(--picture);
  }
  .tabs {
    display: flex;
    background: var(--panel);
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
  lookout-snapshot,
  lookout-site-map,
  video,
  .broken {
    flex: 1;
    min-height: 0;
    width: 100%;
  }
  .broken {
    display: grid;
    place-content: center;
    color: var(--dim);
  }
  video {
    background: var(--picture);
    object-fit: contain;
  }
  aside {
    display: flex;
    flex-direction: column;
    padding: 1rem 1.1rem;
    border-left: 1px solid var(--line);
    overflow-y: auto;
  }
  dl {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0.4rem 1rem;
    margin: 0;
  }
  dt {
    color: var(--dim);
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
  h3 {
    margin: 1.3rem 0 0.5rem;
    padding-top: 1rem;
    border-top: 1px solid var(--line);
    font-size: 1rem;
    font-weight: 600;
  }
  ol {
    display: grid;
    gap: 0.5rem;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  li {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0 0.75rem;
  }
  li .dim:last-child {
    grid-column: 2;
    font-size: 0.93rem;
  }
  p {
    margin: 0;
  }
  .actions {
    display: grid;
    gap: 0.45rem;
    margin-top: auto;
    padding-top: 1.2rem;
  }
  .actions button {
    padding: 0.55rem;
  }
  .actions .primary kbd {
    background: none;
    border-color: rgb(11 15 20 / 0.45);
    color: var(--on-level);
  }
`;
