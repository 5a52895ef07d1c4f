/** Sign-in, and the change of a one-time password. */

import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";

import { api } from "../api/client.ts";
import type { ApiError } from "../api/client.ts";
import { enter, setLanguage } from "../app/actions.ts";
import { Watch } from "../app/controllers.ts";
import { store } from "../app/wall.ts";
import { phrase } from "../i18n/index.ts";
import type { Words } from "../i18n/index.ts";
import { FormElement, formStyles } from "./form.ts";
import { icons } from "./icons.ts";
import { shared } from "./styles.ts";
import "./password-form.ts";

export class SignIn extends FormElement {
  static override styles = [
    shared,
    formStyles,
    css`
      :host {
        display: grid;
        grid-template-rows: 1fr auto 1.4fr;
        justify-items: center;
        height: 100%;
        background: var(--background);
        overflow: auto;
      }
      .card {
        grid-row: 2;
        width: min(26rem, calc(100vw - 2rem));
        padding: 2rem 2.1rem 1.7rem;
        background: var(--panel);
        border: 1px solid var(--line);
        border-radius: calc(var(--radius) * 2);
      }
      header {
        display: flex;
        align-items: center;
        gap: 0.6rem;
        margin-bottom: 1.4rem;
      }
      h1 {
        margin: 0;
        flex: 1;
        font-size: 1.6rem;
        font-weight: 600;
        letter-spacing: 0.08em;
      }
      header .icon {
        width: 2rem;
        height: 2rem;
        color: var(--blue);
      }
      .submit {
        padding: 0.65rem;
        font-size: 1.07rem;
      }
      .note,
      .notice {
        margin: 1.2rem 0 0;
        color: var(--dim);
        font-size: 0.9rem;
        line-height: 1.55;
      }
      .notice {
        margin: 0 0 1rem;
        padding: 0.5rem 0.7rem;
        border-left: 3px solid var(--yellow);
        background: var(--panel-raised);
        color: var(--text);
      }
    `,
  ];

  /** Kept only until the one-time password has been replaced. */
  private typedPassword = "";

  protected readonly watch = new Watch(this, (s) => [s.session]);

  override render(): TemplateResult {
    const session = store.state.session;
    return html`<main class="card">
      <header>
        ${icons.mark}
        <h1>${this.t("brand")}</h1>
        <button class="plain" type="button" lang=${this.language === "zh" ? "en" : "zh"} @click=${this.switchLanguage}>
          ${this.t("top.language")}
        </button>
      </header>
      ${session.over ? html`<p class="notice" role="status">${this.t("signin.session_over")}</p>` : nothing}
      ${session.status === "must_change_password"
        ? html`<lookout-password-form
            .old=${this.typedPassword}
            forced
            @done=${this.passwordChanged}
          ></lookout-password-form>`
        : this.form()}
    </main>`;
  }

  private form(): TemplateResult {
    return html`<form @submit=${this.submit} novalidate>
        <label>
          ${this.t("signin.username")}
          <input name="username" autocomplete="username" autocapitalize="off" spellcheck="false" />
        </label>
        ${this.passwordField("password", "current-password", this.t("signin.password"))} ${this.problemLine()}
        <button class="primary submit" ?disabled=${this.busy}>
          ${this.t(this.busy ? "signin.busy" : "signin.submit")}
        </button>
      </form>
      <p class="note">${this.t("signin.note")}</p>`;
  }

  private switchLanguage(): void {
    setLanguage(this.language === "zh" ? "en" : "zh");
  }

  private async submit(event: SubmitEvent): Promise<void> {
    const typed = this.typed(event);
    const username = typed("username").trim();
    const password = typed("password");
    if (username === "" || password === "") {
      this.problem = phrase("signin.empty");
      return;
    }
    await this.send(async () => {
      const session = await api.signIn(username, password);
      this.typedPassword = session.must_change_password ? password : "";
      await enter(session);
    });
  }

  protected override refusal(error: ApiError): Words {
    if (error.status === 0) return phrase("signin.unreachable");
    if (error.status === 429) return phrase("signin.locked", { seconds: Math.ceil(error.retryAfterS ?? 60) });
    return super.refusal(error);
  }

  private async passwordChanged(): Promise<void> {
    this.typedPassword = "";
    await enter(await api.session());
  }
}

customElements.define("lookout-sign-in", SignIn);
