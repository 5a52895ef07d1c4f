"""The operators' page: files that `make` built, served with names that change when they do."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import Response
from fastapi.responses import FileResponse, HTMLResponse

from command_api.access.guard import guarded_router
from command_api.errors import not_found

router = guarded_router("wall")

_CHECKOUT = Path(__file__).resolve().parents[2] / "wall" / "dist"
_PACKAGED = Path(__file__).resolve().parents[1] / "wall_dist"
_RESERVED = ("api/", "whep/", "assets/")
_HASHED = re.compile(r"-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$")
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_ASK_AGAIN = {"Cache-Control": "no-cache"}
_NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>瞭望 Lookout</title>
<body><h1>页面尚未构建 / The page is not built</h1>
<p>服务正在运行，但没有找到页面文件。请在代码目录执行 <code>make setup</code>（需要 Node 20），然后刷新。</p>
<p>The service runs, but the files of its page are missing. Run <code>make setup</code> in the checkout (needs Node 20),
then reload.</p></body></html>
"""


def wall_directory() -> Path | None:
    """Where the built page lies: in the checkout, else in the installed package, else nowhere."""
    return next((place for place in (_CHECKOUT, _PACKAGED) if (place / "index.html").is_file()), None)


@router.get("/{path:path}", include_in_schema=False)
async def wall(path: str) -> Response:
    """A file of the page; the page itself for every address that names no file."""
    root = wall_directory()
    if path.startswith(_RESERVED[:2]) or path in ("api", "whep"):
        raise not_found("地址", "address")
    if root is None:
        if path:
            raise not_found("页面文件", "file of the page")
        return HTMLResponse(_NOT_BUILT, 503, {**_ASK_AGAIN, "Retry-After": "10"})
    file = _inside(root, path)
    if file is not None:
        return FileResponse(file, headers=_FOR_EVER if _HASHED.search(file.name) else _ASK_AGAIN)
    if path.startswith(_RESERVED) or "." in path.rpartition("/")[2]:
        raise not_found("页面文件", "file of the page")
    return FileResponse(root / "index.html", headers=_ASK_AGAIN)


def _inside(root: Path, path: str) -> Path | None:
    if "\x00" in path:
        return None
    file = (root / path).resolve()
    return file if file.is_relative_to(root.resolve()) and file.is_file() else None
