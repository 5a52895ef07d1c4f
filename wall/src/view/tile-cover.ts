/** What covers a tile that is not live: why, and since when. */

import { html, nothing } from "lit";
import type { TemplateResult } from "lit";

import { secondsSince } from "../app/wall.ts";
import { translate, word } from "../i18n/index.ts";
import type { Language } from "../i18n/index.ts";
import type { Camera } from "../model/contract.ts";
import { ago, spell } from "../model/duration.ts";
import { hasCause, isOnline } from "../model/tile.ts";
import type { TileState, TileView } from "../model/tile.ts";
import type { WhepState } from "../model/whep.ts";
import { icons } from "./icons.ts";

interface Cover {
  readonly tone: "stale" | "offline" | "quiet";
  readonly icon: TemplateResult | typeof nothing;
  readonly word: string;
  readonly why: string;
}

const CROSSED: ReadonlySet<TileState> = new Set(["stale", "offline", "disabled", "unobserved"]);

/** The cover of a tile, nothing while it is live. */
export function tileCover(
  language: Language,
  camera: Camera,
  view: TileView,
  whep: WhepState | null,
): TemplateResult | typeof nothing {
  if (view.state === "live") return nothing;
  const cover = coverOf(language, camera, view, whep);
  const nothingOld = isParked(camera) && !view.hasPicture;
  return html`${CROSSED.has(view.state) && !nothingOld
      ? html`<svg class="cross" viewBox="0 0 10 10" preserveAspectRatio="none" aria-hidden="true">
          <line x1="0" y1="0" x2="10" y2="10"></line>
          <line x1="10" y1="0" x2="0" y2="10"></line>
        </svg>`
      : nothing}
    <div class="cover ${cover.tone}" role="status">
      ${cover.icon}
      <div class="word">${cover.word}</div>
      <div class="why">${cover.why}</div>
    </div>`;
}

function coverOf(language: Language, camera: Camera, view: TileView, whep: WhepState | null): Cover {
  const say = (key: Parameters<typeof translate>[1], params = {}): string => translate(language, key, params);
  switch (view.state) {
    case "stale":
      return {
        tone: "stale",
        icon: nothing,
        word: say("tile.stale", { seconds: view.seconds }),
        why: whep?.phase === "playing" ? "" : say("tile.reconnecting"),
      };
    case "late":
      return { tone: "stale", icon: nothing, word: say("tile.late", { seconds: view.seconds }), why: say("tile.late_why") };
    case "undated":
      return { tone: "stale", icon: nothing, word: say("tile.undated"), why: say("tile.undated_why") };
    case "offline":
      return { tone: "offline", icon: icons.offline, word: offlineWord(language, camera), why: offlineWhy(language, camera, whep) };
    case "disabled":
      if (isParked(camera)) {
        return { tone: "quiet", icon: icons.drone, word: say("tile.drone_on_ground"), why: say("tile.drone_on_ground_why") };
      }
      return { tone: "quiet", icon: icons.offline, word: say("tile.disabled"), why: "" };
    case "unobserved":
      return { tone: "quiet", icon: icons.offline, word: say("tile.unobserved"), why: say("tile.unobserved_why") };
    case "awaited":
      return { tone: "quiet", icon: nothing, word: say("tile.awaited"), why: say("tile.awaited_why") };
    case "no_permission":
      return { tone: "quiet", icon: icons.lock, word: say("tile.no_permission"), why: say("tile.no_permission_why") };
    case "no_live_stream":
      return { tone: "quiet", icon: nothing, word: say("tile.no_live_stream"), why: "" };
    case "gateway_busy":
      return { tone: "quiet", icon: nothing, word: say("tile.gateway_busy"), why: retryWords(language, whep) };
    default:
      return { tone: "quiet", icon: nothing, word: say("tile.connecting"), why: retryWords(language, whep) };
  }
}

/** Its drone is on the ground: no fault, there is nothing to see yet. */
function isParked(camera: Camera): boolean {
  return camera.cause === "drone_on_ground";
}

function offlineWord(language: Language, camera: Camera): string {
  return hasCause(camera) ? word(language, "cause", camera.cause) : translate(language, "tile.offline");
}

/** Since when; a camera that counts as online has no picture at the gateway alone, and is tried again. */
function offlineWhy(language: Language, camera: Camera, whep: WhepState | null): string {
  if (isOnline(camera)) return retryWords(language, whep);
  return camera.since === null ? "" : ago(language, secondsSince(camera.since));
}

function retryWords(language: Language, whep: WhepState | null): string {
  if (whep === null || whep.phase !== "backoff" || whep.attempt < 2) return "";
  const seconds = Math.max(1, Math.ceil((whep.retryAtMs - performance.now()) / 1000));
  return seconds > 60 ? spell(language, seconds) : translate(language, "tile.retry_in", { seconds });
}
