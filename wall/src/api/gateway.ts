/** What the page knows of the live gateway, told by the data channel and asked by every tile. */

import { GATEWAY_UNKNOWN, gatewayClosed, gatewayHeard, gatewayLooked } from "../model/gateway.ts";
import type { GatewayLink } from "../model/gateway.ts";

export class GatewayPulse {
  private link = GATEWAY_UNKNOWN;
  private readonly listeners = new Set<() => void>();

  /** A word on the channel. */
  heard(): void {
    this.becomes(gatewayHeard(performance.now()));
  }

  /** It answered the question for a channel, which does not stand yet. */
  answered(): void {
    this.becomes(GATEWAY_UNKNOWN);
  }

  /** Its channel closed, or is taken for dead. */
  closed(): void {
    this.link = gatewayClosed(this.link, performance.now());
  }

  /** Nobody listens to it any more. */
  forget(): void {
    this.link = GATEWAY_UNKNOWN;
  }

  /** Since when it is silent, null while it is heard or never was. */
  get lostAtMs(): number | null {
    this.link = gatewayLooked(this.link, performance.now());
    return this.link.lostAtMs;
  }

  /** Calls back whenever a gateway that was lost answers again; returns how to stop. */
  onBack(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private becomes(link: GatewayLink): void {
    const wasLost = this.lostAtMs !== null;
    this.link = link;
    if (!wasLost) return;
    for (const listener of [...this.listeners]) listener();
  }
}

/** The one gateway there is. */
export const gateway = new GatewayPulse();
