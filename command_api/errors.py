"""What the API answers when it does not do what was asked: `{"error", "message", "message_en"}`, nothing else.

A refused order to a drone also has every reason.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from command_api.store.database import StoreUnavailable
from kernel.errors import LookoutError
from kernel.events import ReasonText


class ErrorBody(BaseModel):
    """Every error answer."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"error": "not_found", "message": "没有此项", "message_en": "no such thing"}}
    )

    error: str = Field(description="Stable code for programs.")
    message: str = Field(description="For people, in Chinese.")
    message_en: str = Field(description="For people, in English.")


class RefusedBody(ErrorBody):
    """An order that the drone service refused."""

    reasons: tuple[ReasonText, ...] = Field(default=(), description="Every reason, in both languages.")


class ApiError(LookoutError):
    """A request that is answered with an error.

    Args:
        status: HTTP status.
        code: stable code for programs.
        message: for people, in Chinese.
        message_en: for people, in English.
        headers: to send along, e.g. Retry-After.
    """

    def __init__(
        self, status: int, code: str, message: str, message_en: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {code}: {message_en}")
        self.status = status
        self.body = ErrorBody(error=code, message=message, message_en=message_en)
        self.headers = dict(headers or {})


def refused(reasons: tuple[ReasonText, ...], code: str = "refused") -> ApiError:
    """409: an order is refused, with every reason."""
    message = "；".join(reason.message_zh for reason in reasons) or "无人机服务拒绝了该指令"
    message_en = "; ".join(reason.message_en for reason in reasons) or "the drone service refuses the order"
    error = ApiError(409, code, message, message_en)
    error.body = RefusedBody(**error.body.model_dump(), reasons=reasons)
    return error


def not_signed_in() -> ApiError:
    """401: no session, or one that ended."""
    headers = {"WWW-Authenticate": 'Bearer realm="lookout"'}
    return ApiError(401, "not_signed_in", "请先登录", "sign in first", headers)


def forbidden() -> ApiError:
    """403: the role does not allow it."""
    return ApiError(403, "forbidden", "您的角色无权进行此操作", "your role does not allow this")


def not_found(what: str, what_en: str) -> ApiError:
    """404: it does not exist, or the user may not know that it does."""
    return ApiError(404, "not_found", f"没有该{what}", f"no such {what_en}")


def retry_later(code: str, message: str, message_en: str, seconds: int) -> ApiError:
    """503 with Retry-After."""
    return ApiError(503, code, message, message_en, {"Retry-After": str(seconds)})


_HTTP_WORDS = {
    400: ("bad_request", "请求无法读取", "the request cannot be read"),
    404: ("not_found", "没有此地址", "no such address"),
    405: ("method_not_allowed", "此地址不支持该方法", "this address does not take this method"),
    413: ("too_large", "请求内容过大", "the request body is too large"),
    415: ("unsupported_media_type", "不支持的内容类型", "this content type is not supported"),
}

ERROR_RESPONSES: dict[int | str, dict[str, object]] = {
    status: {"model": ErrorBody, "description": words}
    for status, words in {
        400: "The request cannot be read.",
        401: "Not signed in, or the session ended.",
        403: "The role does not allow this.",
        404: "There is no such thing, or the user may not see it.",
        409: "Not possible in the present state.",
        413: "The body is too large.",
        415: "This content type is not supported.",
        422: "A value is not allowed; the message names it.",
        429: "Too many attempts or streams; see Retry-After.",
        503: "Cannot be done just now; see Retry-After.",
    }.items()
}


def answer(error: ApiError) -> JSONResponse:
    """The response that tells of an error."""
    return JSONResponse(error.body.model_dump(), error.status, error.headers)


def install_handlers(app: FastAPI) -> None:
    """Make every error of the app leave in the one shape."""

    @app.exception_handler(ApiError)
    async def _api_error(_request: Request, error: ApiError) -> JSONResponse:
        return answer(error)

    @app.exception_handler(StoreUnavailable)
    async def _store_unavailable(_request: Request, _error: StoreUnavailable) -> JSONResponse:
        return answer(
            retry_later("store_unavailable", "数据库暂时不可写，请稍后重试", "the store does not answer; try again", 5)
        )

    @app.exception_handler(RequestValidationError)
    async def _validation_error(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        return answer(ApiError(422, "invalid_request", f"请求内容有误：{where}", f"{where}: {first['msg']}"))

    @app.exception_handler(Exception)
    async def _defect(_request: Request, _error: Exception) -> JSONResponse:
        """A defect of ours: the server logs the traceback, the caller learns no more than that."""
        return answer(ApiError(500, "internal_error", "服务内部错误", "internal error; see the log of command_api"))

    @app.exception_handler(HTTPException)
    async def _http_error(_request: Request, error: HTTPException) -> JSONResponse:
        fallback = ("refused", "请求被拒绝", "the request was refused")
        code, message, message_en = _HTTP_WORDS.get(error.status_code, fallback)
        return answer(ApiError(error.status_code, code, message, message_en, error.headers))
