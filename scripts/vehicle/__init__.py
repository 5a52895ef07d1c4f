"""A simulated multicopter: MAVLink bytes -> handlers -> autopilot -> point mass -> telemetry bytes.

It speaks as a real ArduCopter was measured to speak, faults included, and is written without a line of `drone/`, so
that the two check each other. `vehicle.Vehicle` is the sans-IO core (bytes and `now_s` in, datagrams out); `edge` is
the thin asyncio link; `relay` is a lossy UDP relay to put between the two ends.
"""
