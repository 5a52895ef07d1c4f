/** Old password, new password, new password again. */

import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";

import { api, ApiError } from "../api/client.ts";
import { explain } from "../app/actions.ts";
import { WallElement } from "./element.ts";
import { shared } from "./styles.ts";

/** The API's own rule, told before it has to refuse. */
export const SHORTEST_PASSWORD = 10;

export class PasswordForm extends WallElement {
  static override styles = [
    shared,
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
      form {
        display: grid;
        gap: 0.95rem;
      }
      label {
        display: grid;
        gap: 0.3rem;
        color: var(--dim);
      }
      input {
        padding: 0.6rem 0.7rem;
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        background: var(--background);
        color: var(--text);
      }
      .problem {
        min-height: 1.4em;
        margin: 0;
        color: var(--red);
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
  @state() private problem = "";
  @state() private busy = false;

  override firstUpdated(): void {
    this.renderRoot.querySelector("input")?.focus();
  }

  override render(): TemplateResult {
    return html`<h2>${this.t("password.title")}</h2>
      ${this.forced ? html`<p class="why">${this.t("password.why")}</p>` : nothing}
      <form @submit=${this.submit} novalidate>
        ${this.old === "" ? this.field("old", "current-password", this.t("password.old")) : nothing}
        ${this.field("new", "new-password", `${this.t("password.new")} · ${this.t("password.rule", { length: SHORTEST_PASSWORD })}`)}
        ${this.field("repeat", "new-password", this.t("password.repeat"))}
        <p class="problem" role="alert">${this.problem}</p>
        <div class="buttons">
          <button class="primary" ?disabled=${this.busy}>${this.t("password.submit")}</button>
          ${this.forced
            ? nothing
            : html`<button type="button" @click=${this.cancel}>${this.t("detail.close")}</button>`}
        </div>
      </form>`;
  }

  private field(name: string, autocomplete: "current-password" | "new-password", label: string): TemplateResult {
    return html`<label>${label}<input name=${name} type="password" autocomplete=${autocomplete} /></label>`;
  }

  private cancel(): void {
    this.dispatchEvent(new Event("cancel"));
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const fresh = String(fields.get("new") ?? "");
    if (fresh.length < SHORTEST_PASSWORD) {
      this.problem = this.t("password.short", { length: SHORTEST_PASSWORD });
      return;
    }
    if (fresh !== fields.get("repeat")) {
      this.problem = this.t("password.differ");
      return;
    }
    this.busy = true;
    try {
      await api.changePassword(this.old === "" ? String(fields.get("old") ?? "") : this.old, fresh);
      this.dispatchEvent(new Event("done"));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = explain(error);
    } finally {
      this.busy = false;
    }
  }
}

customElements.define("lookout-password-form", PasswordForm);
