/** The person's menu: password, text size, keys, sign out. */

import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";

import { choose, signOut } from "../app/actions.ts";
import { Watch } from "../app/controllers.ts";
import { SCALES } from "../app/settings.ts";
import { store } from "../app/wall.ts";
import { WallElement } from "./element.ts";
import { icons } from "./icons.ts";
import { shared } from "./styles.ts";

export class UserMenu extends WallElement {
  static override styles = [
    shared,
    css`
      :host {
        position: relative;
      }
      .open {
        display: inline-flex;
        align-items: center;
        gap: 0.35rem;
        max-width: 12rem;
        padding: 0.3rem 0.4rem;
      }
      .name {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .menu {
        position: absolute;
        top: calc(100% + 0.5rem);
        right: 0;
        z-index: 50;
        display: grid;
        gap: 0.15rem;
        min-width: 15rem;
        padding: 0.5rem;
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        background: var(--panel-raised);
        box-shadow: 0 0.6rem 2rem rgb(0 0 0 / 0.5);
      }
      .menu button {
        width: 100%;
        padding: 0.45rem 0.6rem;
        text-align: left;
      }
      .who {
        padding: 0.35rem 0.6rem 0.5rem;
        margin-bottom: 0.3rem;
        border-bottom: 1px solid var(--line);
        white-space: normal;
      }
      .scales {
        display: flex;
        align-items: center;
        gap: 0.2rem;
        padding: 0.35rem 0.6rem;
      }
      .scales span {
        flex: 1;
      }
      .scales button {
        width: auto;
        padding: 0.15rem 0.4rem;
        font-size: 0.86rem;
      }
      .scales button[aria-pressed="true"] {
        border-color: var(--blue);
        color: var(--blue);
      }
      .version {
        padding: 0.35rem 0.6rem 0;
        font-size: 0.86rem;
      }
    `,
  ];

  @state() private open = false;
  protected readonly watch = new Watch(this, (s) => [s.session, s.settings]);
  private readonly outside = (event: Event): void => {
    if (!event.composedPath().includes(this)) this.open = false;
  };

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("pointerdown", this.outside);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("pointerdown", this.outside);
  }

  override render(): TemplateResult {
    const user = store.state.session.user;
    return html`<button
        class="plain open"
        aria-haspopup="menu"
        aria-expanded=${this.open}
        title=${this.t("top.user_menu")}
        @click=${() => (this.open = !this.open)}
        @keydown=${this.escape}
      >
        ${icons.user}<span class="name">${user?.display_name ?? ""}</span>${icons.chevron}
      </button>
      ${this.open ? this.menu() : nothing}`;
  }

  private menu(): TemplateResult {
    const { session, settings, site } = store.state;
    return html`<div class="menu" @keydown=${this.escape}>
      <div class="who">
        <div>${session.user?.display_name}</div>
        <div class="dim">${[session.user?.name, session.user?.unit].filter(Boolean).join(" · ")}</div>
      </div>
      <div class="scales">
        <span class="dim">${this.t("top.scale")}</span>
        ${SCALES.map(
          (scale) =>
            html`<button aria-pressed=${settings.scale === scale} @click=${() => choose({ scale })}>
              ${scale === "auto" ? this.t("top.scale_auto") : scale}
            </button>`,
        )}
      </div>
      <button class="plain" @click=${() => this.pick(() => store.set({ helpOpen: true }))}>
        ${this.t("top.help")} <kbd>?</kbd>
      </button>
      <button class="plain" @click=${() => this.pick(() => store.set({ passwordOpen: true }))}>
        ${this.t("top.change_password")}
      </button>
      <button class="plain" @click=${() => this.pick(() => void signOut())}>${this.t("top.sign_out")}</button>
      ${site === null ? nothing : html`<div class="dim version">${site.name} · ${this.t("top.version", { version: site.version })}</div>`}
    </div>`;
  }

  private pick(work: () => void): void {
    this.open = false;
    work();
  }

  private escape(event: KeyboardEvent): void {
    if (event.key !== "Escape" || !this.open) return;
    event.stopPropagation();
    this.open = false;
  }
}

customElements.define("lookout-user-menu", UserMenu);
