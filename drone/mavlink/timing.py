"""How long each part of an exchange waits, in seconds on the link's clock.

Source: MAVLink mission protocol (1.5 s, 250 ms for items, 5 tries), lengthened to what lossy links were measured to
need (FACTS-MAVLINK): at 40% loss each way an exchange succeeds one time in three.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Waiting times and tries.

    Attributes:
        reply_s: before a request (count, list) is repeated.
        item_s: before an item is asked for again in a download; grows with the round-trip time seen.
        settle_s: silence after the last item was answered, that says the vehicle has them all (its ACK was lost).
        stall_s: silence in the middle of an upload after which it is begun anew; longer than the 8 s after which
            ArduPilot itself gives up, because a new count makes it ask from the first item again.
        silence_s: no word of the plan protocol at all: given up.
        transfer_s, per_item_s: a transfer ends, whatever happens, after transfer_s + items * per_item_s.
        attempts: uploads made before a plan that reads back otherwise is given up.
        command_s, command_tries: before a command is repeated, and sends of it before NO_ANSWER.
        parameter_s, parameter_tries: the same of a parameter request. A vehicle without that parameter says nothing
            at all, so this is what looking for one costs.
        progress_s: wait for the end of a command the vehicle said is IN_PROGRESS, from each such word.
        confirm_s: wait for the effect (mode, item) to show after the acknowledgement.
    """

    reply_s: float = 1.5
    item_s: float = 0.25
    settle_s: float = 3.0
    stall_s: float = 9.0
    silence_s: float = 20.0
    transfer_s: float = 60.0
    per_item_s: float = 3.0
    attempts: int = 4
    command_s: float = 1.0
    command_tries: int = 8
    parameter_s: float = 0.7
    parameter_tries: int = 8
    progress_s: float = 60.0
    confirm_s: float = 6.0
