/** Words of the page, English. */

import { alerts } from "./en/alerts.ts";
import { cameras } from "./en/cameras.ts";
import { drones } from "./en/drones.ts";
import { health } from "./en/health.ts";
import { map } from "./en/map.ts";
import { orders } from "./en/orders.ts";
import { page } from "./en/page.ts";
import type { MessageKey } from "./zh.ts";

export const en: Readonly<Record<MessageKey, string>> = { ...page, ...alerts, ...cameras, ...health, ...map, ...drones, ...orders };
