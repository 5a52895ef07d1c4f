/** Listens to the keyboard and does what keys.ts says. */

import * as act from "./actions.ts";
import { closeOrder, offerFor } from "./fleet.ts";
import { keyAction } from "./keys.ts";
import type { KeyAction } from "./keys.ts";
import { store } from "./wall.ts";

export function listenToKeys(): void {
  window.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (store.state.session.status !== "signed_in" || store.state.passwordOpen) return;
    const target = event.composedPath()[0];
    if (isEditable(target)) return;
    const { reasonForId, helpOpen, order, page } = store.state;
    const context = { reasonsOpen: reasonForId !== null, helpOpen, orderOpen: order !== null, page };
    const action = keyAction(event.key, context);
    if (action === null) return;
    // Enter on a focused button presses that button.
    if (action.do === "open" && isPressable(target)) return;
    event.preventDefault();
    perform(action);
  });
}

function isEditable(target: EventTarget | undefined): boolean {
  if (target instanceof HTMLInputElement) return true;
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target instanceof HTMLVideoElement;
}

function isPressable(target: EventTarget | undefined): boolean {
  return target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement || isSummary(target);
}

function isSummary(target: EventTarget | undefined): boolean {
  return target instanceof HTMLElement && target.tagName === "SUMMARY";
}

function perform(action: KeyAction): void {
  const { selectedId, detailId, reasonForId, settings, zonesShown, helpOpen } = store.state;
  const subject = detailId ?? selectedId;
  switch (action.do) {
    case "layout":
      return act.setLayout(action.size);
    case "page":
      return act.turnPage(action.step);
    case "select":
      return act.select(action.step);
    case "go":
      return act.go(action.page);
    case "reason":
      if (reasonForId !== null) void act.markFalse(reasonForId, action.reason);
      return;
    case "open":
      return store.set({ detailId: selectedId });
    case "acknowledge":
      if (subject !== null) void act.acknowledge(subject);
      return;
    case "undo":
      return void act.undo();
    case "false_alarm":
      return act.openReasons(subject);
    case "dispatch":
      if (subject !== null) offerFor(subject);
      return;
    case "mute":
      return act.choose({ muted: !settings.muted });
    case "zones":
      return store.set({ zonesShown: !zonesShown });
    case "pin":
      return act.togglePin();
    case "help":
      return store.set({ helpOpen: !helpOpen });
    case "close":
      return closeTopmost();
  }
}

function closeTopmost(): void {
  const { reasonForId, helpOpen, order, detailId, zoomed } = store.state;
  if (order !== null) closeOrder();
  else if (reasonForId !== null) store.set({ reasonForId: null });
  else if (helpOpen) store.set({ helpOpen: false });
  else if (detailId !== null) store.set({ detailId: null });
  else if (zoomed !== null) store.set({ zoomed: null });
}
