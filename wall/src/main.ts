/** Entry of the page: looks whether somebody is signed in, then shows the wall. */

import { api, ApiError } from "./api/client.ts";
import { enter } from "./app/actions.ts";
import { conduct } from "./app/conductor.ts";
import { listenToKeys } from "./app/keyboard.ts";
import { applyScale } from "./app/settings.ts";
import { store } from "./app/wall.ts";
import { backoffMs } from "./model/backoff.ts";
import "./view/wall-app.ts";

async function resume(attempt: number): Promise<void> {
  try {
    await enter(await api.session());
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) {
      store.set({ session: { status: "signed_out", user: null, over: false } });
    } else {
      setTimeout(() => void resume(attempt + 1), backoffMs(attempt, Math.random(), 500, 4_000));
    }
  }
}

applyScale(store.state.settings.scale);
conduct();
listenToKeys();
void resume(1);
