"""Life and death of service processes."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import textwrap
from contextlib import suppress
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).resolve().parents[2]

THREADS = """
    from kernel.process import stop_on_signals
    stop = stop_on_signals()
    print("ready", flush=True)
    stop.wait()
    print("stopped", flush=True)
"""
LOOP = """
    import asyncio
    from kernel.process import stop_on_signals_async
    async def main():
        stop = stop_on_signals_async()
        print("ready", flush=True)
        await stop.wait()
        print("stopped", flush=True)
    asyncio.run(main())
"""
COMMAND = """
    import sys, tempfile, threading
    from kernel.process import end_on_signals
    end_on_signals()
    with tempfile.TemporaryDirectory(dir=sys.argv[1]):
        try:
            print("ready", flush=True)
            threading.Event().wait()
        finally:
            print("leaving", flush=True)
            sys.stdin.readline()
"""
CHILD = """
    import os, sys
    from kernel.process import die_with_parent
    die_with_parent(int(sys.argv[1]))
    print(os.getpid(), flush=True)
    sys.stdin.read()
"""
PARENT = """
    import os, subprocess, sys
    subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid())], stdin=subprocess.PIPE).wait()
"""


def start(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), *arguments], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("program", [THREADS, LOOP], ids=["threads", "loop"])
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_a_service_in_good_order(program: str, signum: signal.Signals) -> None:
    process = start(program)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signum)
    out, _ = process.communicate(timeout=10)
    assert (out, process.returncode) == ("stopped\n", 0)


def test_a_child_dies_with_its_parent() -> None:
    parent = start(PARENT, textwrap.dedent(CHILD))
    assert parent.stdout is not None
    child = os.pidfd_open(int(parent.stdout.readline()))
    parent.kill()
    assert select.select([child], [], [], 10)[0], "the child outlived its parent"
    os.close(child)
    parent.communicate()


def test_a_child_whose_parent_is_gone_already_does_not_start() -> None:
    program = "from kernel.process import die_with_parent; die_with_parent(1 << 22); print('alive')"
    process = start(program)
    out, _ = process.communicate(timeout=10)
    assert (out, process.returncode) == ("", -signal.SIGTERM)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_told_to_end_takes_its_files_with_it(signum: signal.Signals, tmp_path: Path) -> None:
    """Regression: benches that were stopped left rings of a hundred megabytes in /dev/shm."""
    program = [sys.executable, "-c", textwrap.dedent(COMMAND), str(tmp_path)]
    with subprocess.Popen(program, cwd=REPOSITORY, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert len(list(tmp_path.iterdir())) == 1
        process.send_signal(signum)
        assert process.stdout.readline() == "leaving\n"
        process.send_signal(signal.SIGTERM)  # a second one does not break it off
        process.communicate("on\n", timeout=10)
    assert process.returncode == 128 + signum
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_rendering_ends_with_who_asked_for_it(tmp_path: Path, end: signal.Signals) -> None:
    command = [sys.executable, "-m", "scripts.district", "render", "--var", str(tmp_path), "--workers", "2"]
    with subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True) as program:
        assert program.stderr is not None
        assert "rendering" in program.stderr.readline()
        children = Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()
        watched = [os.pidfd_open(int(child)) for child in children]
        assert len(watched) >= 2
        program.send_signal(end)
        try:
            for one in watched:
                assert select.select([one], [], [], 60)[0], "a process goes on drawing for nobody"
        finally:
            for one in watched:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(one, signal.SIGKILL)
                os.close(one)
