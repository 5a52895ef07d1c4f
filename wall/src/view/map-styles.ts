/** Styles of the map. No state is told by its colour alone: outlines, hatchings and words differ as well. */

import { css } from "lit";

export const mapStyles = css`
  :host {
    position: relative;
    display: block;
    min-width: 0;
    min-height: 0;
    overflow: hidden;
    background: var(--picture);
  }
  svg.plan {
    display: block;
    width: 100%;
    height: 100%;
    cursor: grab;
    touch-action: none;
    user-select: none;
  }
  svg.plan.dragged {
    cursor: grabbing;
  }
  svg.plan:focus-visible {
    outline-offset: -2px;
  }
  text {
    fill: var(--text);
    font-family: var(--sans);
    font-size: 0.86rem;
    paint-order: stroke;
    stroke: rgb(5 8 11 / 0.85);
    stroke-width: calc(3px * var(--room-scale));
    stroke-linejoin: round;
    pointer-events: none;
  }
  polyline,
  .edge,
  .grid {
    fill: none;
  }
  .grid {
    stroke: var(--line);
    stroke-opacity: 0.55;
  }
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
  .route polyline {
    stroke-linejoin: round;
  }
  .planned .ahead {
    stroke: var(--dim);
    stroke-opacity: 0.7;
    stroke-dasharray: 5 5;
    stroke-width: calc(1.2px * var(--room-scale));
  }
  .chosen .ahead,
  .flying .ahead {
    stroke: var(--blue);
    stroke-width: calc(2.6px * var(--room-scale));
  }
  .chosen .ahead {
    stroke-dasharray: 9 5;
  }
  .route .passed,
  .left .ahead {
    stroke: var(--dim);
    stroke-width: calc(1.8px * var(--room-scale));
    stroke-dasharray: 1.5 5;
    stroke-linecap: round;
  }
  .arrow {
    fill: none;
    stroke: var(--blue);
    stroke-width: 2.4;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .waypoint circle {
    fill: var(--picture);
    stroke: var(--blue);
    stroke-width: calc(1.5px * var(--room-scale));
  }
  .waypoint text {
    font-size: 0.71rem;
    stroke: none;
  }
  .waypoint.done circle {
    stroke: var(--dim);
  }
  .waypoint.done text {
    fill: var(--dim);
  }
  .trail polyline {
    stroke: var(--text);
    stroke-opacity: 0.55;
    stroke-width: calc(1.6px * var(--room-scale));
  }
  .goal {
    fill: none;
    stroke: var(--text);
    stroke-width: calc(1.8px * var(--room-scale));
    stroke-dasharray: 8 6;
  }
  .drone {
    cursor: pointer;
  }
  .drone .ring {
    fill: transparent;
    stroke: none;
  }
  .drone.chosen .ring {
    stroke: var(--text);
    stroke-dasharray: 4 4;
  }
  .drone .body {
    stroke-width: 1.6;
    stroke-linejoin: round;
  }
  .drone.airborne .body {
    fill: var(--blue);
    stroke: var(--text);
  }
  .drone.grounded .body {
    fill: var(--picture);
    stroke: var(--text);
  }
  .drone.gone .body {
    fill: var(--picture);
    stroke: var(--unknown);
    stroke-dasharray: 3 2;
  }
  .drone .cross {
    stroke: var(--orange);
    stroke-width: calc(2.2px * var(--room-scale));
  }
  .drone .name {
    font-weight: 600;
    font-size: 0.93rem;
  }
  .drone.gone .name {
    fill: var(--dim);
  }
  .drone.gone .facts {
    fill: var(--orange);
    font-weight: 600;
  }
  .footprint {
    fill: var(--text);
    fill-opacity: 0.04;
    stroke: var(--dim);
    stroke-width: calc(1.3px * var(--room-scale));
    stroke-dasharray: 5 4;
    pointer-events: none;
  }
  .sights .error {
    pointer-events: none;
    fill: var(--text);
    fill-opacity: 0.07;
    stroke: var(--text);
    stroke-opacity: 0.8;
    vector-effect: non-scaling-stroke;
    stroke-width: calc(1.2px * var(--room-scale));
  }
  .sights .error.old {
    fill: none;
    stroke: var(--dim);
    stroke-dasharray: 2 4;
  }
  .sights .one {
    fill: var(--text);
    pointer-events: none;
  }
  .sights .one.old {
    fill: var(--dim);
  }
  .sight .shape {
    fill: var(--text);
    fill-rule: evenodd;
    stroke: var(--picture);
    stroke-width: 2.5;
    paint-order: stroke;
    stroke-linejoin: round;
  }
  .sight.outline .shape {
    fill: none;
    stroke: var(--text);
    stroke-width: 1.6;
  }
  .sight.old .shape {
    fill: var(--picture);
    stroke: var(--dim);
    stroke-width: 1.5;
    stroke-dasharray: 2 1.5;
    paint-order: normal;
  }
  .sight.old text {
    fill: var(--dim);
  }
  .sight text {
    font-size: 0.86rem;
  }
  .place .error {
    fill: currentColor;
    fill-opacity: 0.08;
    stroke: currentColor;
    stroke-dasharray: 6 4;
    stroke-width: calc(1.6px * var(--room-scale));
    pointer-events: none;
  }
  .place text {
    font-size: 1.2rem;
  }
  .place .spike,
  .place .foot {
    stroke: currentColor;
    fill: currentColor;
    stroke-width: calc(2px * var(--room-scale));
  }
  .place text {
    fill: currentColor;
  }
  .tools {
    position: absolute;
    top: 0.6rem;
    right: 0.6rem;
    display: grid;
    gap: 0.3rem;
  }
  .tools button {
    width: 2.1rem;
    height: 2.1rem;
    padding: 0;
    display: grid;
    place-content: center;
    font-size: 1.15rem;
  }
  .corner {
    position: absolute;
    bottom: 0.6rem;
    display: flex;
    align-items: end;
    gap: 0.9rem;
    pointer-events: none;
    font-size: 0.86rem;
    color: var(--dim);
  }
  .corner.right {
    right: 0.8rem;
  }
  .corner.left {
    left: 0.8rem;
    flex-direction: column;
    align-items: start;
    gap: 0.25rem;
  }
  .corner svg {
    display: block;
  }
  .corner.left.legend {
    display: grid;
    grid-template-columns: auto auto;
    gap: 0.2rem 1rem;
    padding: 0.35rem 0.6rem;
    border-radius: var(--radius);
    background: rgb(11 15 20 / 0.85);
  }
  .legend span {
    display: flex;
    align-items: center;
    gap: 0.4rem;
  }
  .scale path {
    fill: none;
    stroke: var(--text);
    stroke-width: calc(1.5px * var(--room-scale));
  }
  .warning {
    position: absolute;
    top: 0.6rem;
    left: 0.6rem;
    display: grid;
    gap: 0.3rem;
    max-width: calc(100% - 4rem);
  }
  .warning span {
    padding: 0.25rem 0.6rem;
    border: 1px solid var(--orange);
    border-radius: var(--radius);
    background: rgb(11 15 20 / 0.9);
    color: var(--orange);
  }
  .empty {
    position: absolute;
    inset: 0;
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 0.4rem;
    padding: 1rem;
    color: var(--dim);
    text-align: center;
  }
  .empty b {
    color: var(--text);
    font-size: 1.07rem;
    font-weight: 500;
  }
`;
