from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.address import LONGEST_CREDENTIALS_BYTES, AddressError, CameraAddress

TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=20)


@pytest.mark.parametrize(
    ("url", "host", "port", "encrypted"),
    [
        ("rtsp://cam.example/live", "cam.example", 554, False),
        ("rtsp://127.0.0.1:8554/a?b=c", "127.0.0.1", 8554, False),
        ("rtsp://[::1]:8554/a", "::1", 8554, False),
        ("rtsps://cam.example/a", "cam.example", 322, True),
    ],
)
def test_host_and_port(url: str, host: str, port: int, encrypted: bool) -> None:
    assert CameraAddress.of(url) == CameraAddress(url, host, port, encrypted)


@pytest.mark.parametrize(
    "url", ["rtsp:///path", "http://host/a", "rtsp://host:99999/a", "rtsp://user:pw@host/a", "rtsp://[::1/a"]
)
def test_unusable_addresses_are_refused_without_showing_credentials(url: str) -> None:
    with pytest.raises(AddressError) as caught:
        CameraAddress.of(url)
    assert "pw" not in str(caught.value)


@given(TEXT, TEXT)
def test_credentials_survive_the_url(username: str, password: str) -> None:
    """FFmpeg cuts at the last `@` before the first of `/?#`, unescapes, then cuts at the first `:`."""
    address = CameraAddress.of("rtsp://host:1/live/a?b=1")
    try:
        url = address.with_credentials(username, password)
    except AddressError:
        assert len(f"{username}:{password}".encode()) > LONGEST_CREDENTIALS_BYTES / 3
        return
    if not username and not password:
        assert url == address.url
        return
    authority = url.removeprefix("rtsp://").split("/", 1)[0]
    assert not set("?#") & set(authority)
    user_info, host = authority.rsplit("@", 1)
    assert host == "host:1"
    got_username, got_password = user_info.split(":")
    assert (unquote(got_username), unquote(got_password)) == (username, password)


def test_credentials_longer_than_ffmpeg_keeps_are_refused() -> None:
    with pytest.raises(AddressError, match="127 bytes"):
        CameraAddress.of("rtsp://host/a").with_credentials("admin", "x" * 130)
