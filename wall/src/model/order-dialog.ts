/** What stands in the dialog about an order: the question before it, or why it was not carried out. */

import type { Words } from "../i18n/index.ts";
import type { DroneOrder, ReasonText } from "./drone-contract.ts";

/** What an order is about. */
export type Order =
  | { readonly kind: "start"; readonly patrolId: string; readonly droneId: string | null }
  | { readonly kind: "confirm"; readonly patrolId: string; readonly runId: string }
  | { readonly kind: "drone"; readonly droneId: string; readonly order: DroneOrder }
  | { readonly kind: "dispatch"; readonly alertId: string; readonly droneId: string };

export interface OrderDialog {
  readonly order: Order;
  /** null: it was not sent yet. */
  readonly failure: OrderFailure | null;
}

export interface OrderFailure {
  /** refused: it was not carried out. no_answer: nobody knows. failed: it did not get as far as the drone service. */
  readonly kind: "refused" | "no_answer" | "failed";
  readonly reasons: readonly ReasonText[];
  readonly words: Words;
}

/** One name per order, so that it is not sent twice at once. */
export function orderKey(order: Order): string {
  switch (order.kind) {
    case "start":
      return `start/${order.patrolId}`;
    case "confirm":
      return `confirm/${order.runId}`;
    case "drone":
      return `${order.order}/${order.droneId}`;
    case "dispatch":
      return `dispatch/${order.alertId}/${order.droneId}`;
  }
}
