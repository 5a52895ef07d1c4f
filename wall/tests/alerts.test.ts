import { describe, expect, test } from "vitest";

import {
  caughtUp,
  detailWords,
  EMPTY_BOOK,
  handled,
  isAboutDrone,
  KEPT_HANDLED,
  neighbour,
  receive,
  reopened,
  ruleWords,
  waiting,
  waitingByLevel,
} from "../src/model/alerts.ts";
import { isOnItsWay, isUnwanted, takenBack, withoutAnswered, withSent } from "../src/model/sent.ts";
import { alertOf } from "./samples.ts";

describe("receive", () => {
  test("keeps the newest seq of an id, whatever the order of arrival", () => {
    const newer = alertOf({ id: "a", seq: 7, state: "acknowledged" });
    const older = alertOf({ id: "a", seq: 5 });
    for (const order of [
      [newer, older],
      [older, newer],
    ]) {
      const book = order.reduce((b, alert) => receive(b, alert, "channel"), EMPTY_BOOK);
      expect(book.byId.get("a")?.state).toBe("acknowledged");
    }
  });

  test("is the same book when a duplicate arrives by the second path", () => {
    const book = receive(caughtUp(EMPTY_BOOK, [], 3), alertOf({ id: "a", seq: 4 }), "sse");
    expect(receive(book, alertOf({ id: "a", seq: 4 }), "channel")).toBe(book);
  });
});

describe("cursor", () => {
  test("the unordered channel never moves it: what came before may be missing", () => {
    const book = receive(caughtUp(EMPTY_BOOK, [], 3), alertOf({ id: "a", seq: 9 }), "channel");
    expect(book.cursor).toBe(3);
  });

  test("SSE moves it once the catch-up is answered, and not between a break and the next catch-up", () => {
    let book = receive(EMPTY_BOOK, alertOf({ id: "a", seq: 2 }), "sse");
    expect(book.cursor).toBe(0);
    book = caughtUp(book, [alertOf({ id: "b", seq: 3 })], 3);
    book = receive(book, alertOf({ id: "c", seq: 4 }), "sse");
    expect(book.cursor).toBe(4);
    book = receive(reopened(book), alertOf({ id: "d", seq: 8 }), "sse");
    expect(book.cursor).toBe(4);
    book = caughtUp(book, [alertOf({ id: "e", seq: 6 })], 8);
    expect(book.cursor).toBe(8);
    expect([...book.byId.keys()].sort()).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("a catch-up answer does not undo what a faster path brought", () => {
    const book = receive(EMPTY_BOOK, alertOf({ id: "a", seq: 6, state: "acknowledged" }), "channel");
    expect(caughtUp(book, [alertOf({ id: "a", seq: 5 })], 5).byId.get("a")?.seq).toBe(6);
  });
});

describe("order", () => {
  test("highest level first, newest first within a level, handled ones apart", () => {
    const book = caughtUp(
      EMPTY_BOOK,
      [
        alertOf({ id: "blue", seq: 1, level: "blue", occurred_at: "2026-01-01T00:09:00Z" }),
        alertOf({ id: "red-old", seq: 2, level: "red", occurred_at: "2026-01-01T00:01:00Z" }),
        alertOf({ id: "red-new", seq: 3, level: "red", occurred_at: "2026-01-01T00:02:00Z" }),
        alertOf({ id: "done", seq: 4, level: "red", state: "acknowledged" }),
      ],
      4,
    );
    expect(waiting(book).map((alert) => alert.id)).toEqual(["red-new", "red-old", "blue"]);
    expect(handled(book).map((alert) => alert.id)).toEqual(["done"]);
    expect(waitingByLevel(waiting(book))).toEqual([
      { level: "red", count: 2 },
      { level: "blue", count: 1 },
    ]);
  });

  test("memory is bounded for handled alerts and never for new ones", () => {
    const many = Array.from({ length: KEPT_HANDLED + 50 }, (_, i) => alertOf({ id: `d${i}`, seq: i + 1, state: "acknowledged" }));
    const open = Array.from({ length: KEPT_HANDLED + 50 }, (_, i) => alertOf({ id: `n${i}`, seq: 1000 + i }));
    const book = caughtUp(EMPTY_BOOK, [...many, ...open], 2000);
    expect(handled(book)).toHaveLength(KEPT_HANDLED);
    expect(waiting(book)).toHaveLength(KEPT_HANDLED + 50);
  });
});

test("selection moves to the alert that took the place of a handled one", () => {
  expect(neighbour(["a", "b", "c"], ["a", "c"], "b")).toBe("c");
  expect(neighbour(["a", "b"], ["a"], "b")).toBe("a");
  expect(neighbour(["a"], [], "a")).toBeNull();
  expect(neighbour(["a", "b"], ["x", "a", "b"], "a")).toBe("a");
});

test("an offline camera's alert is named in the language of the page, a rule as the site named it", () => {
  const offline = alertOf({ id: "o", seq: 1, kind: "camera_offline", rule_name: "摄像机离线" });
  expect(ruleWords("en", offline)).toBe("Camera offline");
  expect(ruleWords("zh", offline)).toBe("摄像机离线");
  const lost = alertOf({ id: "d", seq: 3, kind: "drone_link_lost", rule_id: "drone", rule_name: "drone" });
  expect([ruleWords("zh", lost), isAboutDrone(lost), isAboutDrone(offline)]).toEqual(["无人机失联", true, false]);
  expect(ruleWords("en", alertOf({ id: "z", seq: 2, rule_name: "禁区" }))).toBe("禁区");
  const told = { ...offline, detail: "连接被拒绝", detail_en: "connection refused" };
  expect([detailWords("zh", told), detailWords("en", told)]).toEqual(["连接被拒绝", "connection refused"]);
  expect(detailWords("en", { ...offline, detail: "battery 20 %" })).toBe("battery 20 %");
  const named = { ...told, detail: "2 台离线：东门 / 西门", detail_en: "2 cameras offline: 东门 / 西门" };
  expect([detailWords("zh", named), detailWords("en", named)], "a text may hold what once stood between the languages").toEqual([
    "2 台离线：东门 / 西门",
    "2 cameras offline: 东门 / 西门",
  ]);
  expect(ruleWords("en", alertOf({ id: "z", seq: 2, rule_name: "" }))).toBe("Zone intrusion");
});

describe("taking back an acknowledgement that is on its way", () => {
  const two = withSent(withSent([], "a"), "b");

  test("is for the newest one, then for the one before", () => {
    expect(takenBack(two).map((one) => one.unwanted)).toEqual([false, true]);
    expect(takenBack(takenBack(two)).map((one) => one.unwanted)).toEqual([true, true]);
    const all = takenBack(takenBack(two));
    expect(takenBack(all), "nothing is left to take back").toBe(all);
    expect(takenBack([])).toEqual([]);
  });

  test("waits for its answer, and is not carried over to the next time", () => {
    const unwanted = takenBack(two);
    expect([isUnwanted(unwanted, "a"), isUnwanted(unwanted, "b")]).toEqual([false, true]);
    const answered = withoutAnswered(unwanted, "b");
    expect([isOnItsWay(answered, "a"), isOnItsWay(answered, "b")]).toEqual([true, false]);
    expect(isUnwanted(withSent(answered, "b"), "b")).toBe(false);
  });

  test("is forgotten by who acknowledges again meanwhile", () => {
    const again = withSent(takenBack(two), "b");
    expect(again).toEqual(two);
  });
});
