import { describe, expect, test } from "vitest";

import { keyAction } from "../src/app/keys.ts";
import { parseSettings } from "../src/app/settings.ts";
import { PLAIN_SETTINGS } from "../src/app/state.ts";
import { notices } from "../src/model/notices.ts";
import { cameraOf } from "./samples.ts";

describe("keys", () => {
  const live = { reasonsOpen: false, helpOpen: false, orderOpen: false, page: "live" } as const;

  test.each([
    ["a", { do: "acknowledge" }],
    ["A", { do: "acknowledge" }],
    ["9", { do: "layout", size: 9 }],
    ["ArrowDown", { do: "select", step: 1 }],
    ["ArrowLeft", { do: "page", step: -1 }],
    ["?", { do: "help" }],
    ["x", null],
    ["toString", null],
  ])("%s", (key, action) => {
    expect(keyAction(key, live)).toEqual(action);
  });

  test("with the reasons open a number is a reason, not a layout, and nothing else acts", () => {
    const context = { ...live, reasonsOpen: true };
    expect(keyAction("1", context)).toEqual({ do: "reason", reason: "animal" });
    expect(keyAction("9", context)).toBeNull();
    expect(keyAction("a", context)).toBeNull();
    expect(keyAction("Escape", context)).toEqual({ do: "close" });
  });

  test("behind the help nothing acts", () => {
    expect(keyAction("a", { ...live, helpOpen: true })).toBeNull();
  });

  test("tables scroll with the keys that turn pages on the grid", () => {
    expect(keyAction("PageDown", { ...live, page: "health" })).toBeNull();
  });
});

describe("settings", () => {
  test("survive a round trip", () => {
    const chosen = { language: "en", scale: "150", muted: true, size: 4, stripOpen: true } as const;
    expect(parseSettings(JSON.stringify(chosen))).toEqual(chosen);
  });

  test.each([null, "{", "null", "7", '{"size":5,"scale":"1000","language":"fr","muted":"yes"}'])(
    "what is not understood is left out: %s",
    (text) => {
      expect(parseSettings(text)).toEqual(PLAIN_SETTINGS);
    },
  );
});

describe("notices", () => {
  const status = {
    beat_at: "",
    engine: "openvino bf16",
    model: "district-n",
    model_warning: "",
    capacity_fps: 90,
    wanted_fps: 40,
    cameras: [{ camera_id: "cam-01", analysed_fps: 5, wanted_fps: 5, cause: "" }],
  };
  const cameras = new Map([["cam-01", cameraOf()]]);
  const titles = (part: Partial<typeof status>, agoMs = 0): string[] =>
    notices({ status: { ...status, ...part }, heardAtMs: 1000 }, cameras, 1000 + agoMs).map((notice) => notice.title.key);

  test("none while all is well", () => {
    expect(titles({})).toEqual([]);
  });

  test("the model's warning, in the server's words", () => {
    const [notice] = notices({ status: { ...status, model_warning: "district only" }, heardAtMs: 0 }, cameras, 0);
    expect(notice).toMatchObject({ title: { key: "top.model_warning" }, text: "district only" });
  });

  test("a reduced rate, but not a tremble of the measurement", () => {
    expect(titles({ capacity_fps: 30 })).toEqual(["top.analysis_reduced"]);
    expect(titles({ capacity_fps: 39 })).toEqual([]);
  });

  test("a silent detector", () => {
    expect(titles({}, 6000)).toEqual(["top.analysis_silent"]);
    expect(notices(null, cameras, 0)).toEqual([]);
  });

  test("a detector that was away already when the page was opened", () => {
    const told = (state: "unknown" | "not_analysed", cause: string): number => {
      const camera = cameraOf({ analysed: { ...cameraOf().analysed, state, cause } });
      return notices(null, new Map([[camera.id, camera]]), 0).length;
    };
    expect([told("unknown", "not_heard_yet"), told("not_analysed", "no_frames"), told("not_analysed", "detector_silent")]).toEqual([0, 0, 1]);
  });
});
