/** Old password, new password, new password again. */

import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { property } from "lit/decorators.js";

import { api } from "../api/client.ts";
import { phrase } from "../i18n/index.ts";
import { FormElement, formStyles } from "./form.ts";
import { shared } from "./styles.ts";

/** The API's own rule, told before it has to refuse. */
export const SHORTEST_PASSWORD = 10;

export class PasswordForm extends FormElement {
  static override styles = [
    shared,
    formStyles,
    css`
      :host {
        display: block;
      }
      h2 {
        margin: 0 0 0.4rem;
        font-size: 1.15rem;
        font-weight: 600;
      }
      .why {
        margin: 0 0 1rem;
        color: var(--dim);
      }
      .buttons {
        display: flex;
        gap: 0.6rem;
      }
      .buttons .primary {
        flex: 1;
        padding: 0.6rem;
      }
    `,
  ];

  /** The password just typed at sign-in; empty: ask for it. */
  @property({ attribute: false }) old = "";
  /** A one-time password has to be replaced: there is no way round. */
  @property({ type: Boolean }) forced = false;

  override render(): TemplateResult {
    return html`<h2>${this.t("password.title")}</h2>
      ${this.forced ? html`<p class="why">${this.t("password.why")}</p>` : nothing}
      <form @submit=${this.submit} @keydown=${this.escape} novalidate>
        ${this.old === "" ? this.passwordField("old", "current-password", this.t("password.old")) : nothing}
        ${this.passwordField("new", "new-password", `${this.t("password.new")} · ${this.t("password.rule", { length: SHORTEST_PASSWORD })}`)}
        ${this.passwordField("repeat", "new-password", this.t("password.repeat"))}
        ${this.problemLine()}
        <div class="buttons">
          <button class="primary" ?disabled=${this.busy}>${this.t("password.submit")}</button>
          ${this.forced
            ? nothing
            : html`<button type="button" @click=${this.cancel}>${this.t("detail.close")}</button>`}
        </div>
      </form>`;
  }

  private escape(event: KeyboardEvent): void {
    if (event.key === "Escape" && !this.forced) this.cancel();
  }

  private cancel(): void {
    this.dispatchEvent(new Event("cancel"));
  }

  private async submit(event: SubmitEvent): Promise<void> {
    const typed = this.typed(event);
    const fresh = typed("new");
    if (fresh.length < SHORTEST_PASSWORD) {
      this.problem = phrase("password.short", { length: SHORTEST_PASSWORD });
      return;
    }
    if (fresh !== typed("repeat")) {
      this.problem = phrase("password.differ");
      return;
    }
    await this.send(async () => {
      await api.changePassword(this.old === "" ? typed("old") : this.old, fresh);
      this.dispatchEvent(new Event("done"));
    });
  }
}

customElements.define("lookout-password-form", PasswordForm);
