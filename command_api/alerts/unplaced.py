"""Why no drone can be sent to an alert: it has no place. In both languages; pure."""

from __future__ import annotations

from kernel.events import ReasonText

_WORDS = {
    "no_pose": ("当时没有飞行器的姿态或定位", "nothing was told of the aircraft around that instant"),
    "pose_old": ("飞行器的姿态数据过旧", "what was told of the aircraft was too old"),
    "gimbal_unknown": ("不知道相机朝向", "nobody tells where its camera looks"),
    "too_low": ("飞行过低（起飞或降落中）", "it flew too low, taking off or landing"),
    "above_horizon": ("目标在地平线以上", "it is over the horizon"),
    "grazing": ("视线过于接近水平", "the look was too nearly level"),
    "too_far": ("距离过远，误差过大", "it is too far away, its error too large"),
    "terrain_unknown": ("地形文件没有该处高程", "the terrain file has no height there"),
    "cut_off": ("目标脚下在画面之外", "the picture's edge hides where it stands"),
    "no_track": ("报警不针对画面中的单个目标", "the alert is about no single object in the picture"),
}


def no_place(unplaced: str, flies: bool) -> ReasonText:
    """The reason not to send anybody.

    Args:
        unplaced: what the detector says, empty where it says nothing.
        flies: the alert is of a camera on a drone.
    """
    if not flies:
        return ReasonText(
            code="no_place",
            message_zh="该告警没有位置，无法派出无人机；请在配置中为摄像机填写 place",
            message_en="the alert has no place; give its camera one in the config",
        )
    if not unplaced:
        return ReasonText(
            code="no_place",
            message_zh="该告警没有位置，不能派出无人机",
            message_en="the alert has no place, so no drone is sent",
        )
    zh, en = _WORDS.get(unplaced, (unplaced, unplaced))
    return ReasonText(
        code="no_place",
        message_zh=f"无人机画面中的目标没有可信的地面位置，不能派出无人机：{zh}",
        message_en=f"what the drone's camera saw has no place on the ground, so no drone is sent: {en}",
    )
