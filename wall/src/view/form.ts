/** What the page's forms share: looks, the line for what is wrong, and sending once at a time. */

import { css, html } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";

import { ApiError } from "../api/client.ts";
import { explain } from "../app/actions.ts";
import type { Words } from "../i18n/index.ts";
import { WallElement } from "./element.ts";

export const formStyles = css`
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
`;

export type Autocomplete = "username" | "current-password" | "new-password";

export class FormElement extends WallElement {
  @state() protected busy = false;
  @state() protected problem: Words | null = null;

  override firstUpdated(): void {
    this.renderRoot.querySelector("input")?.focus();
  }

  protected passwordField(name: string, autocomplete: Autocomplete, label: string): TemplateResult {
    return html`<label>${label}<input name=${name} type="password" autocomplete=${autocomplete} /></label>`;
  }

  protected problemLine(): TemplateResult {
    return html`<p class="problem" role="alert">${this.problem?.(this.language) ?? ""}</p>`;
  }

  /** What was typed, by the name of its field. */
  protected typed(event: SubmitEvent): (name: string) => string {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    return (name) => String(fields.get(name) ?? "");
  }

  /** Does the work of the form; a refusal stands in the problem line. */
  protected async send(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.problem = null;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = this.refusal(error);
    } finally {
      this.busy = false;
    }
  }

  protected refusal(error: ApiError): Words {
    return explain(error);
  }
}
