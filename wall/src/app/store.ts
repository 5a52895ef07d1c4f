/** The store: one state value, listeners told after each change, at most once per microtask. */

import type { WallState } from "./state.ts";

export type Listener = () => void;

export class Store {
  private current: WallState;
  private readonly listeners = new Set<Listener>();
  private told = true;

  constructor(initial: WallState) {
    this.current = initial;
  }

  get state(): WallState {
    return this.current;
  }

  /** Replaces parts of the state; a change to the same values tells nobody. */
  set(part: Partial<WallState>): void {
    const next = { ...this.current, ...part };
    const keys = Object.keys(part) as (keyof WallState)[];
    if (keys.every((key) => Object.is(next[key], this.current[key]))) return;
    this.current = next;
    if (!this.told) return;
    this.told = false;
    queueMicrotask(() => {
      this.told = true;
      for (const listener of this.listeners) listener();
    });
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
