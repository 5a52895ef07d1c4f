"""Why a flight is not begun or went wrong: every reason in one place, with what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from drone.reasons import reason
from kernel.drone_events import ReasonText

NO_HEARTBEAT = reason(
    "no_heartbeat",
    "没有收到飞控心跳；检查 link、sysid 与供电",
    "no heartbeat from the autopilot; check link, sysid and power",
)
LINK_LOST = reason("link_lost", "与飞控的链路中断", "the link to the autopilot is lost")
ALREADY_ARMED = reason(
    "already_armed",
    "飞机已解锁，可能有人在飞；上锁后再试",
    "the vehicle is armed already, somebody may be flying it; disarm it first",
)
NO_GPS = reason("gps", "GPS 没有三维定位", "the GPS has no 3-D fix")
NO_EKF = reason("ekf", "飞控的位置估计不可信", "the autopilot does not trust its position estimate")
EKF_UNKNOWN = reason("ekf_unknown", "飞控没有报告位置估计状态", "the autopilot did not report on its position estimate")
NO_POSITION = reason("position_unknown", "飞机没有报告位置", "the vehicle reports no position")
NO_HOME = reason("home_unknown", "飞控没有报告返航点", "the autopilot reports no home")
BATTERY_UNKNOWN = reason("battery_unknown", "飞控没有报告剩余电量", "the autopilot reports no remaining battery")
UPLOAD_UNVERIFIED = reason(
    "upload_unverified",
    "航线上传后回读核对不一致或不完整，未起飞",
    "the mission read back from the vehicle is not the one sent; it is not flown",
)
NOT_ARMED = reason(
    "not_armed",
    "飞控应答了解锁，但心跳里一直没有解锁",
    "the autopilot acknowledged arming, but its heartbeat never said armed",
)
NO_TAKE_OFF = reason("no_take_off", "解锁后没有离地", "it armed but did not leave the ground")
DISARMED_EARLY = reason("disarmed_early", "起飞前飞控自行上锁", "the autopilot disarmed by itself before the take-off")
REBOOTED = reason(
    "rebooted",
    "飞控在飞行中重新启动",
    "the autopilot restarted in flight",
)
TAKEN_OVER = reason(
    "taken_over",
    "飞行模式被飞手或失控保护改变；系统不与其争夺",
    "a pilot or a failsafe changed the flight mode; it is not fought",
)
VEHICLE_RETURNS = reason(
    "vehicle_returns",
    "飞手或失控保护令飞机返航或降落",
    "a pilot or a failsafe has the aircraft return or land",
)
ORDERED_RETURN = reason("ordered_return", "按命令返航", "returned by order")
ORDERED_LAND = reason("ordered_land", "按命令就地降落", "landed by order")
ORDERED_ABORT = reason("ordered_abort", "按命令中止", "aborted by order")
LOSS_POLICY = reason(
    "link_loss_return",
    "失联后重新连接，飞机没有自行返航，按 link_loss: return 令其返航",
    "back after a lost link the aircraft had not returned by itself; ordered home as link_loss: return says",
)
WATCH_ENDED = reason(
    "watch_ended",
    "超过续航时间仍未收到飞机消息；按最后位置寻找",
    "nothing was heard of the aircraft for longer than its endurance; look for it at its last position",
)
MISSION_DIFFERS = reason(
    "mission_differs",
    "飞机上的航线不是本次飞行的航线；只观察",
    "the mission on the vehicle is not this flight's; it is only watched",
)
RESTARTED = reason(
    "controller_restarted",
    "控制程序在解锁前重启；本次飞行不再继续",
    "the controller was restarted before the start; the flight does not go on",
)
RESTARTED_STARTING = reason(
    "restarted_starting",
    "控制程序在起飞过程中重启；只观察，不再次启动",
    "the controller was restarted during the start; it only watches and does not start again",
)
RESTARTED_HELD = reason(
    "restarted_held",
    "控制程序在飞机按命令飞行途中重启，飞机现在悬停；请令其继续或返航",
    "the controller was restarted while the aircraft flew by hand to where it was ordered; it is held where it is now: "
    "have it go on, or return",
)
RESTARTED_ORDERED = reason(
    "restarted_ordered",
    "控制程序重启后有人下达了新命令，派往预警地点的命令没有继续",
    "something else was ordered after the controller was restarted: the dispatch to the alert does not go on",
)
RESTARTED_IN_MISSION = reason(
    "restarted_in_mission",
    "控制程序重启时飞机在按航线飞行，派往预警地点的命令没有继续",
    "when the controller was started anew the aircraft flew its mission: the dispatch to the alert does not go on",
)
MODE_REFUSED = reason("mode_refused", "飞控没有进入所要求的模式", "the autopilot did not enter the mode asked for")
DISPATCH_FAILED = reason("dispatch_failed", "没有到达预警地点", "it did not get to the alert's place")


def duplicate_sysid(why: str) -> ReasonText:
    """Two vehicles on one sysid, and what shows it."""
    return reason(
        "duplicate_sysid",
        f"链路上有两架飞机使用同一 sysid（{why}）；改其中一架的 SYSID_THISMAV",
        f"{why}; change SYSID_THISMAV of one",
    )


def other_sysid(heard: tuple[int, ...]) -> ReasonText:
    """Not the drone asked for, but others, are heard on its link."""
    numbers = ", ".join(str(one) for one in heard)
    return reason(
        "no_heartbeat",
        f"没有收到该机的心跳，但在同一链路上听到 sysid {numbers}；请在 fleet 中核对 sysid",
        f"no heartbeat of this drone, but sysid {numbers} is heard on its link; check sysid in the fleet",
    )


def home_far(distance_m: float, tolerance_m: float) -> ReasonText:
    """It stands too far from its dock."""
    return reason(
        "home_far",
        f"飞机离配置的机场 {distance_m:.1f} 米，允许 {tolerance_m:g} 米",
        f"the vehicle stands {distance_m:.1f} m from its configured home, {tolerance_m:g} m are allowed",
    )


def home_elsewhere(distance_m: float, tolerance_m: float) -> ReasonText:
    """The autopilot would return to somewhere else."""
    return reason(
        "home_elsewhere",
        f"飞控的返航点离配置的机场 {distance_m:.1f} 米，允许 {tolerance_m:g} 米",
        f"the autopilot's home is {distance_m:.1f} m from the configured one, {tolerance_m:g} m are allowed",
    )


def battery_low(percent: float, needed_percent: float) -> ReasonText:
    """The battery does not last for the plan and the reserve."""
    return reason(
        "battery_low",
        f"剩余电量 {percent:.0f}%，航线连同备用需要 {needed_percent:.0f}%",
        f"the battery has {percent:.0f}%, the plan with its reserve needs {needed_percent:.0f}%",
    )


def wrong_autopilot(told: str, wanted: str) -> ReasonText:
    """Another firmware than the config says."""
    return reason(
        "wrong_autopilot",
        f"飞控是 {told}，配置写的是 {wanted}",
        f"the autopilot is {told}, the config says {wanted}",
    )


def untested_autopilot(told: str) -> ReasonText:
    """Nobody flew this firmware with Lookout."""
    return reason(
        "untested_autopilot",
        f"没有用本系统飞过 {told}；确认后可设 untested_autopilot: allow",
        f"{told} was never flown with Lookout; untested_autopilot: allow takes the responsibility for it",
    )


def system_status(status: str) -> ReasonText:
    """The autopilot itself is unwell."""
    return reason(
        "system_status",
        f"飞控自报状态 {status}",
        f"the autopilot reports the state {status}; see its messages",
    )


def prearm(complaints: str) -> ReasonText:
    """Its own checks before arming do not pass."""
    return reason(
        "prearm",
        f"飞控自检未通过：{complaints or '原因见飞控消息'}",
        f"the autopilot's own checks before arming do not pass: {complaints or 'see its messages'}",
    )


def parameter_unread(name: str) -> ReasonText:
    """A parameter that matters could not be read."""
    return reason(
        "parameter_unread",
        f"读不到飞控参数 {name}",
        f"the autopilot's parameter {name} could not be read",
    )


def options_unread(is_version_unknown: bool) -> ReasonText:
    """What the failsafe does over a lost link is not known: its options were not read."""
    if not is_version_unknown:
        return parameter_unread("FS_OPTIONS")
    return reason(
        "parameter_unread",
        "读不到飞控参数 FS_OPTIONS，也不知道飞控版本（4.0 之前才没有该参数）；不能断定失联后会怎样",
        "the autopilot's parameter FS_OPTIONS could not be read and its version is not known (only before 4.0 there is "
        "no such parameter): what it does over a lost link cannot be told",
    )


def parameter_differs(name: str, value: float, wanted: str, because: str) -> ReasonText:
    """A parameter is not what the config asks for."""
    return reason(
        "parameter_differs",
        f"飞控参数 {name} 是 {value:g}，{because} 要求 {wanted}；请改飞控参数，或改配置",
        f"the autopilot's parameter {name} is {value:g}, {because} asks for {wanted}; set it on the autopilot or "
        f"change the config",
    )


def own_fence(name: str, value: float, planned: float, unit_en: str) -> ReasonText:
    """The autopilot's own fence would break the flight off."""
    unit_zh = "离返航点米数" if unit_en.endswith("home") else "高度米数"
    return reason(
        "own_fence",
        f"飞控自带围栏 {name} 是 {value:g}，航线要到 {planned:.0f}（{unit_zh}），飞控会中途返航；"
        f"请改飞控参数，或改航线",
        f"the autopilot's own fence would break the flight off: {name} is {value:g}, the mission goes {planned:.0f} "
        f"{unit_en}; set it on the autopilot or change the patrol",
    )


def own_fence_areas(areas: Sequence[str]) -> ReasonText:
    """The way crosses areas of the autopilot's own fence."""
    told = ", ".join(areas)
    return reason(
        "own_fence",
        f"航线越过飞控自带围栏的区域 {told}，飞控会中途返航；请改飞控上的围栏，或改航线",
        f"the mission crosses areas of the autopilot's own fence, which would break the flight off: {told}; change the "
        f"fence on the autopilot or the patrol",
    )


def own_fence_unread(detail: str) -> ReasonText:
    """The autopilot has a fence of areas that nobody can read."""
    return reason(
        "own_fence_unread",
        f"飞控自带围栏已启用，但读不到其区域：{detail}；请关闭该围栏，或从 FENCE_TYPE 去掉区域（4）"
        f"（PX4：GF_ACTION 设 0 或 1）",
        f"the autopilot's own fence is on and its areas could not be read: {detail}; switch it off, or take areas (4) "
        f"out of FENCE_TYPE (PX4: GF_ACTION 0 or 1)",
    )


def lands_not(name: str, value_m: float) -> ReasonText:
    """After its return the autopilot would stay in the air."""
    return reason(
        "lands_not",
        f"飞控参数 {name} 让飞机返航后停在 {value_m:g} 米高处不降落，直到电量耗尽；请设为 0",
        f"the autopilot's parameter {name} leaves the aircraft {value_m:g} m above home after its return, it does not "
        f"land; set it to 0",
    )


def upload_failed(detail: str) -> ReasonText:
    """The mission did not get onto the vehicle."""
    return reason("upload_failed", f"航线上传失败：{detail}", f"the mission could not be uploaded: {detail}")


def arming_refused(detail: str) -> ReasonText:
    """The autopilot does not arm."""
    return reason("arming_refused", f"飞控拒绝解锁：{detail}", f"the autopilot refuses to arm: {detail}")


def start_refused(detail: str) -> ReasonText:
    """It armed but does not begin the mission."""
    return reason(
        "start_refused", f"飞控拒绝开始航线：{detail}", f"the autopilot refuses to begin the mission: {detail}"
    )


def points_missed(reached: int, total: int) -> ReasonText:
    """Not every point was reached."""
    return reason("points_missed", f"到达 {reached}/{total} 个航点", f"{reached} of {total} points were reached")


def landed_away(distance_m: float | None, tolerance_m: float) -> ReasonText:
    """It came down somewhere else."""
    where = "未知" if distance_m is None else f"{distance_m:.1f} 米"
    there = "an unknown distance" if distance_m is None else f"{distance_m:.1f} m"
    return reason(
        "landed_away",
        f"降落点离返航点 {where}，允许 {tolerance_m:g} 米",
        f"it landed {there} from home, {tolerance_m:g} m are allowed",
    )


def disarmed_high(height_m: float) -> ReasonText:
    """Its motors stopped in the air."""
    return reason(
        "disarmed_high",
        f"飞控在离返航点高度 {height_m:.0f} 米处上锁，飞机可能已坠落；按最后位置寻找",
        f"it disarmed {height_m:.0f} m above home and has probably fallen; look for it at its last position",
    )


def mode_changed(before: str, now: str) -> ReasonText:
    """Who looks at the log wants to know from what to what."""
    return reason("mode_changed", f"模式由 {before} 变为 {now}", f"the mode changed from {before} to {now}")


def order_refused(order: str, state: str) -> ReasonText:
    """An order that makes no sense now."""
    return reason(
        "order_refused",
        f"当前状态（{state}）不能执行 {order}",
        f"{order} is not possible while the flight is {state}",
    )
