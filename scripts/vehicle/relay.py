"""A lossy UDP relay between a ground station and a vehicle: loss, duplicates, delay and disorder each way, by seed.

    ground station <-> [--ground] relay [--vehicle] <-> vehicle
`python -m scripts.vehicle.relay --ground udpin:127.0.0.1:14550 --vehicle udpin:127.0.0.1:14560 --loss 0.2`
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys

from kernel.errors import BadInputError, LookoutError
from scripts.vehicle.edge import Address, UdpLink, open_udp, parse_address
from scripts.vehicle.radio import Quality, Radio


class Way:
    """One direction: packets pushed in leave at the other side when the radio lets them."""

    def __init__(self, quality: Quality, seed: str) -> None:
        self.radio = Radio(quality, random.Random(seed))
        self.out: UdpLink | None = None
        self._timer: asyncio.TimerHandle | None = None

    def push(self, packet: bytes) -> None:
        self.radio.push(packet, asyncio.get_running_loop().time())
        self._flush()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        packets = self.radio.due(loop.time())
        if self.out is not None:
            self.out.send(packets)
        self.stop()
        if self.radio.next_s is not None:
            self._timer = loop.call_at(self.radio.next_s, self._flush)


class Relay:
    """Both directions of one link. `up` goes to the vehicle, `down` to the ground station."""

    def __init__(self, ground: Address, vehicle: Address, up: Quality, down: Quality, seed: int) -> None:
        self._ground, self._vehicle = ground, vehicle
        self.up, self.down = Way(up, f"up {seed}"), Way(down, f"down {seed}")
        self._links: list[UdpLink] = []

    async def start(self) -> None:
        """Open both sides.

        Raises:
            CannotRunError: a port cannot be had.
        """
        self.down.out = await open_udp(self._ground, self.up.push)
        self._links.append(self.down.out)
        self.up.out = await open_udp(self._vehicle, self.down.push)
        self._links.append(self.up.out)

    @property
    def ports(self) -> tuple[int, int]:
        """The ports it has on the ground station's and on the vehicle's side."""
        ground, vehicle = self._links
        return ground.port, vehicle.port

    def stop(self) -> None:
        for way in (self.up, self.down):
            way.stop()
        for link in self._links:
            link.close()


def main(argv: list[str] | None = None) -> int:
    """Run the relay until interrupted; the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        asyncio.run(_serve(_relay(arguments)))
    except KeyboardInterrupt:
        return 0
    except LookoutError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    return 0


async def _serve(relay: Relay) -> None:
    await relay.start()
    print(f"ready ground_port={relay.ports[0]} vehicle_port={relay.ports[1]}", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        relay.stop()


def _relay(arguments: argparse.Namespace) -> Relay:
    ends = [parse_address(text) for text in (arguments.ground, arguments.vehicle)]
    for text, address in zip((arguments.ground, arguments.vehicle), ends, strict=True):
        if address.kind not in ("udp", "udpin"):
            raise BadInputError(f"{text}: a relay carries UDP only: udp:HOST:PORT or udpin:HOST:PORT")
    losses = [arguments.loss if loss is None else loss for loss in (arguments.loss_up, arguments.loss_down)]
    if not all(0 <= share <= 1 for share in (*losses, arguments.duplicate, arguments.reorder)):
        raise BadInputError("--loss, --duplicate and --reorder are shares between 0 and 1")
    delay_s, jitter_s = arguments.delay_ms / 1000, arguments.jitter_ms / 1000
    up, down = (Quality(loss, arguments.duplicate, arguments.reorder, delay_s, jitter_s) for loss in losses)
    return Relay(ends[0], ends[1], up, down, arguments.seed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.vehicle.relay", description="A lossy UDP relay.")
    add = parser.add_argument
    add("--ground", required=True, help="the ground station's side: udpin:HOST:PORT or udp:HOST:PORT")
    add("--vehicle", required=True, help="the vehicle's side: udpin:HOST:PORT or udp:HOST:PORT")
    add("--loss", type=float, default=0.0, help="share of packets lost, each way")
    add("--loss-up", type=float, help="towards the vehicle, instead of --loss")
    add("--loss-down", type=float, help="from the vehicle, instead of --loss")
    add("--duplicate", type=float, default=0.0)
    add("--reorder", type=float, default=0.0, help="share of packets held back 20 to 120 ms")
    add("--delay-ms", type=float, default=0.0)
    add("--jitter-ms", type=float, default=0.0)
    add("--seed", type=int, default=0)
    return parser


if __name__ == "__main__":
    sys.exit(main())
