/** Drones, patrols and zones to test with: whole objects of the contract, changed where a test needs it. */

import type {
  AirZone,
  DispatchChanged,
  Drone,
  DroneTelemetry,
  Flight,
  Patrol,
  PatrolPlan,
  PatrolRun,
  PlanPoint,
  ReasonText,
  VehiclePosition,
} from "../src/model/drone-contract.ts";

export const NOON = "2026-03-01T04:00:00Z";
export const NOON_MS = Date.parse(NOON);
export const WINDY: ReasonText = { code: "wind", message_zh: "风速 12 m/s 超过限值", message_en: "wind 12 m/s is above the limit" };

/** An instant so many seconds after noon. */
export function after(seconds_s: number): string {
  return new Date(NOON_MS + seconds_s * 1000).toISOString();
}

export function positionOf(part: Partial<VehiclePosition> = {}): VehiclePosition {
  return {
    lat: 41.77,
    lon: 109.97,
    alt_home_m: 61.2,
    alt_ground_m: 58.4,
    amsl_m: null,
    heading_deg: 90,
    ground_speed_m_s: 8,
    climb_m_s: 0,
    at: NOON,
    ...part,
  };
}

export function telemetryOf(part: Partial<DroneTelemetry> = {}): DroneTelemetry {
  return {
    drone_id: "uav-1",
    at: NOON,
    link: "up",
    heartbeat_age_s: 0.4,
    position: positionOf(),
    home: { lat: 41.77, lon: 109.97 },
    distance_from_home_m: 0,
    mode: "AUTO",
    armed: true,
    system_status: "active",
    battery_percent: 76,
    battery_v: 22.8,
    gps_fix: 3,
    satellites: 14,
    autopilot: "ArduCopter 4.5.7",
    flight_state: "patrolling",
    flight_id: "F1",
    patrol_id: "north",
    alert_id: null,
    item_current: 3,
    items_total: 3,
    items_reached: 1,
    least_separation_m: null,
    nearest_drone_id: null,
    is_ready: false,
    not_ready: [],
    next_run_at: null,
    next_patrol_id: null,
    message: "",
    ...part,
  };
}

export function flightOf(part: Partial<Flight> = {}): Flight {
  return {
    flight_id: "F1",
    change: 4,
    drone_id: "uav-1",
    drone_name: "巡逻一号",
    patrol_id: "north",
    patrol_name: "北环",
    state: "patrolling",
    at: NOON,
    started_at: NOON,
    ended_at: null,
    cause: "operator",
    actor: "pilot",
    outcome: null,
    reasons: [],
    items_total: 3,
    items_reached: 1,
    item_current: 3,
    place: null,
    distance_from_home_m: null,
    distance_flown_m: 0,
    least_separation_m: null,
    nearest_drone_id: null,
    run_id: null,
    alert_id: null,
    flight_log: "",
    ...part,
  };
}

export function droneOf(part: Partial<Drone> = {}): Drone {
  return {
    id: "uav-1",
    name: "巡逻一号",
    unit: "bureau",
    camera_id: "uav-1-cam",
    autopilot: "ardupilot",
    home: { lat: 41.77, lon: 109.97 },
    link_loss: "return",
    separation_m: 20,
    telemetry: telemetryOf(),
    telemetry_age_s: 0,
    is_stale: false,
    flight: flightOf(),
    ...part,
  };
}

/** A drone on the ground, nothing against it. */
export function parkedDrone(part: Partial<Drone> = {}): Drone {
  const telemetry = telemetryOf({ armed: false, flight_state: "idle", flight_id: null, patrol_id: null, is_ready: true, mode: "STABILIZE" });
  return droneOf({ telemetry, flight: null, ...part });
}

export function planPoint(kind: string, lat = 41.77, lon = 109.97): PlanPoint {
  return { lat, lon, kind, alt_ground_m: 60, arrive_s: 0 };
}

export function planOfNorth(part: Partial<PatrolPlan> = {}): PatrolPlan {
  const points = ["takeoff", "transit", "work", "work", "work", "transit", "return"].map((kind, i) => planPoint(kind, 41.77 + i / 1000));
  return {
    patrol_id: "north",
    drone_id: "uav-1",
    points,
    distance_m: 2400,
    duration_s: 420,
    energy_share: 0.31,
    problems: [],
    planned_at: NOON,
    ...part,
  };
}

export function patrolOf(part: Partial<Patrol> = {}): Patrol {
  return {
    id: "north",
    name: "北环",
    drones: ["uav-1"],
    launch: "confirm",
    schedule: "0 */2 * * *",
    altitude_m: 60,
    route_kind: "loop",
    next_runs: [after(3600)],
    awaiting: null,
    plans: [planOfNorth()],
    last_flight: null,
    completion: { days: 30, due: 4, done: 3, refused: 1, missed: 0, failed: 0, held: 0, skipped: 0, pending: 0, rate: 0.75 },
    ...part,
  };
}

export function runOf(part: Partial<PatrolRun> = {}): PatrolRun {
  return {
    run_id: "north@1",
    patrol_id: "north",
    drone_id: "uav-1",
    due_at: NOON,
    decided_at: NOON,
    decision: "awaiting",
    reasons: [],
    flight_id: null,
    actor: "schedule",
    confirm_until: after(300),
    next_due_at: null,
    ...part,
  };
}

export function zoneOf(part: Partial<AirZone> = {}): AirZone {
  return {
    id: "magazine",
    name: "民爆库",
    kind: "no_fly",
    points: [
      [41.77, 109.97],
      [41.771, 109.97],
      [41.771, 109.971],
    ],
    active_now: true,
    active: [],
    floor_m: 0,
    ceiling_m: null,
    ...part,
  };
}

export function dispatchOf(part: Partial<DispatchChanged> = {}): DispatchChanged {
  return {
    type: "dispatch_changed",
    alert_id: "A1",
    drone_id: "uav-1",
    flight_id: "F1",
    stage: "accepted",
    at: NOON,
    actor: "pilot",
    place: { lat: 41.77, lon: 109.97 },
    distance_m: null,
    drift_m: null,
    held_s: null,
    reasons: [],
    ...part,
  };
}
