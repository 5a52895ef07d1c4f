"""Outages in words for people: each text in Chinese and in English."""

from __future__ import annotations

from collections.abc import Sequence

from kernel.events import OfflineCause

Words = tuple[str, str]
"""Chinese, English."""

_MOST_NAMES = 12
_CAUSES = {
    OfflineCause.NONE: ("原因未知", "cause unknown"),
    OfflineCause.NAME_NOT_RESOLVED: ("域名无法解析", "name not resolved"),
    OfflineCause.NO_ROUTE: ("网络不可达", "no route"),
    OfflineCause.REFUSED: ("连接被拒绝", "connection refused"),
    OfflineCause.OPEN_TIMED_OUT: ("连接超时", "no answer in time"),
    OfflineCause.WRONG_PASSWORD: ("认证失败", "wrong password"),
    OfflineCause.DIGEST_UNSUPPORTED: ("认证算法不支持", "digest algorithm not supported"),
    OfflineCause.NO_SUCH_STREAM: ("码流不存在", "no such stream"),
    OfflineCause.NO_VIDEO: ("没有视频轨道", "no video"),
    OfflineCause.NO_PACKETS: ("已连接但无数据", "connected but no packets"),
    OfflineCause.NOT_DECODABLE: ("数据无法解码", "not decodable"),
    OfflineCause.CLOSED_BY_CAMERA: ("摄像机断开连接", "closed by the camera"),
    OfflineCause.SERVER_ERROR: ("摄像机返回错误", "the camera answered with an error"),
    OfflineCause.NO_SHARED_MEMORY: ("本机共享内存不足", "no shared memory on this machine"),
    OfflineCause.DRONE_ON_GROUND: ("无人机未起飞", "the drone is on the ground"),
}


def cause_words(cause: OfflineCause) -> Words:
    """Why a camera is offline."""
    return _CAUSES[cause]


def together_words(cause: OfflineCause, names: Sequence[str]) -> Words:
    """That cameras went offline together, and why."""
    chinese, english = _CAUSES[cause]
    listed = _listed(names)
    return (
        f"{len(names)} 台同时离线，{chinese}：{listed}",
        f"{len(names)} cameras offline together, {english}: {listed}",
    )


def partly_back_words(count: int, still: Sequence[str]) -> Words:
    """That some of the cameras that went offline together are back."""
    listed = _listed(still)
    return f"{count} 台中尚有 {len(still)} 台离线：{listed}", f"{len(still)} of {count} cameras still offline: {listed}"


def joined_words() -> Words:
    """That the outage of one camera turned out to be that of many."""
    return "并入多台同时离线的告警", "now part of the alert of many cameras"


def _listed(names: Sequence[str]) -> str:
    return "、".join(names[:_MOST_NAMES]) + ("…" if len(names) > _MOST_NAMES else "")


def recovered_words(offline_s: float) -> Words:
    """That a camera is back, and how long it was away."""
    chinese, english = _duration(offline_s)
    return f"恢复，离线 {chinese}", f"recovered after {english}"


def taken_out_words(offline_s: float) -> Words:
    """That a camera was disabled or removed while it was offline."""
    chinese, english = _duration(offline_s)
    return f"已停用，此前离线 {chinese}", f"taken out of service, was offline {english}"


def _duration(length_s: float) -> tuple[str, str]:
    total_s = max(0, round(length_s))
    days, hours, minutes, seconds = total_s // 86400, total_s // 3600 % 24, total_s // 60 % 60, total_s % 60
    parts = [(days, "天", "d"), (hours, "小时", "h"), (minutes, "分", "min"), (seconds, "秒", "s")]
    told = [part for part in parts if part[0]] or [parts[-1]]
    return " ".join(f"{n} {zh}" for n, zh, _ in told), " ".join(f"{n} {en}" for n, _, en in told)
