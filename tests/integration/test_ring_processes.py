"""The frame ring between real processes: torn frames are never believed, deaths noticed, a full /dev/shm said."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from kernel.config.camera import StreamName
from kernel.ring import RingReader, RingWriter

pytestmark = pytest.mark.integration

MAIN = ("cam-01", StreamName.MAIN)
REPOSITORY = Path(__file__).resolve().parents[2]
WRITER = """
    import sys
    from pathlib import Path
    import numpy as np
    from kernel.config.camera import StreamName
    from kernel.ring import RingWriter

    writer = RingWriter(Path(sys.argv[1]), [("cam-01", StreamName.MAIN)])
    slots = writer.slot_for("cam-01", StreamName.MAIN)
    frames = int(sys.argv[2])
    luma = [np.full((360, 640), value, np.uint8) for value in range(256)]
    chroma = [np.full((180, 320), value, np.uint8) for value in range(256)]
    for sequence in range(1, frames + 1):
        value = sequence & 0xFF
        slots.write(luma[value], chroma[value], chroma[value], pts=sequence, captured_at_us=sequence)
    print("done", flush=True)
    sys.stdin.readline()
"""


def start_writer(path: Path, frames: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), str(path), str(frames)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_torn_frame_is_never_believed() -> None:
    """A writer laps the slots as fast as it can while frames are checked slowly, row by row."""
    frames = 30_000
    path = Path("/dev/shm") / f"lookout-stress-{os.getpid()}.ring"
    process = start_writer(path, frames)
    intact, recycled, torn_and_believed, last = 0, 0, 0, 0
    try:
        with RingReader(path) as reader:
            while last < frames:
                view = reader.newest(*MAIN)
                if view is None:
                    assert process.poll() is None
                    continue
                assert view.sequence >= last
                last = view.sequence
                expected = view.sequence & 0xFF
                uniform = all(int(plane.min()) == int(plane.max()) == expected for plane in (view.y, view.u, view.v))
                if view.is_intact():
                    intact += 1
                    torn_and_believed += not (uniform and view.pts == view.captured_at_us == view.sequence)
                else:
                    recycled += 1
    finally:
        process.kill()
        process.communicate()
        path.unlink(missing_ok=True)
    assert torn_and_believed == 0
    assert intact > 100
    assert recycled > 0, "the writer never caught up with the reader: the test shows nothing"


def test_a_killed_writer_is_noticed_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "r"
    process = start_writer(path, 5)
    assert process.stdout is not None
    assert process.stdout.readline() == "done\n"
    with RingReader(path) as reader:
        assert reader.has_live_writer
        before = reader.position(*MAIN)
        process.kill()
        process.communicate()
        assert not reader.has_live_writer
        assert path.exists()
        writer = RingWriter(path, [MAIN])
        writer.slot_for(*MAIN).write(
            np.full((36, 64), 7, np.uint8), *[np.zeros((18, 32), np.uint8)] * 2, pts=0, captured_at_us=0
        )
        after = reader.position(*MAIN)
        assert reader.has_live_writer
        assert before is not None
        assert after is not None
        assert after[0] > before[0]
        writer.close()


def test_a_full_shared_memory_is_an_error_not_a_bus_error(tmp_path: Path) -> None:
    """Regression: a store into a page that tmpfs cannot give kills the process with SIGBUS."""
    unshare = shutil.which("unshare")
    probe = [str(unshare), "-Urm", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)]
    if unshare is None or subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("no user namespace to mount a small tmpfs in")
    program = textwrap.dedent("""
        import sys
        from pathlib import Path
        import numpy as np
        from kernel.config.camera import StreamName
        from kernel.ring import NoSharedMemory, RingReader, RingWriter
        path = Path(sys.argv[1]) / "r"
        writer = RingWriter(path, [("cam-01", StreamName.MAIN)])
        slots = writer.slot_for("cam-01", StreamName.MAIN)
        def write(height, width):
            half = np.zeros((height // 2, width // 2), np.uint8)
            slots.write(np.zeros((height, width), np.uint8), half, half, pts=0, captured_at_us=0)
        write(90, 160)
        try:
            write(720, 1280)
        except NoSharedMemory as error:
            print(error)
        write(90, 160)
        print(RingReader(path).position("cam-01", StreamName.MAIN)[1])
    """)
    mount_and_run = 'mount -t tmpfs -o size=1m tmpfs "$1" && exec "$2" -c "$3" "$1"'
    result = subprocess.run(
        [unshare, "-Urm", "sh", "-c", mount_and_run, "sh", str(tmp_path), sys.executable, program],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    message, sequence = result.stdout.splitlines()
    assert message.startswith(f"{tmp_path}: no room for 1.4 MB (4 frames of cam-01/main); enlarge it")
    assert sequence == "2"
