"""The running installation as an operator's program sees it: over REST, signed in."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from kernel.errors import CannotRunError
from kernel.events import AlertKind
from supervisor.exam.scoring import RaisedAlert

_PAGE = 500
_EXAMINED_KINDS = (AlertKind.ZONE_INTRUSION, AlertKind.LINE_CROSSING)


class RoomAnswerError(CannotRunError):
    """The installation answered a request with an error, or not at all."""


@dataclass(frozen=True, slots=True)
class CameraView:
    """What the API says of one camera."""

    camera_id: str
    is_streaming: bool
    is_analysed: bool
    analysed_fps: float | None


class Room:
    """A signed-in client of one installation."""

    def __init__(self, url: str) -> None:
        """A client for the page at `url`; sign in before anything else."""
        self._client = httpx.Client(base_url=url, timeout=10.0, trust_env=False)

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def sign_in(self, username: str, first_password: str) -> None:
        """Sign in with a one-time password, replacing it as the room asks for.

        Raises:
            RoomAnswerError: the password was refused.
        """
        session = self._ask("POST", "/api/session", {"username": username, "password": first_password})
        self._client.headers["Authorization"] = f"Bearer {session['token']}"
        if session.get("must_change_password"):
            chosen = f"Exam-{secrets.token_urlsafe(18)}-7"
            self._ask("POST", "/api/session/password", {"old": first_password, "new": chosen})
            self._client.headers.pop("Authorization")
            session = self._ask("POST", "/api/session", {"username": username, "password": chosen})
            self._client.headers["Authorization"] = f"Bearer {session['token']}"

    def cameras(self) -> list[CameraView]:
        """Every camera with the state of its stream and its analysis."""
        return [
            CameraView(
                camera_id=camera["id"],
                is_streaming=camera["state"] in ("streaming", "degraded"),
                is_analysed=camera["analysed"]["state"] == "analysed",
                analysed_fps=camera["analysed"].get("analysed_fps"),
            )
            for camera in self._ask("GET", "/api/cameras")["cameras"]
        ]

    def alerts(self) -> list[RaisedAlert]:
        """Every alert of the examined kinds, once each."""
        found: dict[str, RaisedAlert] = {}
        after = 0
        while True:
            page = self._ask("GET", f"/api/alerts?after={after}&limit={_PAGE}")["alerts"]
            for alert in page:
                if alert["kind"] in _EXAMINED_KINDS:
                    found[alert["id"]] = _raised(alert)
            if len(page) < _PAGE:
                return list(found.values())
            after = max(alert["seq"] for alert in page)

    def health(self, start_s: float, end_s: float) -> dict[str, Any]:
        """The HealthReport of a window."""
        start, end = (datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") for at in (start_s, end_s))
        report: dict[str, Any] = self._ask("GET", f"/api/health?from={start}&to={end}")
        return report

    def engine(self) -> str:
        """The detector's engine in its own words, from its next status event."""
        fields = self._next_event("detector")
        return str(fields.get("engine", ""))

    def _next_event(self, wanted: str, lines_max: int = 400) -> dict[str, Any]:
        with self._client.stream("GET", "/api/events") as stream:
            name = ""
            for number, line in enumerate(stream.iter_lines()):
                if line.startswith("event:"):
                    name = line.partition(":")[2].strip()
                elif line.startswith("data:") and name == wanted:
                    fields: dict[str, Any] = json.loads(line.partition(":")[2])
                    return fields
                if number > lines_max:
                    break
        raise RoomAnswerError(f"/api/events carried no {wanted} event")

    def _ask(self, method: str, path: str, body: dict[str, str] | None = None) -> Any:
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.TransportError as error:
            raise RoomAnswerError(f"{path.split('?')[0]} did not answer: {error}") from error
        if answer.is_error:
            raise RoomAnswerError(f"{path.split('?')[0]} answered {answer.status_code}: {answer.text[:200]}")
        return answer.json() if answer.content else None


def _raised(alert: dict[str, Any]) -> RaisedAlert:
    return RaisedAlert(
        id=alert["id"],
        camera_id=alert["camera_id"],
        rule_id=alert["rule_id"],
        class_name=alert["class_name"],
        created_s=datetime.fromisoformat(alert["created_at"]).timestamp(),
    )
