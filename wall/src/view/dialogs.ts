/** Small things on top of the page: reasons of a false alarm, keys, password. */

import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";

import { markFalse, toast } from "../app/actions.ts";
import { Watch } from "../app/controllers.ts";
import { store } from "../app/wall.ts";
import { FALSE_ALARM_REASONS } from "../model/contract.ts";
import { phrase } from "../i18n/index.ts";
import type { MessageKey } from "../i18n/index.ts";
import { WallElement } from "./element.ts";
import "./password-form.ts";
import { shared } from "./styles.ts";

const KEYS: readonly (readonly [readonly string[], MessageKey])[] = [
  [["A"], "help.ack"],
  [["U"], "help.undo"],
  [["F"], "help.false"],
  [["↑", "↓", "Home"], "help.move"],
  [["Enter"], "help.open"],
  [["D"], "help.dispatch"],
  [["M"], "help.mute"],
  [["1", "4", "9"], "help.layout"],
  [["←", "→"], "help.page"],
  [["P"], "help.pin"],
  [["Z"], "help.zones"],
  [["L", "T", "H", "C"], "help.pages"],
  [["?"], "help.help"],
  [["Esc"], "help.close"],
];

export class Dialogs extends WallElement {
  static override styles = [
    shared,
    css`
      .veil {
        position: fixed;
        inset: 0;
        z-index: 60;
        display: grid;
        place-content: center;
        background: rgb(5 8 11 / 0.6);
      }
      .panel {
        width: min(30rem, calc(100vw - 2rem));
        max-height: calc(100vh - 2rem);
        overflow: auto;
        padding: 1.3rem 1.5rem;
        background: var(--panel-raised);
        border: 1px solid var(--line-strong);
        border-radius: calc(var(--radius) * 2);
        box-shadow: 0 1rem 3rem rgb(0 0 0 / 0.5);
      }
      h2 {
        margin: 0 0 0.9rem;
        font-size: 1.2rem;
        font-weight: 600;
      }
      .reasons {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 0.5rem;
      }
      .reasons button {
        display: flex;
        gap: 0.6rem;
        align-items: center;
        padding: 0.6rem 0.75rem;
      }
      .hint {
        margin: 0.9rem 0 0;
        color: var(--dim);
        font-size: 0.93rem;
      }
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 0.55rem 1.3rem;
        margin: 0;
      }
      dt {
        display: flex;
        gap: 0.25rem;
        justify-content: flex-end;
      }
      dd {
        margin: 0;
      }
    `,
  ];

  protected readonly watch = new Watch(this, (s) => [s.reasonForId, s.helpOpen, s.passwordOpen]);

  protected override updated(): void {
    this.renderRoot.querySelector<HTMLElement>("[data-first]")?.focus();
  }

  override render(): TemplateResult | typeof nothing {
    const { reasonForId, helpOpen, passwordOpen } = store.state;
    if (reasonForId !== null) return this.panel(this.t("reason.title"), this.reasons(reasonForId), () => store.set({ reasonForId: null }));
    if (helpOpen) return this.panel(this.t("help.title"), this.keys(), () => store.set({ helpOpen: false }));
    if (passwordOpen) return this.panel("", this.password(), () => store.set({ passwordOpen: false }));
    return nothing;
  }

  private panel(title: string, content: TemplateResult, close: () => void): TemplateResult {
    return html`<div
      class="veil"
      @click=${(event: Event) => {
        if (event.target === event.currentTarget) close();
      }}
    >
      <div class="panel" role="dialog" aria-modal="true" aria-label=${title}>
        ${title === "" ? nothing : html`<h2>${title}</h2>`} ${content}
      </div>
    </div>`;
  }

  private reasons(id: string): TemplateResult {
    return html`<div class="reasons" data-reasons>
        ${FALSE_ALARM_REASONS.map(
          (reason, index) =>
            html`<button ?data-first=${index === 0} data-reason=${reason} @click=${() => void markFalse(id, reason)}>
              <kbd>${index + 1}</kbd> ${this.t(`reason.${reason}`)}
            </button>`,
        )}
      </div>
      <p class="hint">${this.t("reason.hint")}</p>`;
  }

  private keys(): TemplateResult {
    return html`<dl>
      ${KEYS.map(
        ([keys, words]) =>
          html`<dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt>
            <dd>${this.t(words)}</dd>`,
      )}
    </dl>`;
  }

  private password(): TemplateResult {
    return html`<lookout-password-form
      @cancel=${() => store.set({ passwordOpen: false })}
      @done=${() => {
        store.set({ passwordOpen: false });
        toast(phrase("password.done"));
      }}
    ></lookout-password-form>`;
  }
}

customElements.define("lookout-dialogs", Dialogs);
