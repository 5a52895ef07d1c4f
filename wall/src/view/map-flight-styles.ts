/** Styles of what moves on the map and of what is told of a place: routes, drones, what their cameras see, alerts. */

import { css } from "lit";

export const flightStyles = css`
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
`;
