from __future__ import annotations

import threading

from ingest.service_gate import ServiceGate


def test_each_opening_is_a_service_of_its_own() -> None:
    gate, stop = ServiceGate(is_open=False), threading.Event()
    assert gate.service is None
    assert gate.turn(True)
    first = gate.wait_open(stop)
    assert not gate.turn(True)
    assert gate.wait_open(stop) == first
    gate.turn(False)
    gate.turn(True)
    assert gate.service not in (None, first)


def test_a_wait_ends_with_the_service_it_was_for_or_with_the_stop() -> None:
    gate, stop = ServiceGate(is_open=True), threading.Event()
    first = gate.wait_open(stop)
    assert first is not None
    waits = threading.Thread(target=gate.wait_while, args=(first, stop, 30.0))
    waits.start()
    gate.turn(False)
    waits.join(5.0)
    assert not waits.is_alive()

    found: list[int | None] = []
    waits = threading.Thread(target=lambda: found.append(gate.wait_open(stop)))
    waits.start()
    stop.set()
    gate.wake()
    waits.join(5.0)
    assert found == [None]
