"""What the gateway refuses, each with its HTTP status and its words in both languages."""

from __future__ import annotations

from http import HTTPStatus

from kernel.errors import LookoutError


class LiveProblemError(LookoutError):
    """A request that cannot be served.

    Attributes:
        status: HTTP status.
        code: stable name for programs.
        message_zh: words for operators; `str(self)` has the English ones.
        retry_after_s: when another try makes sense, or None.
    """

    status = HTTPStatus.BAD_REQUEST
    code = "bad_request"
    retry_after_s: int | None = None

    def __init__(self, message_zh: str, message_en: str) -> None:
        super().__init__(message_en)
        self.message_zh = message_zh

    def as_json(self) -> dict[str, str]:
        """The error body of the REST contract."""
        return {"error": self.code, "message": self.message_zh, "message_en": str(self)}


class OfferRejectedError(LiveProblemError):
    """The offer is not one this gateway can answer."""

    code = "bad_offer"

    def __init__(self, message_en: str) -> None:
        super().__init__(f"媒体协商请求无效：{message_en}", message_en)


class NotSdpError(LiveProblemError):
    """The body is of another type than application/sdp."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_media_type"

    def __init__(self) -> None:
        super().__init__("请求体必须是 application/sdp", "the body must be application/sdp")


class OfferTooLargeError(LiveProblemError):
    """The body is longer than any offer."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "offer_too_large"

    def __init__(self, largest_bytes: int) -> None:
        super().__init__(f"媒体协商请求超过 {largest_bytes} 字节", f"the offer is longer than {largest_bytes} bytes")


class UnknownCameraError(LiveProblemError):
    """No such camera or stream in the register."""

    status = HTTPStatus.NOT_FOUND
    code = "unknown_camera"

    def __init__(self, name: str) -> None:
        super().__init__(f"没有摄像机 {name}", f"no camera {name} in the register")


class UnknownSessionError(LiveProblemError):
    """No such session, or another user's."""

    status = HTTPStatus.NOT_FOUND
    code = "unknown_session"

    def __init__(self) -> None:
        super().__init__("会话不存在或已结束", "no such session, or it has ended")


class CameraOfflineError(LiveProblemError):
    """The camera gives no picture now."""

    status = HTTPStatus.CONFLICT
    code = "camera_offline"
    retry_after_s = 2

    def __init__(self, camera_id: str, reason: str) -> None:
        super().__init__(f"摄像机 {camera_id} 当前无画面：{reason}", f"camera {camera_id} gives no picture: {reason}")
        self.camera_id = camera_id
        self.reason = reason


class TooManyViewersError(LiveProblemError):
    """This gateway serves as many viewers as it may."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "too_many_viewers"
    retry_after_s = 5

    def __init__(self, limit: int) -> None:
        super().__init__(f"同时观看数已达上限 {limit}", f"the limit of {limit} viewers at once is reached")
        self.limit = limit
