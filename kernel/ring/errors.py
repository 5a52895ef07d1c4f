"""What can go wrong with a frame ring."""

from __future__ import annotations

from pathlib import Path

from kernel.errors import CannotRunError


class NoSharedMemory(CannotRunError):
    """The file system of the ring has no room for the frames."""

    def __init__(self, path: Path, what: str, needed_bytes: int) -> None:
        self.path = path
        self.needed_bytes = needed_bytes
        super().__init__(
            f"{path.parent}: no room for {needed_bytes / 1e6:.1f} MB ({what}); enlarge it (mount -o remount,size=… or "
            f"docker --shm-size) or use smaller streams"
        )


class RingInUse(CannotRunError):
    """A live writer holds the ring file already."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path}: another ingest worker writes this ring; stop it first")


class FrameTooLarge(CannotRunError):
    """A picture that no slot holds."""

    def __init__(self, width_px: int, height_px: int) -> None:
        self.width_px = width_px
        self.height_px = height_px
        super().__init__(
            f"frame of {width_px}x{height_px} px is larger than the ring's 4096x2304; use the camera's sub stream"
        )
