/**
 * Whether the live gateway is heard. It pings once a second on the alerts' data channel, which comes from the same
 * process as the pictures: when it is silent and a picture stands as well, the process is gone, not the camera.
 *
 *   unknown --heard--> heard --silent for GATEWAY_SILENT_MS, or closed--> lost --heard--> heard
 *      ^                                                              |
 *      +----------------- answered: there again, no channel yet ------+
 */

export interface GatewayLink {
  /** The last word, null while no channel stands. */
  readonly heardAtMs: number | null;
  /** Since when a gateway that was heard is silent. */
  readonly lostAtMs: number | null;
}

export const GATEWAY_UNKNOWN: GatewayLink = { heardAtMs: null, lostAtMs: null };

/** More than one ping missed. */
export const GATEWAY_SILENT_MS = 1_700;

export function gatewayHeard(nowMs: number): GatewayLink {
  return { heardAtMs: nowMs, lostAtMs: null };
}

/** The channel closed. */
export function gatewayClosed(link: GatewayLink, nowMs: number): GatewayLink {
  return link.heardAtMs === null ? link : { ...link, lostAtMs: link.lostAtMs ?? nowMs };
}

/** The link as time goes by. */
export function gatewayLooked(link: GatewayLink, nowMs: number): GatewayLink {
  const silent = link.heardAtMs !== null && nowMs - link.heardAtMs >= GATEWAY_SILENT_MS;
  return silent ? gatewayClosed(link, nowMs) : link;
}
