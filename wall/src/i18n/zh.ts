/** Words of the page, Chinese; the keys are the contract for every other language. `{name}` is filled in. */

import { alerts } from "./zh/alerts.ts";
import { cameras } from "./zh/cameras.ts";
import { drones } from "./zh/drones.ts";
import { health } from "./zh/health.ts";
import { map } from "./zh/map.ts";
import { orders } from "./zh/orders.ts";
import { page } from "./zh/page.ts";

export const zh = { ...page, ...alerts, ...cameras, ...health, ...map, ...drones, ...orders } as const;

export type MessageKey = keyof typeof zh;
