"""What is checked before anything starts: a usable data directory, one supervisor per data directory, a free port."""

from __future__ import annotations

import errno
import fcntl
import socket
import tempfile
from pathlib import Path
from typing import IO

from kernel.config.lookout import LookoutConfig
from kernel.errors import BadInputError, CannotRunError
from kernel.runtime import RuntimePaths

LEAST_FREE_BYTES = 1 << 20


class AlreadyRunningError(CannotRunError):
    """Another supervisor holds this data directory.

    Attributes:
        url: where its page answers, as it wrote down; empty when it has not got that far.
    """

    def __init__(self, data_dir: Path, url: str) -> None:
        super().__init__(f"data directory {data_dir} is in use by a running lookout{f' at {url}' if url else ''}")
        self.url = url


class PortInUseError(CannotRunError):
    """The page's port belongs to another program."""


def prepare_directories(paths: RuntimePaths) -> None:
    """Make the directories of an installation, private to this user.

    Raises:
        BadInputError: the data directory cannot be made or written, or its disk is full.
    """
    try:
        for directory in (paths.data_dir, paths.socket_dir, paths.bus_dir, paths.evidence_dir, paths.log_dir):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        paths.socket_dir.chmod(0o700)
        with tempfile.TemporaryFile(dir=paths.data_dir) as probe:
            probe.write(bytes(LEAST_FREE_BYTES))
            probe.flush()
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            remedy = "free disk space, or give data_dir in the config a directory on another disk"
        else:
            remedy = "give data_dir in the config a directory that this user may write"
        raise BadInputError(
            f"data directory {paths.data_dir} cannot be written ({error.strerror}); {remedy}"
        ) from error


def take_lock(paths: RuntimePaths) -> IO[str]:
    """Hold the data directory for this process; the lock ends with it.

    Raises:
        AlreadyRunningError: a running supervisor holds it.
    """
    lock = (paths.data_dir / "lookout.lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        url = lock.read().strip()
        lock.close()
        raise AlreadyRunningError(paths.data_dir, url) from error
    lock.truncate(0)
    return lock


def note_url(lock: IO[str], url: str) -> None:
    """Write the address into the lock file, for a second `lookout up` to print."""
    lock.seek(0)
    lock.truncate(0)
    lock.write(url)
    lock.flush()


def check_port(config: LookoutConfig) -> None:
    """See that the page's address can be listened on.

    Raises:
        PortInUseError: another program has it.
        BadInputError: the address is not one of this machine's, or no port is named.
    """
    host, port = config.web.host, config.web.port
    if port == 0:
        raise BadInputError("web.port 0 is any free port, which nobody could find; set one from 1 to 65535")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUseError(
                    f"port {port} on {host} is in use by another program; stop it or set web.port in the config"
                ) from error
            raise BadInputError(
                f"cannot listen on {host} port {port} ({error.strerror}); set web.host and web.port"
            ) from error


def page_url(config: LookoutConfig) -> str:
    """The address to open in a browser."""
    scheme = "https" if config.web.tls_certificate else "http"
    host = config.web.host
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"{scheme}://{shown}:{config.web.port}/"
