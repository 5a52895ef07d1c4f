"""ultralytics' side, a process of its own: `YOLO(openvino model).predict` on lists of full-size pictures.

    python -m supervisor.bench_detect.peer MODEL FRAMES.npy BATCH HEIGHT WIDTH

The pictures are decoded to BGR beforehand, which is not counted. Prints `ready VERSION`; then for every line with a
number of seconds a line `PICTURES ELAPSED_S CPU_S`. Ends with its input.
"""

from __future__ import annotations

import sys
import time
from itertools import count

import cv2
import numpy as np

from scripts.torchvision_nms import mend_torchvision


def main(model: str, frames: str, batch: int, height_px: int, width_px: int) -> None:
    """Answer until the input ends."""
    mend_torchvision()
    import ultralytics

    clips = np.load(frames)
    pictures = [
        cv2.cvtColor(packed, cv2.COLOR_YUV2BGR_I420) for packed in clips.swapaxes(0, 1).reshape(-1, *clips.shape[2:])
    ]
    lists = [pictures[at : at + batch] for at in range(0, len(pictures) - batch + 1, batch)]
    network = ultralytics.YOLO(model, task="detect")
    options = {"imgsz": [height_px, width_px], "conf": 0.1, "iou": 0.6, "device": "cpu", "verbose": False}
    network.predict(lists[0], **options)
    print(f"ready {ultralytics.__version__}", flush=True)
    turns = count()
    for line in sys.stdin:
        until_s, done = time.perf_counter() + float(line), 0
        started_s, cpu_s = time.perf_counter(), time.process_time()
        while time.perf_counter() < until_s:
            done += len(network.predict(lists[next(turns) % len(lists)], **options))
        print(done, time.perf_counter() - started_s, time.process_time() - cpu_s, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
