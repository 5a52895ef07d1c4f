/** Ties a view to the store and to the clock. */

import type { ReactiveController, ReactiveControllerHost } from "lit";

import { store } from "./wall.ts";
import type { WallState } from "./state.ts";

/** Asks for an update whenever one of the selected values is another one. */
export class Watch implements ReactiveController {
  private last: readonly unknown[] = [];
  private stop: (() => void) | null = null;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly select: (state: WallState) => readonly unknown[],
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.last = this.select(store.state);
    this.stop = store.listen(() => {
      const values = this.select(store.state);
      if (values.length === this.last.length && values.every((value, i) => Object.is(value, this.last[i]))) return;
      this.last = values;
      this.host.requestUpdate();
    });
  }

  hostDisconnected(): void {
    this.stop?.();
    this.stop = null;
  }
}

const ticking = new Set<() => void>();
setInterval(() => {
  for (const tick of ticking) tick();
}, 1000);

/** Asks for an update every second. */
export class EverySecond implements ReactiveController {
  private readonly tick: () => void;

  constructor(private readonly host: ReactiveControllerHost) {
    this.tick = () => this.host.requestUpdate();
    host.addController(this);
  }

  hostConnected(): void {
    ticking.add(this.tick);
  }

  hostDisconnected(): void {
    ticking.delete(this.tick);
  }
}
