"""ultralytics' side, a process of its own: `YOLO(model).predict(source="x.streams", stream=True)`, every number noted.

    python -m supervisor.bench_stream.peer MODEL STREAMS HEIGHT WIDTH

Prints `ready` with the first results, then `CAMERA NUMBER EPOCH_S` for every picture whose boxes are known, CAMERA
being the place in STREAMS and NUMBER -1 where none can be read. Ends at SIGTERM.
"""

from __future__ import annotations

import sys
import time

from scripts.numbered.picture import read_number
from scripts.torchvision_nms import mend_torchvision

_GREEN = 1


def main(model: str, streams: str, height_px: int, width_px: int) -> None:
    """Run until killed."""
    mend_torchvision()
    from ultralytics import YOLO

    with open(streams, encoding="utf-8") as file:  # noqa: PTH123 (as ultralytics reads it)
        cameras = len(file.read().split())
    network = YOLO(model, task="detect")
    results = network.predict(
        source=streams, stream=True, imgsz=[height_px, width_px], verbose=False, device="cpu", batch=cameras
    )
    for index, result in enumerate(results):
        known_s = time.time()
        if index == 0:
            print("ready", flush=True)
        number = read_number(result.orig_img[:, :, _GREEN])
        print(index % cameras, -1 if number is None else number, f"{known_s:.4f}")
        if index % cameras == cameras - 1:
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
