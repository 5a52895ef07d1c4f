/** Styles of the top bar. */

import { css } from "lit";

export const topBarStyles = css`
  header {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    height: var(--bar-height);
    padding: 0 0.6rem 0 0.85rem;
    background: var(--panel);
    border-bottom: 1px solid var(--line);
    white-space: nowrap;
  }
  .brand {
    display: inline-flex;
    align-items: center;
    gap: 0.45rem;
    font-size: 1.14rem;
    letter-spacing: 0.08em;
  }
  .brand .icon {
    color: var(--blue);
    width: 1.5em;
    height: 1.5em;
  }
  nav {
    display: flex;
    height: 100%;
    margin-left: 0.5rem;
  }
  .tab {
    height: 100%;
    border: 0;
    border-radius: 0;
    background: none;
    padding: 0 0.8rem;
    color: var(--dim);
    font-size: 1.07rem;
  }
  .tab:hover {
    color: var(--text);
    background: none;
  }
  .tab.here {
    color: var(--text);
    box-shadow: inset 0 -2px var(--blue);
  }
  .airborne {
    color: var(--blue);
    font-weight: 600;
  }
  .rest {
    flex: 1;
  }
  .rate {
    display: inline-flex;
    align-items: center;
    gap: 0.5rem;
    margin-left: 2.5vw;
    padding: 0.2rem 0.4rem;
  }
  .rate b {
    font-size: 1.3rem;
    font-weight: 600;
  }
  .bar {
    width: 7.5rem;
    height: 0.75rem;
  }
  .bar .empty {
    fill: var(--line);
  }
  .bar .full {
    fill: currentColor;
  }
  .bar .gap {
    fill: var(--panel);
  }
  .bar .mark {
    fill: var(--text);
  }
  .offline {
    color: var(--dim);
  }
  .offline.some {
    color: var(--orange);
    font-weight: 600;
  }
  .chip {
    background: none;
  }
  .notice {
    position: relative;
  }
  .bubble {
    position: absolute;
    top: calc(100% + 0.6rem);
    right: 0;
    z-index: 40;
    width: max-content;
    max-width: 26rem;
    padding: 0.6rem 0.8rem;
    border: 1px solid var(--line-strong);
    border-radius: var(--radius);
    background: var(--panel-raised);
    color: var(--text);
    white-space: normal;
    line-height: 1.5;
  }
  .layouts {
    display: inline-flex;
    align-items: center;
  }
  .pages {
    min-width: 2.2em;
    color: var(--dim);
    text-align: center;
  }
  .layout {
    padding: 0.3rem 0.4rem;
    color: var(--dim);
  }
  .layout[aria-pressed="true"] {
    color: var(--text);
    background: var(--line);
  }
  .icon {
    display: block;
  }
  .mute {
    display: inline-flex;
    align-items: center;
    gap: 0.35rem;
    padding: 0.3rem 0.4rem;
    color: var(--dim);
  }
  .mute.is-muted {
    color: var(--yellow);
  }
  .clock {
    display: inline-flex;
    align-items: baseline;
    gap: 0.5rem;
    margin: 0 0.3rem;
  }
  .day {
    color: var(--dim);
    font-size: 0.93rem;
  }
  .time {
    font-size: 1.3rem;
    font-weight: 600;
    min-width: 5.2em;
    text-align: right;
  }
  .language {
    padding: 0.25rem 0.45rem;
    color: var(--dim);
  }
  @media (max-width: 1599px) {
    .day,
    .target {
      display: none;
    }
    .bar {
      width: 5.5rem;
    }
  }
`;
