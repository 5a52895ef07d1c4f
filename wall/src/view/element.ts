/** What every view has: words in the page's language, and an update when the language changes. */

import { LitElement } from "lit";

import { Watch } from "../app/controllers.ts";
import { store } from "../app/wall.ts";
import { translate, word } from "../i18n/index.ts";
import type { Language, MessageKey, Params } from "../i18n/index.ts";
import type { InstantStyle } from "../model/duration.ts";
import { instant } from "../model/duration.ts";

export class WallElement extends LitElement {
  protected readonly watchLanguage = new Watch(this, (state) => [state.language, state.site]);

  protected get language(): Language {
    return store.state.language;
  }

  protected t(key: MessageKey, params: Params = {}): string {
    return translate(this.language, key, params);
  }

  /** A word for a code of the server, e.g. `cause`, `wrong_password`. */
  protected word(family: string, code: string): string {
    return word(this.language, family, code);
  }

  /** An instant in the district's zone. */
  protected instant(at: string | Date, style: InstantStyle): string {
    const zone = store.state.site?.timezone ?? "Asia/Shanghai";
    return instant(this.language, zone, typeof at === "string" ? new Date(at) : at, style);
  }
}
