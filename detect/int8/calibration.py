"""Making int8 of a model by NNCF, in a process of its own: it is heavy, talkative, and would report to its makers.

`python -m detect.int8.calibration N` reads a `Job` as JSON from stdin and the pictures from its file number N; on
stdout it says how many pictures were run so far, a line each; its last line on stderr says what is wrong.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from detect.models.card import ModelInput
from kernel.errors import CannotRunError
from kernel.process import die_with_parent

Bytes = npt.NDArray[np.uint8]
_LAST_WORDS = 300
_CPU_FLAGS = Path("/proc/cpuinfo")


class Job(BaseModel):
    """What is to be made of what.

    Attributes:
        model: the ONNX file.
        input: of the model.
        graph: where the graph goes, .xml; its weights lie beside it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Path
    input: ModelInput
    graph: Path


def require_nncf() -> None:
    """Make sure that NNCF is installed, without loading it.

    Raises:
        CannotRunError: it is not.
    """
    if importlib.util.find_spec("nncf") is None:
        raise CannotRunError("nncf is not installed, and int8 is made by it; install Lookout with the extra int8")


def calibrate(job: Job, pictures: Sequence[Bytes], tell: Callable[[int], None]) -> None:
    """Make int8 of a model; the graph and its weights are there afterwards. Pictures are handed over in memory only.

    Args:
        job: of what.
        pictures: uint8 (height, width, 3) each.
        tell: takes how many pictures have been run so far.

    Raises:
        CannotRunError: NNCF or OpenVINO refuse, in one line.
    """
    pipe = subprocess.PIPE
    with os.fdopen(os.memfd_create("pictures"), "wb") as memory, tempfile.TemporaryFile("w+") as words:
        np.save(memory, np.stack(pictures))
        memory.flush()
        number = memory.fileno()
        command = [sys.executable, "-m", "detect.int8.calibration", str(number)]
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=words, text=True, pass_fds=(number,)) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(job.model_dump_json())
            process.stdin.close()
            for line in process.stdout:
                tell(int(line))
        if process.returncode:
            words.seek(0)
            lines = [line.strip() for line in words if line.strip()]
            reason = lines[-1][:_LAST_WORDS] if lines else f"exit code {process.returncode}"
            raise CannotRunError(f"{job.model}: int8 cannot be made of it: {reason}")


def main() -> None:
    """Do what stdin asks for."""
    die_with_parent()
    job = Job.model_validate_json(sys.stdin.read())
    seen = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what NNCF prints goes where the errors go
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # nothing here asks the internet
    make_int8(job, np.load(f"/proc/self/fd/{sys.argv[1]}", mmap_mode="r"), seen)


def make_int8(job: Job, pictures: Bytes, seen: IO[str]) -> None:
    """Quantise all but what reads the boxes: coordinates of hundreds of pixels do not fit 8 bits."""
    import nncf
    import openvino as ov

    from detect.engines.openvino_graph import take_bytes
    from detect.int8.box_reading import reads_boxes

    graph = ov.Core().read_model(job.model)
    shape = graph.inputs[0].get_partial_shape()
    graph.reshape([1, 3, job.input.height_px, job.input.width_px])
    take_bytes(graph, job.input)
    made = nncf.quantize(
        graph,
        nncf.Dataset(_Counted(pictures, seen), _as_taken),
        preset=nncf.QuantizationPreset.MIXED,  # activations of SiLU lie around -0.3 to many: not symmetric
        target_device=nncf.TargetDevice.CPU,
        subset_size=len(pictures),
        ignored_scope=nncf.IgnoredScope(names=reads_boxes(graph), validate=False),
        advanced_parameters=nncf.AdvancedQuantizationParameters(overflow_fix=_overflow_fix(nncf)),
    )
    _take_every_brightness(made)
    made.reshape(shape)
    ov.save_model(made, job.graph, compress_to_fp16=False)


def _take_every_brightness(graph: Any) -> None:
    """Let the input reach from 0 to 255: NNCF takes the mean of the pictures' brightest values, and some are dim."""
    from openvino import opset13 as ops

    for target in graph.inputs[0].get_target_inputs():
        node = target.get_node()
        if node.get_type_name() == "FakeQuantize":
            for index, limit in ((1, 0.0), (2, 255.0), (3, 0.0), (4, 255.0)):
                values = np.full_like(node.input_value(index).get_node().data, limit)
                node.input(index).replace_source_output(ops.constant(values).output(0))


class _Counted:
    """Pictures, which tell how many of them were taken."""

    def __init__(self, pictures: Bytes, seen: IO[str]) -> None:
        self._pictures, self._seen, self._count = pictures, seen, 0

    def __len__(self) -> int:
        return len(self._pictures)

    def __iter__(self) -> Iterator[Bytes]:
        for picture in self._pictures:
            self._count += 1
            print(self._count, file=self._seen, flush=True)
            yield picture


def _as_taken(picture: Bytes) -> npt.NDArray[np.float32]:
    """A picture as the graph takes it: float32 (1, 3, height, width), 0-255."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None], np.float32)


def _overflow_fix(nncf: Any) -> Any:
    try:
        flags = _CPU_FLAGS.read_text(encoding="utf-8", errors="replace").split()
    except OSError:
        flags = []
    return nncf.OverflowFix.ENABLE if needs_seven_bits(flags) else nncf.OverflowFix.DISABLE


def needs_seven_bits(flags: Collection[str]) -> bool:
    """Whether weights get seven bits: x86 without VNNI adds products of 8 bits in 16, which overflow."""
    return "avx2" in flags and not {"avx512_vnni", "avx_vnni"} & set(flags)


if __name__ == "__main__":
    main()
