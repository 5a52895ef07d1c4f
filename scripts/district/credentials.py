"""The district's own camera password: made once per installation, kept in district.env, never in git."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from scripts.district.rtsp_auth import Credentials

USERNAME = "lookout"
PASSWORD_VARIABLE = "LOOKOUT_DISTRICT_PASSWORD"
PORT_VARIABLE = "LOOKOUT_DISTRICT_PORT"


def credentials(var: Path) -> Credentials:
    """From the environment, else from district.env, else new ones."""
    password = os.environ.get(PASSWORD_VARIABLE) or read_env(var).get(PASSWORD_VARIABLE) or secrets.token_urlsafe(15)
    return Credentials(USERNAME, password)


def read_env(var: Path) -> dict[str, str]:
    """The variables in district.env; empty where there is none."""
    file = var / "district.env"
    if not file.is_file():
        return {}
    lines = file.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def write_env(var: Path, who: Credentials, port: int) -> Path:
    """Writes district.env, readable by its owner only; `configs/district.yaml` refers to its variables."""
    var.mkdir(parents=True, exist_ok=True)
    file = var / "district.env"
    values = {PASSWORD_VARIABLE: who.password, PORT_VARIABLE: str(port)}
    unfinished = file.with_suffix(".tmp")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.writelines(f"{name}={value}\n" for name, value in values.items())
    unfinished.replace(file)
    return file
