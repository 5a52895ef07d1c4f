"""bytes -> frames -> cores (sans-IO: transfer, commands, parameters, telemetry, liveness) -> VehicleLink -> flight."""
