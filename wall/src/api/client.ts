/** The REST half of the API: one function per route the page uses. */

import type { ReasonText } from "../model/drone-contract.ts";
import type {
  Alert,
  AlertPage,
  Camera,
  FalseAlarmReason,
  HealthReport,
  Problem,
  Session,
  Site,
  Strip,
} from "../model/contract.ts";

/** The API said no, or did not answer (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly zh: string,
    readonly en: string,
    readonly retryAfterS: number | null,
    /** Every reason of a refused order. */
    readonly reasons: readonly ReasonText[] = [],
  ) {
    super(`${status} ${code}`);
    this.name = "ApiError";
  }
}

const sessionLostListeners = new Set<() => void>();

/** Called when any route answers 401: the session is over. */
export function onSessionLost(listener: () => void): void {
  sessionLostListeners.add(listener);
}

/** Headers every request of the page carries; X-Lookout proves that the page itself sent it. */
export function headers(contentType?: string): HeadersInit {
  return contentType === undefined ? { "X-Lookout": "1" } : { "X-Lookout": "1", "Content-Type": contentType };
}

/** Turns an answer that is no success into an ApiError, and tells when the session is over. */
export async function problemOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  const body = parseProblem(text);
  const retryAfter = Number.parseFloat(response.headers.get("Retry-After") ?? "");
  if (response.status === 401 && body.error !== "wrong_credentials") {
    for (const listener of sessionLostListeners) listener();
  }
  return new ApiError(
    response.status,
    body.error,
    body.message,
    body.message_en,
    Number.isNaN(retryAfter) ? null : retryAfter,
    body.reasons ?? [],
  );
}

function parseProblem(text: string): Problem {
  const nothing = { error: "unexpected", message: "", message_en: "" };
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? { ...nothing, ...parsed } : nothing;
  } catch {
    return nothing;
  }
}

async function call(method: string, path: string, body?: unknown): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: headers(body === undefined ? undefined : "application/json"),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      credentials: "same-origin",
      cache: "no-store",
    });
  } catch (error) {
    if (error instanceof TypeError) throw new ApiError(0, "unreachable", "", "", null);
    throw error;
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** The JSON a route answers.
 *
 * Throws:
 *   ApiError: it refused, or nobody answered.
 */
export async function json<T>(method: string, path: string, body?: unknown): Promise<T> {
  return (await call(method, path, body)).json() as Promise<T>;
}

export const api = {
  signIn: (username: string, password: string) => json<Session>("POST", "/api/session", { username, password }),
  session: () => json<Session>("GET", "/api/session"),
  signOut: () => call("DELETE", "/api/session"),
  changePassword: (old: string, fresh: string) => call("POST", "/api/session/password", { old, new: fresh }),
  site: () => json<Site>("GET", "/api/site"),
  cameras: async () => (await json<{ cameras: Camera[] }>("GET", "/api/cameras")).cameras,
  alertsAfter: (seq: number, limit: number) => json<AlertPage>("GET", `/api/alerts?after=${seq}&limit=${limit}`),
  newestAlerts: (limit: number) => json<AlertPage>("GET", `/api/alerts?limit=${limit}`),
  waitingAlerts: (limit: number) => json<AlertPage>("GET", `/api/alerts?state=new&limit=${limit}`),
  alert: (id: string) => json<Alert>("GET", `/api/alerts/${encodeURIComponent(id)}`),
  acknowledge: (id: string) => json<Alert>("POST", `/api/alerts/${encodeURIComponent(id)}/acknowledge`, {}),
  undo: (id: string) => json<Alert>("POST", `/api/alerts/${encodeURIComponent(id)}/undo`, {}),
  falseAlarm: (id: string, reason: FalseAlarmReason) =>
    json<Alert>("POST", `/api/alerts/${encodeURIComponent(id)}/false_alarm`, { reason }),
  health: (window: string) => json<HealthReport>("GET", `/api/health?window=${encodeURIComponent(window)}`),
  strip: (minutes: number) => json<Strip>("GET", `/api/health/strip?minutes=${minutes}`),
  snapshotUrl: (id: string) => `/api/alerts/${encodeURIComponent(id)}/snapshot`,
  clipUrl: (id: string) => `/api/alerts/${encodeURIComponent(id)}/clip`,
};
