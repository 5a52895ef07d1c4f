"""Why a camera cannot be reached: name, route, port, password, path, video. FFmpeg reports most of these alike.

`connect` runs before every try (a name lookup and a TCP connection, on which our client goes on). `diagnose` runs
after a failure that FFmpeg's error leaves open, and asks the server what it offers. It sends no credentials: a recorder
counts no wrong password for it.
"""

from __future__ import annotations

import errno
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Protocol

from ingest.address import CameraAddress
from ingest.rtsp import LONGEST_ANSWER_BYTES, Answer, parse_answer, request
from ingest.source import SourceError
from kernel.events import OfflineCause

_NO_ROUTE = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.EADDRNOTAVAIL)
_FFMPEG_ANSWERS = ("basic", "digest MD5", "digest MD5-SESS")
_DIAGNOSIS_TIMEOUT_S = 2.0
_ANSWER_TIMEOUT_S = 5.0  # in all: one byte a second is no answer


class _Socket(Protocol):
    def sendall(self, data: bytes, /) -> None: ...
    def recv(self, size: int, /) -> bytes: ...


def connect(address: CameraAddress, timeout_s: float) -> socket.socket:
    """Look the host's name up and connect to its port once.

    Raises:
        SourceError: with the cause where that fails.
    """
    where = f"{address.host}:{address.port}"
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # UnicodeError: no name at all, for example with an empty label
        why = error.strerror if isinstance(error, OSError) else "not a host name"
        raise SourceError(
            OfflineCause.NAME_NOT_RESOLVED, f"the name {address.host} is unknown ({why}); check the url"
        ) from error
    problem = SourceError(OfflineCause.NO_ROUTE, f"{where}: no address")
    for family, kind, protocol, _, target in found:
        candidate = socket.socket(family, kind, protocol)
        candidate.settimeout(timeout_s)
        try:
            candidate.connect(target)
        except TimeoutError:
            problem = SourceError(OfflineCause.OPEN_TIMED_OUT, f"{where}: no answer within {timeout_s:g} s")
        except ConnectionRefusedError:
            problem = SourceError(OfflineCause.REFUSED, f"{where}: connection refused; is the port right?")
        except OSError as error:
            cause = OfflineCause.NO_ROUTE if error.errno in _NO_ROUTE else OfflineCause.SERVER_ERROR
            problem = SourceError(cause, f"{where}: {error.strerror}")
        else:
            return candidate
        candidate.close()
    raise problem


def diagnose(address: CameraAddress, failure: SourceError, *, has_credentials: bool) -> SourceError:
    """The failure with its cause made more exact by what the server answers to a DESCRIBE without credentials."""
    try:
        answer = _describe(address)
    except SourceError as nearer:
        return nearer
    except TimeoutError:
        return SourceError(OfflineCause.OPEN_TIMED_OUT, "connected, but the camera does not answer")
    except (OSError, ValueError) as error:
        return SourceError(OfflineCause.SERVER_ERROR, f"{address.host}:{address.port} does not speak RTSP ({error})")
    return judge(answer, failure, has_credentials=has_credentials)


def judge(answer: Answer, failure: SourceError, *, has_credentials: bool) -> SourceError:
    """What an answer to a DESCRIBE without credentials says about a failed session. Pure."""
    if answer.status == 401:
        offered = answer.challenges
        if offered and not failure.challenge_answered and taken_of(offered) not in _FFMPEG_ANSWERS:
            return SourceError(
                OfflineCause.DIGEST_UNSUPPORTED,
                f"the camera wants {taken_of(offered)}, which cannot be answered (offered: {', '.join(offered)}); "
                f"enable MD5 digest alone at the camera",
            )
        if not has_credentials:
            return SourceError(OfflineCause.WRONG_PASSWORD, "the camera asks for a password and none is configured")
    if not failure.ambiguous or failure.cause is OfflineCause.WRONG_PASSWORD:
        return failure
    if answer.status == 404:
        return SourceError(OfflineCause.NO_SUCH_STREAM, "the camera knows no stream of that path")
    if answer.status >= 400 and answer.status != 401:
        return SourceError(OfflineCause.SERVER_ERROR, f"the camera answers {answer.status}")
    if answer.status == 200 and answer.media_kinds and "video" not in answer.media_kinds:
        return SourceError(OfflineCause.NO_VIDEO, "the stream has no video track")
    if answer.status == 200 and failure.cause is OfflineCause.OPEN_TIMED_OUT:
        return SourceError(OfflineCause.NO_PACKETS, "the camera describes the stream, but sends no packets")
    return failure


def taken_of(offered: Sequence[str]) -> str:
    """The challenge that FFmpeg answers: the last digest, whatever its algorithm, else the first it was offered.

    Source: FFmpeg 8.0, libavformat/httpauth.c, ff_http_auth_handle_header.
    """
    digests = [scheme for scheme in offered if scheme.startswith("digest ")]
    if digests:
        return digests[-1]
    return "basic" if "basic" in offered else offered[0]


def _describe(address: CameraAddress) -> Answer:
    with closing(connect(address, _DIAGNOSIS_TIMEOUT_S)) as plain:
        if not address.encrypted:
            return _ask(plain, address.url)
        context = ssl.create_default_context()
        context.check_hostname = False  # as FFmpeg: cameras have certificates of their own making
        context.verify_mode = ssl.CERT_NONE
        with context.wrap_socket(plain) as encrypted:
            return _ask(encrypted, address.url)


def _ask(connection: _Socket, url: str) -> Answer:
    connection.sendall(request("DESCRIBE", url, 1, accept="application/sdp"))
    received = b""
    deadline_s = time.monotonic() + _ANSWER_TIMEOUT_S
    while len(received) <= LONGEST_ANSWER_BYTES:
        if time.monotonic() > deadline_s:
            raise TimeoutError
        piece = connection.recv(16 << 10)
        if not piece:
            raise ValueError("the connection ends without an answer")
        received += piece
        answer = parse_answer(received)
        if answer is not None:
            return answer
    raise ValueError("an answer without an end")
