/** A button that acts when it was held for a second, by pointer or by key; let go earlier it does nothing. */

import { css, html, svg } from "lit";
import type { TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";

import { held, NOT_HELD, pressed, progress, released } from "../model/hold.ts";
import type { Hold } from "../model/hold.ts";
import { WallElement } from "./element.ts";
import { shared } from "./styles.ts";

export class HoldButton extends WallElement {
  static override shadowRootOptions: ShadowRootInit = { ...WallElement.shadowRootOptions, delegatesFocus: true };
  static override styles = [
    shared,
    css`
      :host {
        display: block;
      }
      button {
        position: relative;
        display: grid;
        justify-items: center;
        width: 100%;
        padding: 0.6rem 0.5rem;
        overflow: hidden;
        border: 2px solid var(--orange);
        background: color-mix(in srgb, var(--orange) 16%, var(--panel-raised));
        color: var(--text);
        touch-action: none;
        user-select: none;
      }
      button:hover {
        border-color: var(--orange);
        background: color-mix(in srgb, var(--orange) 26%, var(--panel-raised));
      }
      b {
        position: relative;
        font-size: 1.3rem;
        font-weight: 700;
      }
      [aria-disabled="true"] {
        opacity: 0.6;
        cursor: default;
      }
      .hint {
        position: relative;
        color: var(--dim);
        font-size: 0.86rem;
      }
      svg {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
      }
      rect {
        fill: var(--orange);
        fill-opacity: 0.55;
      }
    `,
  ];

  @property() label = "";
  @property() hint = "";
  @property({ type: Boolean }) busy = false;
  @state() private hold: Hold = NOT_HELD;
  private frame = 0;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.letGo();
  }

  override render(): TemplateResult {
    const part = progress(this.hold, performance.now());
    return html`<button
      data-hold=${this.hold.phase}
      aria-disabled=${this.busy}
      @pointerdown=${this.pointerDown}
      @pointerup=${this.letGo}
      @pointerleave=${this.letGo}
      @pointercancel=${this.letGo}
      @contextmenu=${(event: Event) => event.preventDefault()}
      @keydown=${this.keyDown}
      @keyup=${this.letGo}
      @blur=${this.letGo}
    >
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">${svg`<rect width=${part * 100} height="10"></rect>`}</svg>
      <b>${this.label}</b>
      <span class="hint">${this.hint}</span>
    </button>`;
  }

  private pointerDown(event: PointerEvent): void {
    if (event.button === 0) this.begin();
  }

  private keyDown(event: KeyboardEvent): void {
    if (event.key !== "Enter" && event.key !== " ") return;
    // The page's own keys, and the click a key makes, are not meant.
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat) this.begin();
  }

  private begin(): void {
    if (this.busy) return;
    this.hold = pressed(this.hold, performance.now());
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(this.tick);
  }

  private readonly tick = (): void => {
    const before = this.hold;
    this.hold = held(before, performance.now());
    if (this.hold.phase === "done" && before.phase === "holding") {
      this.dispatchEvent(new CustomEvent("held", { bubbles: true, composed: true }));
    } else if (this.hold.phase === "holding") {
      this.requestUpdate();
      this.frame = requestAnimationFrame(this.tick);
    }
  };

  private letGo(): void {
    cancelAnimationFrame(this.frame);
    this.hold = released();
  }
}

customElements.define("lookout-hold-button", HoldButton);
