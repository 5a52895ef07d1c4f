/** One camera on the grid: its own video element and connection, its state, and what lies over the picture. */

import { html, nothing } from "lit";
import type { PropertyValues, TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";

import { LiveView } from "../api/live.ts";
import { showInHotspot, togglePin, zoom } from "../app/actions.ts";
import { EverySecond, Watch } from "../app/controllers.ts";
import { layoutSize, store } from "../app/wall.ts";
import { ruleWords, waiting } from "../model/alerts.ts";
import type { Alert, Camera, StreamName } from "../model/contract.ts";
import { pictureAge } from "../model/duration.ts";
import { LEVEL_SHAPE } from "../model/levels.ts";
import { droneOfCamera } from "../model/fleet.ts";
import { isOnline, tileView, wantedStream } from "../model/tile.ts";
import type { TileView } from "../model/tile.ts";
import { pictureAgeMs, showsItself } from "../model/whep.ts";
import { WallElement } from "./element.ts";
import { icons } from "./icons.ts";
import "./picture-overlay.ts";
import type { PictureOverlay } from "./picture-overlay.ts";
import { shared } from "./styles.ts";
import { tileCover } from "./tile-cover.ts";
import { tileDrone } from "./tile-drone.ts";
import { tileStyles } from "./tile-styles.ts";

export class CameraTile extends WallElement {
  static override styles = [shared, tileStyles];

  @property({ attribute: "data-camera-id" }) cameraId = "";
  @property({ type: Number, attribute: "data-slot" }) slotIndex = 0;
  @state() private hovered = false;

  protected readonly watch = new Watch(this, (s) => [
    s.cameras.byId.get(this.cameraId),
    s.book,
    s.zonesShown,
    s.hotspot,
    s.zoomed,
    s.settings.size,
    droneOfCamera(s.fleet, this.cameraId),
  ]);
  protected readonly clock = new EverySecond(this);
  private live: LiveView | null = null;

  private get camera(): Camera | undefined {
    return store.state.cameras.byId.get(this.cameraId);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener("pointerenter", this.enter);
    this.addEventListener("pointerleave", this.exit);
    if (this.hasUpdated) this.open();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.live?.close();
    this.live = null;
  }

  protected override firstUpdated(): void {
    this.open();
  }

  private readonly enter = (): void => void (this.hovered = true);
  private readonly exit = (): void => void (this.hovered = false);

  private open(): void {
    const video = this.renderRoot.querySelector("video");
    if (video === null) return;
    const live = new LiveView(video, () => this.requestUpdate(), () => this.keepPicture(video));
    this.live = live;
    live.open(this.cameraId, this.stream);
    const painted = (_now: number, frame: VideoFrameCallbackMetadata): void => {
      if (this.live !== live) return;
      const capturedMs = live.painted(frame.rtpTimestamp ?? null);
      this.renderRoot.querySelector<PictureOverlay>("lookout-picture-overlay")?.painted(capturedMs);
      video.requestVideoFrameCallback(painted);
    };
    video.requestVideoFrameCallback(painted);
  }

  private get isLarge(): boolean {
    const size = layoutSize(store.state);
    return size === 1 || (size === 9 && this.slotIndex === 0);
  }

  private get stream(): StreamName | null {
    return this.camera === undefined ? null : wantedStream(this.camera, this.isLarge);
  }

  /** Paints the last picture onto the canvas that covers the video until that has one again: meanwhile it is black. */
  private keepPicture(video: HTMLVideoElement): void {
    const canvas = this.renderRoot.querySelector("canvas");
    if (canvas === null || video.videoWidth === 0) return;
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d")?.drawImage(video, 0, 0);
  }

  protected override updated(_changed: PropertyValues<this>): void {
    const camera = this.camera;
    const live = this.live;
    if (camera === undefined || live === null) return;
    this.dataset["tileState"] = this.view(camera).state;
    this.dataset["framesDecoded"] = String(live.framesDecoded);
    const captured = live.state.capturedAtMs;
    if (captured === null) delete this.dataset["pictureAgeMs"];
    else this.dataset["pictureAgeMs"] = String(Math.round(performance.now() - captured));
    if (live.firstPictureMs !== null) this.dataset["firstPictureMs"] = String(Math.round(live.firstPictureMs));
    live.change(this.cameraId, this.stream);
    if (isOnline(camera) && live.state.failure?.code === "camera_offline") live.retryNow();
  }

  private view(camera: Camera): TileView {
    if (this.live === null) return { state: "connecting", hasPicture: false, seconds: 0 };
    return tileView(camera, this.live.state, performance.now());
  }

  override render(): TemplateResult {
    const camera = this.camera;
    if (camera === undefined) return html`<video muted autoplay playsinline></video>`;
    const view = this.view(camera);
    const old = view.state === "live" ? "" : "old";
    const alert = waiting(store.state.book).find((open) => open.camera_id === camera.id && open.kind !== "camera_offline");
    return html`<div class="picture">
        <video class=${old} .muted=${true} autoplay playsinline disablepictureinpicture></video>
        <canvas class="kept ${old}" ?hidden=${this.live !== null && showsItself(this.live.state)}></canvas>
        <div class="skeleton"></div>
        <lookout-picture-overlay
          .camera=${camera}
          ?boxes=${view.state === "live"}
          ?labels=${this.isLarge}
          ?zones=${store.state.zonesShown || this.hovered}
        ></lookout-picture-overlay>
        ${tileCover(this.language, camera, view, this.live?.state ?? null)}
        ${layoutSize(store.state) > 1 || store.state.zoomed !== null ? this.actions(camera) : nothing}
      </div>
      ${this.caption(camera, view, alert)}
      <div class="frame ${alert?.level ?? ""}"></div>`;
  }

  private tag(alert: Alert): TemplateResult {
    const rule = ruleWords(this.language, alert);
    const words = `${LEVEL_SHAPE[alert.level]} ${this.t(`level.${alert.level}`)} · ${rule}`;
    return html`<span class="tag ${alert.level}" title=${words}>${words}</span>`;
  }

  /** That it is not analysed, or that nobody told yet; nothing while all is well. */
  private analysis({ analysed }: Camera): TemplateResult | typeof nothing {
    const why = this.word("cause", analysed.cause);
    if (analysed.state === "not_analysed") return html`<span class="chip orange" title=${why}>${this.t("tile.not_analysed")}</span>`;
    return analysed.state === "unknown" ? html`<span class="chip dim" title=${why}>${this.t("tile.analysis_unknown")}</span>` : nothing;
  }

  private caption(camera: Camera, view: TileView, alert: Alert | undefined): TemplateResult {
    const lamp = { live: "", late: "stale", undated: "stale", stale: "stale", offline: "off" }[view.state as string] ?? "quiet";
    const whep = this.live?.state ?? null;
    return html`<div class="caption">
      <span class="lamp ${lamp}" role="img" aria-label=${this.t(`tile.${view.state}`, { seconds: view.seconds })}></span>
      <span class="name">${camera.name}</span>
      ${alert === undefined ? nothing : this.tag(alert)}
      ${tileDrone(this.language, droneOfCamera(store.state.fleet, camera.id))}
      ${view.state === "disabled" ? nothing : this.analysis(camera)}
      ${camera.planned
        ? html`<span class="chip dim" title=${camera.planned.reason}
            >${this.t("state.planned", { until: this.instant(camera.planned.until, "brief") })}</span
          >`
        : nothing}
      ${camera.transcoded && ["live", "late", "undated"].includes(view.state)
        ? html`<span class="chip dim" title=${this.t("tile.transcoding_why")}>${this.t("tile.transcoding")}</span>`
        : nothing}
      ${camera.masks.length > 0 ? html`<span class="chip dim">${this.t("tile.masked")}</span>` : nothing}
      ${view.state === "live" && whep !== null
        ? html`<span class="age" title=${this.t("tile.age")}>${pictureAge(this.language, pictureAgeMs(whep, performance.now()))}</span>`
        : nothing}
    </div>`;
  }

  private actions(camera: Camera): TemplateResult {
    const { hotspot, zoomed, settings } = store.state;
    const pinned = hotspot.pinned && hotspot.cameraId === camera.id;
    const pinLabel = this.t(pinned ? "tile.unpin" : "tile.pin");
    const zoomLabel = this.t(zoomed === null ? "tile.enlarge" : "tile.restore");
    return html`<div class="actions ${pinned ? "kept-open" : ""}">
      ${zoomed === null && settings.size === 9
        ? html`<button
            aria-pressed=${pinned}
            aria-label=${pinLabel}
            title=${pinLabel}
            @click=${() => (pinned ? togglePin() : showInHotspot(camera.id))}
          >
            ${icons.pin}
          </button>`
        : nothing}
      <button aria-label=${zoomLabel} title=${zoomLabel} @click=${() => zoom(zoomed === null ? camera.id : null)}>
        ${zoomed === null ? icons.enlarge : icons.shrink}
      </button>
    </div>`;
  }
}

customElements.define("lookout-tile", CameraTile);
