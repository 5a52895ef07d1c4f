import os

import pytest

from supervisor.exam.processor_time import ProcessorMeter, ProcessSample, family, machine_busy_s, service_name


def sample(pid: int, seconds: float, *argv: str, parent: int = 1, started: int = 5) -> ProcessSample:
    return ProcessSample(pid, parent, started, seconds, argv)


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        (("python", "-m", "ingest", "--config", "c", "--shard", "1/2"), "ingest-1"),
        (("python", "-m", "detect", "--config", "c"), "detect"),
        (("python", "-m", "command_api", "--config", "c"), "command_api"),
        (("python", "-m", "command_api.live", "--config", "c"), "live"),
        (("python", "-m", "supervisor", "up", "c"), "supervisor"),
        (("python", "-m", "scripts.district", "serve", "--seed", "7"), "district"),
        (("redis-server unixsocket:/run/bus.sock",), "bus"),
        (("/usr/bin/redis-server", "-"), "bus"),
        (("/bin/sh", "-c", "x"), "other"),
        ((), "other"),
    ],
)
def test_services_are_told_by_their_command_line(argv: tuple[str, ...], name: str) -> None:
    assert service_name(argv) == name


def test_only_what_is_used_after_the_first_sample_counts() -> None:
    meter = ProcessorMeter()
    meter.note([sample(10, 7.0, "python", "-m", "detect")])
    meter.note([sample(10, 9.5, "python", "-m", "detect")])
    assert meter.seconds() == {"detect": 2.5}


def test_a_restarted_service_goes_on_counting_even_with_the_same_pid() -> None:
    meter = ProcessorMeter()
    meter.note([sample(10, 7.0, "python", "-m", "detect")])
    meter.note([sample(10, 8.0, "python", "-m", "detect")])
    meter.note([sample(10, 0.5, "python", "-m", "detect", started=90)])
    meter.note([sample(10, 0.75, "python", "-m", "detect", started=90), sample(11, 2.0, "python", "-m", "ingest")])
    assert meter.seconds() == {"detect": 1.75, "ingest-0": 2.0}


def test_busy_time_of_the_machine_leaves_out_idling_and_waiting() -> None:
    ticks_per_s = os.sysconf("SC_CLK_TCK")
    counts = [ticks_per_s * seconds for seconds in (10, 1, 4, 900, 50, 2, 3, 0, 0, 0)]
    assert machine_busy_s(f"cpu  {' '.join(map(str, counts))}\ncpu0 1 2 3\n") == 20.0


def test_family_is_a_process_and_all_that_came_from_it() -> None:
    tree = [
        sample(1, 0),
        sample(2, 0, parent=1),
        sample(3, 0, parent=2),
        sample(4, 0, parent=9),
        sample(5, 0, parent=3),
    ]
    assert {p.pid for p in family(tree, 2)} == {2, 3, 5}
