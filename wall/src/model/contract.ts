/** What the API answers, as it travels. Instants are ISO-8601 UTC text; boxes and points are fractions 0-1 of the picture. */

import type { DispatchEvent, ReasonText } from "./drone-contract.ts";

export type Level = "red" | "orange" | "yellow" | "blue";
export type AlertState = "new" | "acknowledged" | "false_alarm";
export type AlertKind =
  | "zone_intrusion"
  | "line_crossing"
  | "loitering"
  | "crowd"
  | "vehicle_stopped"
  | "wrong_direction"
  | "zone_unmanned"
  | "object_left"
  | "object_removed"
  | "running"
  | "picture_lost"
  | "area_intrusion"
  | "camera_offline"
  | "drone_taken_over"
  | "drone_link_lost"
  | "drone_failed"
  | "drone_attention";
export type CameraState = "streaming" | "degraded" | "connecting" | "stalled" | "backoff" | "disabled" | "unobserved";
export type StreamName = "main" | "sub";
export type BoxXyxy = readonly [number, number, number, number];
export type PicturePoint = readonly [number, number];

export const FALSE_ALARM_REASONS = [
  "animal",
  "weather",
  "shadow",
  "reflection",
  "wrong_class",
  "wrong_place",
  "test",
  "other",
] as const;
export type FalseAlarmReason = (typeof FALSE_ALARM_REASONS)[number];

export interface User {
  name: string;
  display_name: string;
  role: string;
  unit: string;
}

export interface Session {
  user: User;
  must_change_password: boolean;
  expires_at: string;
}

export interface Site {
  name: string;
  timezone: string;
  language: string;
  online_target: number;
  version: string;
  now: string;
}

export interface StreamStatus {
  state: CameraState;
  cause: string;
  detail: string;
  since: string | null;
  codec: string;
  width_px: number;
  height_px: number;
  fps: number;
  bitrate_bits_s: number;
  last_packet_at: string | null;
}

export interface Analysed {
  /** `unknown`: nobody told yet; `not_analysed`: a failure. */
  state: "unknown" | "analysed" | "not_analysed" | "not_configured";
  cause: string;
  analysed_fps: number;
  wanted_fps: number;
  last_analysed_at: string | null;
  /** Detections below it are dropped at once. */
  min_confidence: number;
}

export interface Zone {
  id: string;
  name: string;
  points: readonly PicturePoint[];
}

export interface Rule {
  id: string;
  name: string;
  kind: string;
  level: Level;
  zone?: string | null;
  line?: readonly [PicturePoint, PicturePoint] | null;
  direction?: string | null;
  classes: readonly string[];
  min_confidence: number;
}

export interface Camera {
  id: string;
  name: string;
  unit: string;
  station: string;
  grid: string;
  vendor: string;
  enabled: boolean;
  streams: { main: StreamStatus; sub?: StreamStatus | null };
  state: CameraState;
  cause: string;
  since: string | null;
  last_packet_at: string | null;
  live_stream: StreamName | null;
  /** The planned outage it is in: no alert and not in the rate meanwhile. */
  planned?: { until: string; reason: string } | null;
  analysed: Analysed;
  zones: readonly Zone[];
  rules: readonly Rule[];
  masks: readonly (readonly PicturePoint[])[];
  transcoded: boolean;
}

export interface Clip {
  state: "pending" | "ready" | "unavailable";
  duration_s: number | null;
  problem: string;
}

export interface Step {
  at: string;
  actor: string;
  action: string;
  note: string;
}

export interface Alert {
  id: string;
  seq: number;
  camera_id: string;
  camera_name: string;
  rule_id: string;
  rule_name: string;
  kind: AlertKind;
  level: Level;
  class_name: string;
  occurred_at: string;
  created_at: string;
  last_seen_at: string;
  ended_at: string | null;
  triggers: number;
  class_changes: number;
  confidence: number | null;
  box_xyxy: BoxXyxy | null;
  track_id: number | null;
  place: { lat: number; lon: number } | null;
  /** 95% of true places lie within it; null: not known, as for a camera that stands. */
  place_error_m: number | null;
  /** Why a drone's camera gave no place. */
  unplaced: string;
  snapshot_path: string | null;
  snapshot_sha256: string | null;
  detail: string;
  /** In English; empty where there is no other text than `detail`. */
  detail_en: string;
  /** Cameras that went offline together; empty for one alone. */
  cameras?: readonly string[];
  state: AlertState;
  acknowledged_by: string | null;
  acknowledged_at: string | null;
  undo_until: string | null;
  false_alarm_reason: FalseAlarmReason | null;
  clip: Clip;
  steps?: readonly Step[];
  /** Drones offered for its place, and what became of those that were sent; only where one alert is asked for. */
  dispatch?: readonly DispatchEvent[];
}

export interface AlertPage {
  alerts: readonly Alert[];
  last_seq: number;
}

export interface TrackBox {
  track_id: number;
  class_name: string;
  confidence: number;
  box_xyxy: BoxXyxy;
}

export interface TracksUpdate {
  camera_id: string;
  captured_at: string;
  pts?: number | null;
  analysed_at: string;
  tracks: readonly TrackBox[];
}

export interface DetectorStatus {
  beat_at: string;
  engine: string;
  model: string;
  model_warning: string;
  capacity_fps: number;
  wanted_fps: number;
  cameras: readonly { camera_id: string; analysed_fps: number; wanted_fps: number; cause: string }[];
}

export type Verdict = "met" | "missed" | "insufficient_data" | "no_data";

export interface HealthSummary {
  online_rate: number | null;
  observation_coverage: number;
  target: number;
  verdict: Verdict;
  offline_now: number;
  cameras: number;
  window: string;
}

export interface RateLine {
  online_rate: number | null;
  online_s: number;
  in_service_s: number;
  unobserved_s: number;
  /** Left out of the rate for a planned outage; what is `full` has it in. */
  planned_s: number;
  full_online_rate: number | null;
  full_online_s: number;
  full_in_service_s: number;
}

export interface PlannedOutage {
  id: string;
  camera_ids: readonly string[];
  begins_at: string;
  ends_at: string;
  reason: string;
  approver: string;
  filed_by: string;
  filed_at: string;
  ended_by: string;
  is_backdated: boolean;
}

export interface OfflineTogether {
  shared: "uplink" | "station" | "recorder";
  name: string;
  camera_ids: readonly string[];
  since: string;
  cause: string;
}

export interface CameraHealth extends RateLine {
  camera_id: string;
  name: string;
  station: string;
  grid: string;
  state: CameraState;
  cause: string;
  since: string | null;
  outages: number;
  planned_until: string | null;
}

export interface GroupHealth extends RateLine {
  name: string;
}

export interface HealthReport extends RateLine {
  window: { from: string; to: string };
  target: number;
  verdict: Verdict;
  observation_coverage: number;
  offline_now: number;
  cameras: readonly CameraHealth[];
  by_station: readonly GroupHealth[];
  by_grid: readonly GroupHealth[];
  planned: readonly PlannedOutage[];
  together: readonly OfflineTogether[];
}

export interface Strip {
  from: string;
  to: string;
  minute_count: number;
  cameras: readonly { camera_id: string; minutes: string; not_analysed: string }[];
}

export interface Problem {
  error: string;
  message: string;
  message_en: string;
  /** Every reason why an order was refused. */
  reasons?: readonly ReasonText[];
}
