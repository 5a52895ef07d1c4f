"""The server's record of which numbered picture of which camera left when: lines `camera,number,epoch seconds`."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from scripts.district.rtsp_media import MediaPath


class SentNumbers:
    """Writes the record; flushed when closed, and now and then before."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="ascii", buffering=1 << 16)

    def note(self, path: MediaPath, frame: int, now_s: float) -> None:
        """A frame went out; what it shows is its number in the loop."""
        self._file.write(f"{path.camera_id},{frame % len(path.loop.units)},{now_s:.4f}\n")

    def close(self) -> None:
        """Write the rest."""
        self._file.close()


def read_sent_numbers(path: Path) -> dict[str, list[tuple[float, int]]]:
    """Instants and numbers of each camera, in order; a last line cut short by a kill is left out."""
    sent: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for line in path.read_text(encoding="ascii").split("\n")[:-1]:
        camera_id, number, sent_s = line.split(",")
        sent[camera_id].append((float(sent_s), int(number)))
    return dict(sent)
