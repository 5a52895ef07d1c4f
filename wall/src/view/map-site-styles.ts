/** Styles of what stands on the map: zones, cameras with their view, docks. */

import { css } from "lit";

export const siteStyles = css`
  .hatch {
    fill: none;
    stroke-width: calc(1.2px * var(--room-scale));
  }
  .hatch.forbidden {
    stroke: var(--red);
    stroke-opacity: 0.5;
  }
  .hatch.timed {
    stroke: var(--orange);
    stroke-opacity: 0.65;
  }
  .hatch-dot {
    fill: var(--dim);
    fill-opacity: 0.5;
  }
  .edge {
    stroke-width: calc(1.8px * var(--room-scale));
    stroke-linejoin: round;
  }
  .area {
    fill: none;
  }
  .no_fly .area {
    fill: url(#hatch-no-fly);
  }
  .no_fly .edge {
    stroke: var(--red);
  }
  .timed_on .area {
    fill: url(#hatch-timed-on);
  }
  .timed_on .edge {
    stroke: var(--orange);
    stroke-width: calc(2.6px * var(--room-scale));
  }
  .timed_off .area {
    fill: url(#hatch-timed-off);
  }
  .timed_off .edge {
    stroke: var(--dim);
    stroke-dasharray: 2 5;
  }
  .keep_in .edge {
    stroke: var(--ok);
    stroke-dasharray: 14 5;
  }
  .keep_in_off .edge {
    stroke: var(--dim);
    stroke-dasharray: 14 9;
  }
  .zone-name {
    font-weight: 600;
  }
  .no_fly .zone-name {
    fill: var(--red);
  }
  .timed_on .zone-name {
    fill: var(--orange);
  }
  .keep_in .zone-name {
    fill: var(--ok);
  }
  .timed_off text,
  .keep_in_off text,
  .zone-more {
    fill: var(--dim);
  }
  .cone {
    fill: var(--dim);
    fill-opacity: 0.13;
    stroke: var(--dim);
    stroke-opacity: 0.45;
  }
  .camera .body {
    fill: var(--panel);
    stroke: var(--dim);
    stroke-width: calc(1.6px * var(--room-scale));
  }
  .camera text {
    fill: var(--dim);
    font-size: 0.79rem;
  }
  .camera.offline .cone {
    fill: none;
    stroke-dasharray: 3 4;
  }
  .camera.offline .slash,
  .camera.offline .body {
    stroke: var(--orange);
    stroke-width: calc(1.6px * var(--room-scale));
  }
  .camera.unknown .cone {
    fill: none;
    stroke-dasharray: 1 4;
  }
  .camera.unknown .body {
    stroke-dasharray: 2 2;
  }
  .camera .doubt {
    font-size: 0.64rem;
    stroke: none;
  }
  .camera.chosen .cone {
    fill: var(--blue);
    fill-opacity: 0.25;
    stroke: var(--blue);
  }
  .camera.chosen .body {
    stroke: var(--blue);
  }
  .camera.chosen text {
    fill: var(--text);
  }
  .home circle {
    fill: var(--picture);
    stroke: var(--dim);
    stroke-width: calc(1.5px * var(--room-scale));
  }
  .home text {
    fill: var(--dim);
    font-weight: 600;
    stroke: none;
  }
`;
