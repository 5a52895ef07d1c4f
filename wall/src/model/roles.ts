/** What the page offers to a role. The API decides; this only keeps buttons away from those it would refuse. */

const HANDLERS: ReadonlySet<string> = new Set(["operator", "duty_officer", "admin"]);

/** May acknowledge, take back, and mark as false. */
export function mayHandle(role: string | undefined): boolean {
  return role !== undefined && HANDLERS.has(role);
}

/** May look at cameras, live and listed; an auditor sees alerts and figures only. */
export function mayWatch(role: string | undefined): boolean {
  return role !== undefined && role !== "auditor";
}
