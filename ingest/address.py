"""Camera addresses: credentials into the URL FFmpeg needs, and host and port out of it for the probe. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from kernel.errors import BadInputError

_DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322}
# FFmpeg keeps `user:password`, still escaped, in 128 bytes with a final zero (RTSPState.auth, libavformat/rtsp.h).
LONGEST_CREDENTIALS_BYTES = 127
_ESCAPED = frozenset(b'@/?#%: "\\<>[]^`{|}')


class AddressError(BadInputError):
    """A camera's address or its credentials cannot be used."""


@dataclass(frozen=True)
class CameraAddress:
    """Where a stream is reached. Its repr shows no credentials.

    Attributes:
        url: as configured, without user name and password.
        host, port: what to connect to.
        encrypted: rtsps.
    """

    url: str
    host: str
    port: int
    encrypted: bool

    @classmethod
    def of(cls, url: str) -> CameraAddress:
        """Take an address apart.

        Raises:
            AddressError: no host, a port that is none, a scheme that is not RTSP, or credentials inside.
        """
        try:
            parts: SplitResult = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise AddressError(f"stream url: {error}; write rtsp://HOST:PORT/PATH") from error
        if parts.scheme not in _DEFAULT_PORTS or not host:
            raise AddressError("stream url: no host in it; write rtsp://HOST:PORT/PATH")
        if parts.username is not None or parts.password is not None:
            raise AddressError("stream url: credentials inside; put them into the keys username and password")
        return cls(url, host, port or _DEFAULT_PORTS[parts.scheme], parts.scheme == "rtsps")

    def with_credentials(self, username: str, password: str) -> str:
        """The URL with credentials in it, for FFmpeg only: it must reach no log and no error text.

        Only what would end the user-info part is escaped, so that long passwords in any script still fit.

        Raises:
            AddressError: the credentials are longer than FFmpeg keeps.
        """
        if not username and not password:
            return self.url
        user_info = f"{_escaped(username)}:{_escaped(password)}"
        if len(user_info.encode()) > LONGEST_CREDENTIALS_BYTES:
            raise AddressError(
                f"username and password: longer than {LONGEST_CREDENTIALS_BYTES} bytes together; choose a shorter one"
            )
        scheme, rest = self.url.split("://", 1)
        return f"{scheme}://{user_info}@{rest}"


def _escaped(text: str) -> str:
    return "".join(
        "".join(f"%{byte:02X}" for byte in character.encode())
        if len(character.encode()) == 1 and (character.encode()[0] in _ESCAPED or character.encode()[0] < 0x21)
        else character
        for character in text
    )
