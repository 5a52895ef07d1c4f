"""The sentences of the reasons, in both languages; the codes they stand under are stable."""

from __future__ import annotations

from datetime import datetime

from drone.reasons.reason import reason
from kernel.drone_events import ReasonText

Names = tuple[str, str]  # Chinese, English


def no_fly(zone: str, where: Names, near_m: float, clearance_m: float) -> ReasonText:
    """A leg comes into a no-fly zone or too near to it."""
    return _zone("no_fly_zone", zone, where, near_m, clearance_m, ("禁飞区", "the no-fly zone"))


def timed_zone(zone: str, where: Names, near_m: float, clearance_m: float, at: datetime) -> ReasonText:
    """A leg comes into a zone that is in force just then."""
    stamp = f"{at:%H:%M}"
    kind = (f"{stamp} 生效的限时禁飞区", f"the no-fly zone in force at {stamp}")
    return _zone("timed_zone", zone, where, near_m, clearance_m, kind)


def _zone(code: str, zone: str, where: Names, near_m: float, clearance_m: float, kind: Names) -> ReasonText:
    if near_m <= 0:
        return reason(code, f"{where[0]}穿过{kind[0]}“{zone}”", f"{where[1]} goes through {kind[1]} '{zone}'")
    return reason(
        code,
        f"{where[0]}距{kind[0]}“{zone}”{near_m:.1f} 米，少于要求的 {clearance_m:g} 米",
        f"{where[1]} comes within {near_m:.1f} m of {kind[1]} '{zone}'; {clearance_m:g} m are to be kept",
    )


def leaves_keep_in(zone: str, where: Names, clearance_m: float) -> ReasonText:
    """A leg leaves the fence or comes too near to it."""
    return reason(
        "keep_in",
        f"{where[0]}超出或过于靠近许可范围“{zone}”的边界（应保持 {clearance_m:g} 米）",
        f"{where[1]} leaves the keep-in zone '{zone}' or comes nearer to its edge than {clearance_m:g} m",
    )


def no_way(where: Names, others: int = 0) -> ReasonText:
    """There is no way round the zones, to a point and to so many others."""
    more_zh, more_en = (f"（另有 {others} 段）", f" (and {others} more)") if others else ("", "")
    return reason(
        "no_way",
        f"{where[0]}{more_zh}：绕不开禁飞区或出不了许可范围",
        f"{where[1]}{more_en}: no way round the zones; move the point",
    )


def terrain_unknown(where: Names) -> ReasonText:
    """The terrain file does not cover a point."""
    return reason(
        "terrain_unknown",
        f"{where[0]}：地形文件没有该处高程",
        f"{where[1]}: the terrain file has no height there; give one that covers the whole flight",
    )


def unusable(what: str) -> ReasonText:
    """A file or a route cannot be used."""
    return reason("route_unusable", f"航线或区域文件无法使用：{what}", what)


def not_finite(where: Names) -> ReasonText:
    """A coordinate or a height is no number."""
    return reason("not_a_number", f"{where[0]}：坐标或高度不是数", f"{where[1]}: a coordinate or height is no number")


def out_of_range(where: Names, lat: float, lon: float) -> ReasonText:
    """A position that the earth does not have."""
    return reason(
        "out_of_range",
        f"{where[0]}：纬度 {lat:g}、经度 {lon:g} 超出范围",
        f"{where[1]}: latitude {lat:g}, longitude {lon:g} are out of range",
    )


def null_island(where: Names) -> ReasonText:
    """0, 0 is what a missing position looks like."""
    return reason("zero_position", f"{where[0]}：坐标为 0,0", f"{where[1]}: is at 0, 0; a position is missing")


def too_far(where: Names, far_m: float, most_m: float) -> ReasonText:
    """A point that cannot be meant."""
    return reason(
        "too_far",
        f"{where[0]}距机场 {far_m / 1000:.1f} 公里，超过 {most_m / 1000:g} 公里",
        f"{where[1]} is {far_m / 1000:.1f} km from home, more than {most_m / 1000:g} km; is its datum or order right?",
    )


def missing_takeoff() -> ReasonText:
    """A plan that does not begin with take-off at home."""
    return reason("no_takeoff", "计划缺少起飞点", "the plan does not begin with a take-off at home")


def missing_return() -> ReasonText:
    """A plan that does not end at home."""
    return reason("no_return", "计划缺少返航", "the plan does not end with the return home")


def over_capacity(count: int, most: int) -> ReasonText:
    """More items than the autopilot takes."""
    return reason(
        "too_many_items",
        f"任务有 {count} 项，超过飞控容量 {most} 项",
        f"the mission has {count} items, the autopilot takes {most}; split the patrol",
    )


def over_ceiling(where: Names, agl_m: float, ceiling_m: float) -> ReasonText:
    """Higher above ground than allowed."""
    return reason(
        "ceiling",
        f"{where[0]}离地 {agl_m:.0f} 米，超过限高 {ceiling_m:g} 米",
        f"{where[1]} is {agl_m:.0f} m above ground, over the ceiling of {ceiling_m:g} m",
    )


def too_low(where: Names, agl_m: float, least_m: float) -> ReasonText:
    """Nearer to the ground than is safe."""
    return reason(
        "too_low",
        f"{where[0]}离地 {agl_m:.1f} 米，低于 {least_m:g} 米",
        f"{where[1]} is {agl_m:.1f} m above ground, less than {least_m:g} m",
    )


def failsafe_return(zone: str, points: Names) -> ReasonText:
    """The autopilot's own return, straight home, would offend a zone."""
    return reason(
        "failsafe_return",
        f"在{points[0]}触发失控保护时，直线返航会越过“{zone}”",
        f"a failsafe return from {points[1]}, which goes straight home, would cross '{zone}'",
    )


def failsafe_return_low(points: Names, least_m: float) -> ReasonText:
    """The autopilot's own return, straight home at one height, would come too near to the ground or into it."""
    return reason(
        "failsafe_return",
        f"在{points[0]}触发失控保护时，直线返航离地最低 {least_m:.0f} 米；请设 return_altitude_m 和飞控的 RTL_ALT",
        f"a failsafe return from {points[1]}, which goes straight home, would be {least_m:.0f} m above ground at its "
        f"lowest; set return_altitude_m and the autopilot's RTL_ALT",
    )


def failsafe_return_unknown(points: Names) -> ReasonText:
    """Nobody knows the ground under the autopilot's own return."""
    return reason(
        "failsafe_return",
        f"在{points[0]}触发失控保护时，直线返航经过地形文件没有高程的地方",
        f"a failsafe return from {points[1]}, which goes straight home, would cross ground that the terrain file does "
        f"not know",
    )


def energy(used: float, allowed: float, duration_s: float) -> ReasonText:
    """The reserve would be used."""
    return reason(
        "energy",
        f"电量不足：需 {used:.0%}，保留余量后只有 {allowed:.0%}（{duration_s / 60:.1f} 分钟）",
        f"not enough energy: takes {used:.0%} of the battery, {allowed:.0%} may be used ({duration_s / 60:.1f} min)",
    )


def wind(strongest_m_s: float, limit_m_s: float) -> ReasonText:
    """More wind than the aircraft stands."""
    return reason(
        "wind",
        f"风速 {strongest_m_s:.1f} 米/秒，超过限值 {limit_m_s:g} 米/秒",
        f"wind of {strongest_m_s:.1f} m/s is over the limit of {limit_m_s:g} m/s",
    )


def windbound(wind_m_s: float) -> ReasonText:
    """It could not fly against the wind."""
    return reason(
        "wind", f"逆风 {wind_m_s:.1f} 米/秒无法飞完", f"it cannot make way against a wind of {wind_m_s:.1f} m/s"
    )


def temperature(now_c: float, least_c: float, most_c: float) -> ReasonText:
    """Too cold or too hot."""
    return reason(
        "temperature",
        f"气温 {now_c:.0f}°C，不在 {least_c:g}–{most_c:g}°C 内",
        f"{now_c:.0f} °C is not within {least_c:g} to {most_c:g} °C",
    )


def weather_missing(problem: str) -> ReasonText:
    """Nobody knows the weather."""
    return reason("weather_missing", f"没有气象数据：{problem}", f"no weather: {problem}")


def weather_old(age_s: float, most_s: float) -> ReasonText:
    """The weather was looked at too long ago, or in the future."""
    if age_s < 0:
        return reason(
            "weather_old",
            "气象数据的时间在将来，请核对时钟",
            "the weather was observed in the future; check the clocks",
        )
    return reason(
        "weather_old",
        f"气象数据已有 {age_s / 60:.0f} 分钟，超过 {most_s / 60:g} 分钟",
        f"the weather was observed {age_s / 60:.0f} min ago, more than {most_s / 60:g} min",
    )


def registration_expired(number: str, until: str) -> ReasonText:
    """The aircraft's registration has ended."""
    return reason(
        "registration_expired",
        f"无人机登记 {number} 已于 {until} 到期",
        f"registration {number} was valid until {until}",
    )


def approval_early(number: str, start: str) -> ReasonText:
    """The approval does not hold yet."""
    return reason(
        "approval_not_yet", f"空域批准 {number} 自 {start} 起有效", f"approval {number} is valid from {start} on"
    )


def approval_expired(number: str, until: str) -> ReasonText:
    """The approval has ended, or ends during the flight."""
    return reason(
        "approval_expired",
        f"空域批准 {number} 有效期至 {until}，不覆盖整个飞行",
        f"approval {number} is valid until {until}, which does not cover the flight",
    )


def approval_missing(highest_m: float, limit_m: float) -> ReasonText:
    """Higher than may be flown without an approval."""
    return reason(
        "approval_missing",
        f"最高离地 {highest_m:.0f} 米，超过 {limit_m:g} 米须有空域批准",
        f"reaches {highest_m:.0f} m above ground; above {limit_m:g} m an approval is needed",
    )


def separation(other: str, near_m: float, least_m: float, at: datetime) -> ReasonText:
    """Another drone would come too near."""
    return reason(
        "separation",
        f"{at:%H:%M:%S} 前后与“{other}”相距 {near_m:.0f} 米，少于 {least_m:g} 米",
        f"about {at:%H:%M:%S} it is {near_m:.0f} m from '{other}'; {least_m:g} m are to be kept",
    )
