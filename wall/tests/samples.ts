/** Alerts and cameras to test with: whole objects of the contract, changed where a test needs it. */

import type { Alert, Camera } from "../src/model/contract.ts";

export function alertOf(part: Partial<Alert> & { id: string; seq: number }): Alert {
  return {
    camera_id: "cam-01",
    camera_name: "北门",
    rule_id: "zone",
    rule_name: "禁区",
    kind: "zone_intrusion",
    level: "orange",
    class_name: "person",
    occurred_at: "2026-01-01T00:00:00Z",
    created_at: "2026-01-01T00:00:00Z",
    last_seen_at: "2026-01-01T00:00:00Z",
    ended_at: null,
    triggers: 1,
    class_changes: 0,
    confidence: 0.9,
    box_xyxy: [0.1, 0.1, 0.2, 0.3],
    track_id: 1,
    place: null,
    place_error_m: null,
    unplaced: "",
    snapshot_path: null,
    snapshot_sha256: null,
    detail: "",
    detail_en: "",
    state: "new",
    acknowledged_by: null,
    acknowledged_at: null,
    undo_until: null,
    false_alarm_reason: null,
    clip: { state: "pending", duration_s: null, problem: "" },
    ...part,
  };
}

export function cameraOf(part: Partial<Camera> = {}): Camera {
  return {
    id: "cam-01",
    name: "北门",
    unit: "u",
    station: "s",
    grid: "g",
    vendor: "",
    enabled: true,
    streams: {
      main: {
        state: "streaming",
        cause: "none",
        detail: "",
        since: null,
        codec: "h264",
        width_px: 1280,
        height_px: 720,
        fps: 15,
        bitrate_bits_s: 2e6,
        last_packet_at: null,
      },
    },
    state: "streaming",
    cause: "none",
    since: null,
    last_packet_at: null,
    live_stream: "main",
    analysed: { state: "analysed", cause: "", analysed_fps: 5, wanted_fps: 5, last_analysed_at: null, min_confidence: 0.1 },
    zones: [],
    rules: [],
    masks: [],
    transcoded: false,
    ...part,
  };
}
