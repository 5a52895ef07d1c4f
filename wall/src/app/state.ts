/** Everything the page knows, in one frozen value; views read it, actions replace parts of it. */

import type { Language, Words } from "../i18n/index.ts";
import type { AlertBook } from "../model/alerts.ts";
import { EMPTY_BOOK } from "../model/alerts.ts";
import type { LayoutSize } from "../model/arrangement.ts";
import type { Camera, DetectorStatus, HealthSummary, Site, User } from "../model/contract.ts";
import { NO_FLEET } from "../model/fleet.ts";
import type { Fleet } from "../model/fleet.ts";
import type { Hotspot } from "../model/hotspot.ts";
import { HOME } from "../model/hotspot.ts";
import type { Link } from "../model/link.ts";
import { linkAtStart } from "../model/link.ts";
import type { OrderDialog } from "../model/order-dialog.ts";
import { NO_SIGHTS } from "../model/sights.ts";
import type { Sights } from "../model/sights.ts";

export type Page = "live" | "patrol" | "health" | "cameras";
export const PAGES: readonly Page[] = ["live", "patrol", "health", "cameras"];

export type SessionStatus = "unknown" | "signed_out" | "must_change_password" | "signed_in";

export interface SessionSlice {
  readonly status: SessionStatus;
  readonly user: User | null;
  /** The session ended while the page was in use: the sign-in page says so and the page's place is kept. */
  readonly over: boolean;
}

export interface CameraSlice {
  readonly byId: ReadonlyMap<string, Camera>;
  readonly order: readonly string[];
  readonly loaded: boolean;
}

export interface Toast {
  readonly words: Words;
  readonly tone: "plain" | "error";
  readonly undoAlertId: string | null;
  readonly untilMs: number;
}

export interface Heartbeat {
  readonly status: DetectorStatus;
  readonly heardAtMs: number;
}

/** A person's own choices, kept in the browser. */
export interface Settings {
  readonly language: Language | null;
  readonly scale: string;
  readonly muted: boolean;
  readonly size: LayoutSize;
  readonly stripOpen: boolean;
}

export interface WallState {
  readonly session: SessionSlice;
  readonly site: Site | null;
  readonly cameras: CameraSlice;
  readonly book: AlertBook;
  readonly fleet: Fleet;
  /** What drones' cameras see on the ground, as long as it is not gone. */
  readonly sights: Sights;
  /** Why nothing is known of drones, or why it grows old. */
  readonly fleetProblem: Words | null;
  /** An order that asks once more, or what became of one. */
  readonly order: OrderDialog | null;
  /** When drones for the place of an alert were asked for, by alert, on the server's clock. */
  readonly offersAsked: ReadonlyMap<string, number>;
  /** Orders under way: `what/whom`. */
  readonly ordering: ReadonlySet<string>;
  readonly hotspot: Hotspot;
  readonly link: Link;
  readonly detector: Heartbeat | null;
  readonly summary: HealthSummary | null;
  readonly settings: Settings;
  readonly language: Language;
  readonly page: Page;
  readonly gridPage: number;
  /** A camera shown alone, and the layout to go back to. */
  readonly zoomed: string | null;
  readonly selectedId: string | null;
  readonly detailId: string | null;
  readonly reasonForId: string | null;
  readonly helpOpen: boolean;
  readonly passwordOpen: boolean;
  readonly zonesShown: boolean;
  readonly handledOpen: boolean;
  readonly soundBlocked: boolean;
  readonly toast: Toast | null;
}

export const NO_CAMERAS: CameraSlice = { byId: new Map(), order: [], loaded: false };

export const PLAIN_SETTINGS: Settings = { language: null, scale: "auto", muted: false, size: 9, stripOpen: false };

export function initialState(settings: Settings, language: Language, page: Page, nowMs: number): WallState {
  return {
    session: { status: "unknown", user: null, over: false },
    site: null,
    cameras: NO_CAMERAS,
    book: EMPTY_BOOK,
    fleet: NO_FLEET,
    sights: NO_SIGHTS,
    fleetProblem: null,
    order: null,
    offersAsked: new Map(),
    ordering: new Set(),
    hotspot: HOME,
    link: linkAtStart(nowMs),
    detector: null,
    summary: null,
    settings,
    language,
    page,
    gridPage: 0,
    zoomed: null,
    selectedId: null,
    detailId: null,
    reasonForId: null,
    helpOpen: false,
    passwordOpen: false,
    zonesShown: false,
    handledOpen: false,
    soundBlocked: false,
    toast: null,
  };
}
