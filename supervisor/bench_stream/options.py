"""What the command's options say; pure."""

from __future__ import annotations

from kernel.errors import BadInputError

MOST_CAMERAS = 64


def camera_counts(text: str) -> tuple[int, ...]:
    """Read "4,8,16".

    Raises:
        BadInputError: not numbers from 1 to MOST_CAMERAS.
    """
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdecimal() and 1 <= int(word) <= MOST_CAMERAS for word in words):
        raise BadInputError(f"--cameras {text}: write numbers from 1 to {MOST_CAMERAS}, for example 4,8,16")
    return tuple(int(word) for word in words)
