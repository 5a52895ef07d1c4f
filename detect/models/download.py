"""One large file over HTTP: gone on with where it broke off, checked by its SHA-256, and never half there.

part file (name of the digest) --Range--> whole? --sha256--> as wanted: the caller's
             ^--- cut off: again, as long as more comes       otherwise: removed, once more from the beginning
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx

from kernel.errors import BadInputError, CannotRunError
from kernel.logs import redact_url

TRIES_WITHOUT_MORE = 3
_CUT_OFF = (httpx.RemoteProtocolError, httpx.ReadError, httpx.ReadTimeout)
_PART = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
Tell = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a download may take.

    Attributes:
        most_bytes: largest file.
        silence_s: longest time without a byte, and longest wait for a connection.
        ca: certificates of the authority that signed the server's, PEM; None for those the system trusts.
    """

    most_bytes: int
    silence_s: float = 30.0
    ca: Path | None = None


@contextmanager
def session(limits: Limits) -> Iterator[httpx.Client]:
    """Connections that one download's requests share.

    Raises:
        BadInputError: the authority's certificates cannot be read.
    """
    verify: ssl.SSLContext | bool = True
    if limits.ca is not None:
        try:
            verify = ssl.create_default_context(cafile=str(limits.ca))
        except (OSError, ssl.SSLError) as error:
            raise BadInputError(f"{limits.ca}: no certificates in it ({_words(error)}); name a PEM file") from error
    headers = {"Accept-Encoding": "identity", "User-Agent": "lookout"}
    with httpx.Client(verify=verify, timeout=limits.silence_s, follow_redirects=True, headers=headers) as client:
        yield client


def download(client: httpx.Client, url: str, sha256: str, part: Path, limits: Limits, tell: Tell) -> None:
    """Bring a file to `part`; afterwards it is there and has that digest.

    What is there already is gone on with. What broke off stays for the next call, as long as it is within the limits.

    Args:
        client: made by `session`.
        url: http or https.
        sha256: of the whole file, hexadecimal.
        part: where it goes.
        limits: size and time.
        tell: takes how many bytes are there, and of how many, where that is known.

    Raises:
        BadInputError: not there, not allowed, too large, or another file than wanted.
        CannotRunError: the server or the connection fails, or there is no room.
    """
    with _alone(part, limits):
        begun = part.stat().st_size
        _fetch(client, url, part, limits, tell)
        if _digest(part) != sha256 and begun:  # what was there may have been of another file
            part.write_bytes(b"")
            _fetch(client, url, part, limits, tell)
        found = _digest(part)
        if found != sha256:
            part.unlink()
            raise BadInputError(
                f"{redact_url(url)}: its sha256 is {found[:12]}…, {sha256[:12]}… is wanted; nothing was kept; "
                f"ask whoever offers the file which is right"
            )


def read_small(client: httpx.Client, url: str, most_bytes: int) -> bytes | None:
    """A small file whole; None where the server has none.

    Raises:
        BadInputError, CannotRunError: as `download`.
    """
    try:
        with client.stream("GET", url) as answer:
            if answer.status_code in (404, 410):
                return None
            _check(answer, url)
            body = b""
            for chunk in answer.iter_raw():
                body += chunk
                if len(body) > most_bytes:
                    raise BadInputError(f"{redact_url(url)}: more than {most_bytes} bytes; that is no model card")
            return body
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _told(error, url) from error


def _fetch(client: httpx.Client, url: str, part: Path, limits: Limits, tell: Tell) -> None:
    """Bring what is missing, in as many connections as it takes."""
    left, most = TRIES_WITHOUT_MORE, part.stat().st_size
    while True:
        try:
            with part.open("r+b") as file:
                _receive(client, url, file, limits, tell)
            return
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            have = part.stat().st_size
            left, most = TRIES_WITHOUT_MORE if have > most else left - 1, max(have, most)
            if left == 0 or not isinstance(error, _CUT_OFF):
                raise _told(error, url, have) from error
        except OSError as error:
            part.unlink()
            raise CannotRunError(
                f"{part.parent}: {error.strerror}; nothing was kept; make room and pull again"
            ) from error


def _receive(client: httpx.Client, url: str, file: IO[bytes], limits: Limits, tell: Tell) -> None:
    """One connection's worth.

    Raises:
        OSError: it cannot be written.
        httpx.HTTPError: the connection fails.
        BadInputError, CannotRunError: the server refuses, or there is no room.
    """
    have = file.seek(0, 2)
    with client.stream("GET", url, headers={"Range": f"bytes={have}-"} if have else {}) as answer:
        if answer.status_code == 416:  # there is no more: whole, or another file, which its digest will tell
            return
        _check(answer, url)
        have, total = _place(answer, have)
        file.seek(have)
        file.truncate()
        _check_room(url, Path(file.name).parent, have, total, limits)
        for chunk in answer.iter_raw():
            file.write(chunk)
            have += len(chunk)
            if have > limits.most_bytes:
                raise _too_large(url, limits)
            tell(have, total)
        file.flush()
        if total is not None and have < total:
            raise httpx.RemoteProtocolError(f"{have} of {total} bytes")


def _place(answer: httpx.Response, have: int) -> tuple[int, int | None]:
    """Where the answer's bytes belong, and how many there are in all."""
    if answer.status_code == 206 and (found := _PART.fullmatch(answer.headers.get("Content-Range", ""))):
        if int(found[1]) == have:
            return have, None if found[2] == "*" else int(found[2])
        raise httpx.RemoteProtocolError(f"bytes from {found[1]} on, {have} was asked for")
    length = answer.headers.get("Content-Length", "")
    return 0, int(length) if length.isdigit() else None


def _check(answer: httpx.Response, url: str) -> None:
    """Refuse what is no answer to what was asked."""
    shown = redact_url(url)
    if url.startswith("https:") and any(one.url.scheme != "https" for one in (answer, *answer.history)):
        raise BadInputError(f"{shown}: leads to {answer.url.host} without TLS; name the address it lies at")
    if answer.status_code in (401, 403):
        raise BadInputError(f"{shown}: not allowed ({answer.status_code}); give user and password in models.pull_from")
    if answer.status_code in (404, 410):
        raise BadInputError(f"{shown}: there is no such file ({answer.status_code}); check the address")
    if answer.status_code not in (200, 206) or answer.headers.get("Content-Encoding", "identity") != "identity":
        raise CannotRunError(f"{shown}: the server answers {answer.status_code} {answer.reason_phrase}; try later")


def _check_room(url: str, folder: Path, have: int, total: int | None, limits: Limits) -> None:
    if (total or 0) > limits.most_bytes:
        raise _too_large(url, limits)
    free = shutil.disk_usage(folder).free
    if total is not None and total - have > free:
        raise CannotRunError(
            f"{folder}: {(total - have) >> 20} MiB are to come and {free >> 20} MiB are free; make room and pull again"
        )


def _too_large(url: str, limits: Limits) -> BadInputError:
    return BadInputError(
        f"{redact_url(url)}: larger than {limits.most_bytes >> 20} MiB; allow more by --max-mib if that is right"
    )


def _told(error: httpx.HTTPError | httpx.InvalidURL, url: str, have: int = 0) -> CannotRunError | BadInputError:
    """What a failed connection means, in one line."""
    shown = redact_url(url)
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
        return BadInputError(f"{shown}: no address that can be fetched; give one of https:// or http://")
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return CannotRunError(
            f"{shown}: its certificate is not trusted ({cause.verify_message}); name the authority's by --ca FILE"
        )
    reason = "no answer in time" if isinstance(error, httpx.TimeoutException) else _words(error)
    kept = f"; {have} bytes are kept, pull again to go on" if have else ""
    return CannotRunError(f"{shown}: {reason}{kept}; look at the network and the server")


def _words(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).strip()


@contextmanager
def _alone(part: Path, limits: Limits) -> Iterator[None]:
    """Nobody else brings the same file here meanwhile; nothing that is of no use is left.

    Raises:
        BadInputError: somebody does.
    """
    with part.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BadInputError(f"{part}: somebody else is pulling this file; wait for that") from error
        try:
            yield
        finally:
            if part.exists() and not 0 < part.stat().st_size <= limits.most_bytes:
                part.unlink()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
