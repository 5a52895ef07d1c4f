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

const PILOTS: ReadonlySet<string> = new Set(["pilot", "duty_officer", "admin"]);

/** May ask which drones could go to an alert's place; sending one takes mayFly. */
export function mayOffer(role: string | undefined): boolean {
  return mayHandle(role) || mayFly(role);
}

/** May start, call back and send drones. */
export function mayFly(role: string | undefined): boolean {
  return role !== undefined && PILOTS.has(role);
}
