"""What a person is told of a flight that goes on, but not as it should: what is known, what is not, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drone.flight.pursuit import Pursuit
from drone.reasons import reason
from kernel.drone_events import ReasonText

if TYPE_CHECKING:
    from drone.flight.core import Core

_WHAT = {
    "errand": ("派出点或返回路径上的下一点", "the next point of its dispatch or way back"),
    "return": ("返航点", "home"),
}
_DO_ZH, _DO_EN = "请查看飞机，令其继续、返航或降落", "look at the aircraft, then have it go on, return or land"


def stands(core: Core, pursuit: Pursuit, stood_s: float) -> ReasonText:
    """It makes no progress."""
    if pursuit.name == "armed":
        return reason(
            "landed_armed",
            f"飞机已在地面 {stood_s:.0f} 秒仍未上锁，旋翼可能在转；勿靠近，令其上锁",
            f"it has been on the ground for {stood_s:.0f} s and is still armed, its rotors may turn: keep away, "
            "disarm it",
        )
    what_zh, what_en = _what(pursuit)
    away_zh, away_en = _away(core, pursuit)
    return reason(
        "no_progress",
        f"飞机 {stood_s:.0f} 秒没有靠近{what_zh}{away_zh}，模式 {core.seen.mode}，{_battery_zh(core)}；{_DO_ZH}",
        f"for {stood_s:.0f} s it has come no nearer to {what_en}{away_en}, mode {core.seen.mode}, {_battery_en(core)}; "
        f"{_DO_EN}",
    )


def late(core: Core, pursuit: Pursuit, took_s: float) -> ReasonText:
    """It takes longer than planned, by more than the margin."""
    if pursuit.name == "pause":
        return _paused(core, took_s)
    if pursuit.name == "halt":
        return _not_holding(core)
    what_zh, what_en = _what(pursuit)
    away_zh, away_en = _away(core, pursuit)
    return reason(
        "late",
        f"飞往{what_zh}已用 {took_s:.0f} 秒，连同余量计划最多 {pursuit.late_s or 0:.0f} 秒{away_zh}，"
        f"模式 {core.seen.mode}，{_battery_zh(core)}；{_DO_ZH}",
        f"it has taken {took_s:.0f} s to {what_en}, with its margin the plan has {pursuit.late_s or 0:.0f} s{away_en}, "
        f"mode {core.seen.mode}, {_battery_en(core)}; {_DO_EN}",
    )


def _paused(core: Core, stood_s: float) -> ReasonText:
    by = core.ordered_by or "?"
    return reason(
        "paused_long",
        f"飞机已悬停 {stood_s:.0f} 秒，由“{by}”暂停，无人令其继续，{_battery_zh(core)}；{_DO_ZH}",
        f"it has hovered for {stood_s:.0f} s, paused by '{by}', and nobody has it go on, {_battery_en(core)}; {_DO_EN}",
    )


def _not_holding(core: Core) -> ReasonText:
    return reason(
        "not_holding",
        f"已令飞机悬停，但它仍在模式 {core.seen.mode}，可能还在飞；{_DO_ZH}",
        f"it was told to hold and is still in mode {core.seen.mode}, it may fly on; {_DO_EN}",
    )


def position_old(silent_s: float) -> ReasonText:
    """HEARTBEATs arrive, its position does not."""
    return reason(
        "position_old",
        f"心跳正常，但已 {silent_s:.0f} 秒没有收到位置，飞机现在何处不明；派人目视，或令其返航",
        f"heartbeats arrive, but no position for {silent_s:.0f} s: where it is now is not known; have somebody look, "
        "or order it home",
    )


def reserve_used(core: Core, left: float, needed: float, away_m: float) -> ReasonText:
    """The way home would use its reserve, and it is not on its way."""
    zh, en = _from_where(core, away_m)
    return reason(
        "battery_reserve",
        f"剩余电量 {left:.0f}%，{zh}直线返航连同备用需要 {needed:.0f}%，飞机尚未返航；令其返航",
        f"{left:.0f}% of the battery is left, the straight way home {en} with the reserve needs {needed:.0f}%, and it "
        "is not on its way; order it home",
    )


def way_home_short(core: Core, left: float, needed: float, away_m: float) -> ReasonText:
    """It may not get home."""
    zh, en = _from_where(core, away_m)
    return reason(
        "battery_short",
        f"剩余电量 {left:.0f}%，{zh}直线返航需要 {needed:.0f}%，可能飞不回来；考虑就地降落，派人到场",
        f"{left:.0f}% of the battery is left, the straight way home {en} needs {needed:.0f}%: it may not get there; "
        "consider landing where it is, send somebody",
    )


def _from_where(core: Core, away_m: float) -> tuple[str, str]:
    if core.seen.is_place_old:
        return (
            f"按最后位置离返航点 {away_m:.0f} 米（现在位置不明），",
            f"from its last place, {away_m:.0f} m away (where it is now is not known),",
        )
    return f"离返航点 {away_m:.0f} 米，", f"from {away_m:.0f} m"


def _what(pursuit: Pursuit) -> tuple[str, str]:
    if pursuit.name == "item":
        return f"航线第 {pursuit.seq} 项", f"item {pursuit.seq} of the mission"
    return _WHAT[pursuit.name]


def _away(core: Core, pursuit: Pursuit) -> tuple[str, str]:
    if core.seen.is_place_old or core.seen.place is None:
        return "（位置不明）", " (where it is is not known)"
    away_m = core.home_m if pursuit.place is None else core.seen.range_to_m(pursuit.place, pursuit.alt_home_m)
    return ("", "") if away_m is None else (f"（还有 {away_m:.0f} 米）", f" ({away_m:.0f} m away)")


def _battery_zh(core: Core) -> str:
    left = core.seen.battery_percent
    return "电量不明" if left is None else f"剩余电量 {left:.0f}%"


def _battery_en(core: Core) -> str:
    left = core.seen.battery_percent
    return "battery not known" if left is None else f"{left:.0f}% of the battery left"
