/** Sign-in, and the change of a one-time password. */

import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";

import { api, ApiError } from "../api/client.ts";
import { enter, explain, setLanguage } from "../app/actions.ts";
import { Watch } from "../app/controllers.ts";
import { store } from "../app/wall.ts";
import { icons } from "./icons.ts";
import { WallElement } from "./element.ts";
import { shared } from "./styles.ts";
import "./password-form.ts";

export class SignIn extends WallElement {
  static override styles = [
    shared,
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
      .problem {
        min-height: 1.4em;
        margin: 0;
        color: var(--red);
      }
    `,
  ];

  @state() private busy = false;
  @state() private problem: (() => string) | null = null;
  /** Kept only until the one-time password has been replaced. */
  private typedPassword = "";

  protected readonly watch = new Watch(this, (s) => [s.session]);

  override firstUpdated(): void {
    this.renderRoot.querySelector("input")?.focus();
  }

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
        <label>
          ${this.t("signin.password")}
          <input name="password" type="password" autocomplete="current-password" />
        </label>
        <p class="problem" role="alert">${this.problem?.() ?? ""}</p>
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
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const username = String(fields.get("username") ?? "").trim();
    const password = String(fields.get("password") ?? "");
    if (username === "" || password === "") {
      this.problem = () => this.t("signin.empty");
      return;
    }
    this.busy = true;
    this.problem = null;
    try {
      const session = await api.signIn(username, password);
      this.typedPassword = session.must_change_password ? password : "";
      await enter(session);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = () => this.refusal(error);
    } finally {
      this.busy = false;
    }
  }

  private refusal(error: ApiError): string {
    if (error.status === 0) return this.t("signin.unreachable");
    if (error.status === 429) return this.t("signin.locked", { seconds: Math.ceil(error.retryAfterS ?? 60) });
    return explain(error);
  }

  private async passwordChanged(): Promise<void> {
    this.typedPassword = "";
    await enter(await api.session());
  }
}

customElements.define("lookout-sign-in", SignIn);
