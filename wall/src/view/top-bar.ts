/** Top bar: pages, online rate against its target, what is not as it should be, clock, person. */

import { html, nothing, svg } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";

import { choose, go, gridPages, setLanguage, setLayout, turnPage } from "../app/actions.ts";
import { sounder } from "../app/conductor.ts";
import { EverySecond, Watch } from "../app/controllers.ts";
import type { Page } from "../app/state.ts";
import { layoutSize, pagesOf, serverNowMs, store } from "../app/wall.ts";
import type { LayoutSize } from "../model/arrangement.ts";
import { airborne } from "../model/fleet.ts";
import { fleetNotices, notices } from "../model/notices.ts";
import type { Notice } from "../model/notices.ts";
import { percent, verdictTone } from "../model/rates.ts";
import { WallElement } from "./element.ts";
import { icons, layoutIcon } from "./icons.ts";
import { shared } from "./styles.ts";
import { topBarStyles } from "./top-bar-styles.ts";
import "./user-menu.ts";

const SIZES: readonly LayoutSize[] = [1, 4, 9];

export class TopBar extends WallElement {
  static override styles = [shared, topBarStyles];

  @state() private openNotice: string | null = null;

  protected readonly watch = new Watch(this, (s) => [
    s.page,
    s.summary,
    s.settings,
    s.zoomed,
    s.soundBlocked,
    s.detector,
    s.session,
    s.cameras,
    s.gridPage,
    s.fleet.patrols,
  ]);
  protected readonly clock = new EverySecond(this);

  override render(): TemplateResult {
    const now = new Date(serverNowMs());
    return html`<header>
      <span class="brand">${icons.mark}<b>${this.t("brand")}</b></span>
      <nav aria-label=${this.t("nav.label")}>${pagesOf(store.state).map((page) => this.tab(page))}</nav>
      ${this.rate()} ${this.notices()}
      <span class="rest"></span>
      ${pagesOf(store.state).includes("live") ? this.layouts() : nothing} ${this.sound()}
      <time class="clock" title=${this.instant(now, "full")}>
        <span class="day">${this.instant(now, "day")}</span>
        <span class="time">${this.instant(now, "clock")}</span>
      </time>
      <button
        class="plain language"
        lang=${this.language === "zh" ? "en" : "zh"}
        title=${this.t("top.language")}
        @click=${() => setLanguage(this.language === "zh" ? "en" : "zh")}
      >
        ${this.language === "zh" ? "EN" : "中"}
      </button>
      <lookout-user-menu></lookout-user-menu>
    </header>`;
  }

  private tab(page: Page): TemplateResult {
    const here = store.state.page === page;
    return html`<button class="tab ${here ? "here" : ""}" aria-current=${here ? "page" : "false"} @click=${() => go(page)}>
      ${this.t(`nav.${page}`)}${page === "patrol" ? this.inTheAir() : nothing}
    </button>`;
  }

  private inTheAir(): TemplateResult | typeof nothing {
    const count = airborne(store.state.fleet, Date.now()).length;
    if (count === 0) return nothing;
    const words = this.t("top.airborne", { count });
    return html` <span class="airborne" title=${words} aria-label=${words}>▲${count}</span>`;
  }

  private rate(): TemplateResult {
    const summary = store.state.summary;
    if (summary === null) return html`<span class="rate"><span class="dim">${this.t("top.online_rate")} —</span></span>`;
    const known = summary.verdict === "met" || summary.verdict === "missed";
    const words = {
      rate: percent(summary.online_rate),
      target: percent(summary.target, 0),
      verdict: this.t(`verdict.${summary.verdict}`),
    };
    return html`<button class="plain rate" @click=${() => go("health")} title=${this.t("top.bar_label", words)}>
        <span class="dim">${this.t("top.online_rate")}</span>
        ${summary.online_rate === null
          ? html`<b class="unknown">${words.verdict}</b>`
          : html`<b class=${verdictTone(summary.verdict)}>${words.rate}</b>${known ? nothing : html`<span class="unknown">${words.verdict}</span>`}`}
        <span class="dim target">${this.t("top.target", { target: words.target })}</span>
        ${bar(summary.online_rate, summary.target, verdictTone(summary.verdict))}
      </button>
      <button class="plain offline ${summary.offline_now > 0 ? "some" : ""}" @click=${() => go("cameras")}>
        ${summary.offline_now > 0 ? this.t("top.offline", { count: summary.offline_now }) : this.t("top.offline_none")}
      </button>`;
  }

  private notices(): TemplateResult[] {
    const { detector, cameras, fleet } = store.state;
    const now = Date.now();
    const found = [...fleetNotices(fleet, now, serverNowMs()), ...notices(detector, cameras.byId, now)];
    return found.map(
      (notice) =>
        html`<span class="notice">
          <button
            class="chip orange"
            title=${this.t(notice.why.key, notice.why.params)}
            aria-expanded=${this.openNotice === nameOf(notice)}
            @click=${() => (this.openNotice = this.openNotice === nameOf(notice) ? null : nameOf(notice))}
            @blur=${() => (this.openNotice = null)}
          >
            ${icons.warning}<span class="chip-text">${this.t(notice.title.key, notice.title.params)}</span>
          </button>
          ${this.openNotice === nameOf(notice)
            ? html`<span class="bubble" role="status">${notice.text ?? this.t(notice.why.key, notice.why.params)}</span>`
            : nothing}
        </span>`,
    );
  }

  private layouts(): TemplateResult {
    const present = layoutSize(store.state);
    return html`<span class="layouts" role="group" aria-label=${this.t("top.layout")}>
      ${SIZES.map(
        (size) =>
          html`<button
            class="plain layout"
            aria-pressed=${present === size && store.state.page === "live"}
            aria-label=${this.t("top.layout_n", { count: size })}
            title="${this.t("top.layout_n", { count: size })} (${size})"
            @click=${() => setLayout(size)}
          >
            ${layoutIcon(size)}
          </button>`,
      )}
      ${this.pager()}
    </span>`;
  }

  private pager(): TemplateResult | typeof nothing {
    const pages = gridPages();
    if (pages < 2 || store.state.page !== "live" || store.state.zoomed !== null) return nothing;
    const words = this.t("tile.page", { page: store.state.gridPage + 1, pages });
    return html`<button class="plain layout" aria-label=${this.t("tile.previous")} @click=${() => turnPage(-1)}>${icons.left}</button>
      <span class="pages" title=${words}>${store.state.gridPage + 1}/${pages}</span>
      <button class="plain layout" aria-label=${this.t("tile.next")} @click=${() => turnPage(1)}>${icons.right}</button>`;
  }

  private sound(): TemplateResult {
    const { settings, soundBlocked } = store.state;
    if (soundBlocked && !settings.muted) {
      return html`<button class="chip yellow" @click=${() => void sounder.unlock()}>
        ${icons.muted}<span class="chip-text">${this.t("top.sound_blocked")}</span>
      </button>`;
    }
    const label = this.t(settings.muted ? "top.unmute" : "top.mute");
    return html`<button
      class="plain mute ${settings.muted ? "is-muted" : ""}"
      aria-pressed=${settings.muted}
      aria-label=${label}
      title="${label} (M)"
      @click=${() => choose({ muted: !settings.muted })}
    >
      ${settings.muted ? html`${icons.muted}<span class="chip-text">${this.t("top.muted")}</span>` : icons.sound}
    </button>`;
  }
}

/** Several drones may be lost at once: each has a notice of its own. */
function nameOf(notice: Notice): string {
  return `${notice.title.key}/${notice.title.params["name"] ?? ""}`;
}

/** Ten cells, the target as a mark between them. */
function bar(rate: number | null, target: number, tone: "ok" | "bad" | "unknown"): TemplateResult {
  const filled = rate === null ? 0 : rate * 100;
  return html`<svg class="bar ${tone}" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
    <rect class="empty" width="100" height="10"></rect>
    <rect class="full" width=${filled} height="10"></rect>
    ${[10, 20, 30, 40, 50, 60, 70, 80, 90].map((x) => svg`<rect class="gap" x=${x - 0.5} width="1" height="10"></rect>`)}
    <rect class="mark" x=${target * 100 - 0.75} width="1.5" height="10"></rect>
  </svg>`;
}

customElements.define("lookout-top-bar", TopBar);

