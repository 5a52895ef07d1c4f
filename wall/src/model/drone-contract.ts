/** What the API answers about drones, as it travels. Positions are WGS-84 degrees; instants are ISO-8601 UTC text. */

import type { CameraState } from "./contract.ts";

/** [latitude, longitude]. */
export type LatLon = readonly [number, number];

export interface GeoPoint {
  lat: number;
  lon: number;
}

/** Why something is not done, or what went wrong. */
export interface ReasonText {
  code: string;
  message_zh: string;
  message_en: string;
}

export type FlightState =
  | "idle"
  | "pre_flight"
  | "uploading"
  | "verified"
  | "arming"
  | "taking_off"
  | "patrolling"
  | "paused"
  | "dispatched"
  | "returning"
  | "taken_over"
  | "landed"
  | "failed";
export type FlightOutcome = "done" | "refused" | "failed" | "returned" | "aborted" | "taken_over";
/** HEARTBEAT alone decides. */
export type LinkState = "never" | "up" | "lost";

export interface VehiclePosition {
  lat: number;
  lon: number;
  /** Above home. */
  alt_home_m: number;
  /** Above ground, where the terrain is known. */
  alt_ground_m: number | null;
  amsl_m: number | null;
  heading_deg: number | null;
  ground_speed_m_s: number | null;
  climb_m_s: number | null;
  at: string;
}

export interface DroneTelemetry {
  drone_id: string;
  at: string;
  link: LinkState;
  heartbeat_age_s: number | null;
  position: VehiclePosition | null;
  home: GeoPoint | null;
  distance_from_home_m: number | null;
  mode: string;
  armed: boolean | null;
  system_status: string;
  battery_percent: number | null;
  battery_v: number | null;
  gps_fix: number | null;
  satellites: number | null;
  autopilot: string;
  flight_state: FlightState;
  flight_id: string | null;
  patrol_id: string | null;
  alert_id: string | null;
  item_current: number | null;
  items_total: number;
  items_reached: number;
  /** Nearest another drone came in the air on this flight. */
  least_separation_m: number | null;
  nearest_drone_id: string | null;
  is_ready: boolean;
  not_ready: readonly ReasonText[];
  next_run_at: string | null;
  next_patrol_id: string | null;
  message: string;
}

export interface Flight {
  flight_id: string;
  change: number;
  drone_id: string;
  drone_name: string;
  patrol_id: string | null;
  patrol_name: string | null;
  state: FlightState;
  at: string;
  started_at: string;
  ended_at: string | null;
  cause: string;
  actor: string;
  outcome: FlightOutcome | null;
  reasons: readonly ReasonText[];
  items_total: number;
  items_reached: number;
  item_current: number | null;
  place: GeoPoint | null;
  distance_from_home_m: number | null;
  distance_flown_m: number;
  least_separation_m: number | null;
  nearest_drone_id: string | null;
  run_id: string | null;
  alert_id: string | null;
  flight_log: string;
}

export interface Drone {
  id: string;
  name: string;
  unit: string;
  camera_id: string | null;
  autopilot: string;
  home: GeoPoint;
  link_loss: string;
  /** Other drones are kept at least so far away in the air. */
  separation_m: number;
  telemetry: DroneTelemetry | null;
  telemetry_age_s: number | null;
  is_stale: boolean;
  /** The flight that has not ended. */
  flight: Flight | null;
}

export interface PlanPoint extends GeoPoint {
  alt_ground_m: number | null;
  /** takeoff, transit, work or return. */
  kind: string;
  arrive_s: number | null;
}

export interface PatrolPlan {
  patrol_id: string;
  drone_id: string;
  points: readonly PlanPoint[];
  distance_m: number | null;
  duration_s: number | null;
  /** Of the endurance, 0-1. */
  energy_share: number | null;
  /** Why it may not be flown as planned. */
  problems: readonly ReasonText[];
  planned_at: string;
}

export type RunDecision = "awaiting" | "launched" | "refused" | "held" | "missed" | "skipped";

/** A scheduled run came due and this became of it. */
export interface PatrolRun {
  run_id: string;
  patrol_id: string;
  drone_id: string | null;
  due_at: string;
  decided_at: string;
  decision: RunDecision;
  reasons: readonly ReasonText[];
  flight_id: string | null;
  actor: string;
  confirm_until: string | null;
  next_due_at: string | null;
}

/** due = done + refused + missed + failed + held + skipped; rate = done / due. */
export interface Completion {
  days: number;
  due: number;
  done: number;
  refused: number;
  missed: number;
  failed: number;
  held: number;
  skipped: number;
  pending: number;
  rate: number | null;
}

export interface Patrol {
  id: string;
  name: string;
  drones: readonly string[];
  launch: "confirm" | "auto";
  schedule: string | null;
  altitude_m: number;
  route_kind: string;
  next_runs: readonly string[];
  awaiting: PatrolRun | null;
  plans: readonly PatrolPlan[];
  last_flight: Flight | null;
  completion: Completion;
}

export interface MapCamera extends GeoPoint {
  id: string;
  name: string;
  bearing_deg: number | null;
  fov_deg: number | null;
  state: CameraState;
}

export interface AirZone {
  id: string;
  name: string;
  kind: "no_fly" | "keep_in";
  points: readonly LatLon[];
  active_now: boolean;
  /** Hours in which it counts; empty: always. */
  active: readonly string[];
  floor_m: number;
  ceiling_m: number | null;
}

export interface SiteMap {
  site: GeoPoint | null;
  cameras: readonly MapCamera[];
  zones: readonly AirZone[];
  /** false: nobody has told of the zones; none drawn is not none. */
  zones_known: boolean;
  homes: readonly MapHome[];
}

/** A dock. */
export interface MapHome extends GeoPoint {
  drone_id: string;
  name: string;
}

/** One thing a drone's camera sees, and where it stands. */
export interface GroundSighting {
  track_id: number;
  class_name: string;
  confidence: number;
  place: GeoPoint | null;
  /** Root mean square distance to the true place. */
  error_m: number | null;
  /** Half axes of the ellipse of one standard deviation, and which way the long one lies. */
  major_m: number | null;
  minor_m: number | null;
  major_bearing_deg: number | null;
  /** Why there is no place. */
  unplaced: string;
}

/** What a drone's camera saw on one frame. */
export interface SightsUpdate {
  camera_id: string;
  drone_id: string;
  captured_at: string;
  sightings: readonly GroundSighting[];
  /** Corners of the ground in the picture. */
  footprint: readonly GeoPoint[];
  /** Why nothing of this frame can be placed. */
  unplaced: string;
}

export interface DispatchCandidate {
  drone_id: string;
  is_ready: boolean;
  arrival_s: number | null;
  distance_m: number | null;
  reasons: readonly ReasonText[];
}

/** Drones ranked for an alert's place, the best first. */
export interface DispatchOffered {
  type: "dispatch_offered";
  alert_id: string;
  place: GeoPoint;
  /** 95% of true places lie within it; null: not known. */
  place_error_m: number | null;
  at: string;
  expires_at: string;
  candidates: readonly DispatchCandidate[];
}

export type DispatchStage =
  | "accepted"
  | "refused"
  | "en_route"
  | "on_place"
  | "looked"
  | "resumed"
  | "returning"
  | "broken_off";

export interface DispatchChanged {
  type: "dispatch_changed";
  alert_id: string;
  drone_id: string;
  flight_id: string | null;
  stage: DispatchStage;
  at: string;
  actor: string;
  place: GeoPoint;
  distance_m: number | null;
  drift_m: number | null;
  held_s: number | null;
  reasons: readonly ReasonText[];
}

export type DispatchEvent = DispatchOffered | DispatchChanged;

/** Orders that need nothing but a drone. */
export type DroneOrder = "pause" | "resume" | "return" | "land" | "abort" | "orbit";

export interface OrderTaken {
  accepted: true;
  command_id: string;
  flight_id: string | null;
}
