/** The page as a whole: sign-in, or bar, page, rail, strip and what lies over them. */

import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";

import { undo } from "../app/actions.ts";
import { EverySecond, Watch } from "../app/controllers.ts";
import { store } from "../app/wall.ts";
import { counter } from "../model/duration.ts";
import { lostSeconds } from "../model/link.ts";
import "./alert-detail.ts";
import "./alert-rail.ts";
import "./camera-grid.ts";
import "./cameras-page.ts";
import "./dialogs.ts";
import { WallElement } from "./element.ts";
import "./health-page.ts";
import "./health-strip.ts";
import "./order-dialog.ts";
import "./patrol-page.ts";
import { icons } from "./icons.ts";
import "./sign-in.ts";
import { shared } from "./styles.ts";
import "./top-bar.ts";

export class WallApp extends WallElement {
  static override styles = [
    shared,
    css`
      :host {
        display: block;
        height: 100%;
      }
      .page {
        display: grid;
        grid-template: var(--bar-height) minmax(0, 1fr) auto / minmax(0, 1fr) var(--rail-width);
        height: 100%;
      }
      lookout-top-bar {
        grid-column: 1 / -1;
        position: relative;
        z-index: 20;
      }
      .stage {
        position: relative;
        min-width: 0;
        min-height: 0;
      }
      .stage > * {
        position: absolute;
        inset: 0;
        isolation: isolate;
      }
      .stage > lookout-alert-detail {
        z-index: 1;
      }
      lookout-strip {
        grid-column: 1 / -1;
      }
      .lost .stage,
      .lost lookout-alert-rail,
      .lost lookout-strip,
      .lost lookout-top-bar {
        filter: grayscale(1) brightness(0.55);
      }
      .banner {
        position: fixed;
        inset: var(--bar-height) 0 auto 0;
        z-index: 30;
        display: flex;
        align-items: center;
        justify-content: center;
        gap: 1rem;
        padding: 0.6rem 1rem;
        background: var(--orange);
        color: var(--on-level);
        font-size: 1.15rem;
        font-weight: 600;
      }
      .banner .why {
        font-weight: 400;
      }
      .banner .icon {
        width: 1.5rem;
        height: 1.5rem;
      }
      .toast {
        position: fixed;
        left: calc((100vw - var(--rail-width)) / 2);
        bottom: calc(var(--strip-height) + 1.5rem);
        z-index: 70;
        display: flex;
        align-items: center;
        gap: 1rem;
        transform: translateX(-50%);
        max-width: calc(100vw - var(--rail-width) - 4rem);
        padding: 0.65rem 0.75rem 0.65rem 1.1rem;
        background: var(--panel-raised);
        border: 1px solid var(--line-strong);
        border-radius: calc(var(--radius) * 1.5);
        box-shadow: 0 0.6rem 2rem rgb(0 0 0 / 0.55);
      }
      .toast.error {
        border-color: var(--red);
      }
      .loading {
        display: grid;
        place-content: center;
        justify-items: center;
        gap: 0.75rem;
        height: 100%;
        color: var(--dim);
        background: var(--background);
      }
      .loading .icon {
        width: 3rem;
        height: 3rem;
        color: var(--blue);
      }
    `,
  ];

  protected readonly watch = new Watch(this, (s) => [s.session, s.page, s.link, s.detailId, s.toast]);
  protected readonly clock = new EverySecond(this);

  protected override updated(): void {
    document.documentElement.lang = this.language === "zh" ? "zh-CN" : "en";
  }

  override render(): TemplateResult {
    const { session } = store.state;
    if (session.status === "unknown") return this.loading();
    if (session.status !== "signed_in") return html`<lookout-sign-in></lookout-sign-in>${this.toast()}`;
    const lost = lostSeconds(store.state.link, Date.now());
    return html`<div class="page ${lost > 0 ? "lost" : ""}" data-link=${lost > 0 ? "lost" : "up"}>
        <lookout-top-bar></lookout-top-bar>
        <main class="stage">${this.stage()}</main>
        <lookout-alert-rail></lookout-alert-rail>
        <lookout-strip></lookout-strip>
      </div>
      ${lost > 0 ? this.banner(lost) : nothing} ${this.toast()}
      <lookout-dialogs></lookout-dialogs><lookout-order-dialog></lookout-order-dialog>`;
  }

  private stage(): TemplateResult {
    const { page, detailId } = store.state;
    const pages = {
      live: html`<lookout-grid></lookout-grid>`,
      patrol: html`<lookout-patrol-page></lookout-patrol-page>`,
      health: html`<lookout-health-page></lookout-health-page>`,
      cameras: html`<lookout-cameras-page></lookout-cameras-page>`,
    };
    return html`${pages[page]}${detailId === null ? nothing : html`<lookout-alert-detail></lookout-alert-detail>`}`;
  }

  private loading(): TemplateResult {
    const lost = lostSeconds(store.state.link, Date.now());
    return html`<div class="loading">
      ${icons.mark}<span role="status">${lost > 0 ? this.t("signin.unreachable") : this.t("link.loading")}</span>
    </div>`;
  }

  private banner(lost: number): TemplateResult {
    return html`<div class="banner" role="alert">
      ${icons.warning}<span>${this.t("link.lost", { time: counter(lost) })}</span>
      <span class="why">${this.t("link.lost_why")}</span>
    </div>`;
  }

  private toast(): TemplateResult | typeof nothing {
    const toast = store.state.toast;
    if (toast === null) return nothing;
    const left = Math.max(0, Math.ceil((toast.untilMs - Date.now()) / 1000));
    return html`<div class="toast ${toast.tone}" role="status">
      <span>${toast.words(this.language)}</span>
      ${toast.undoAlertId === null
        ? nothing
        : html`<button @click=${() => void undo()}>${this.t("alert.undo")} <kbd>U</kbd> <span class="dim">${left}</span></button>`}
    </div>`;
  }
}

customElements.define("lookout-wall", WallApp);
