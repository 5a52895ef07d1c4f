"""patrol config -> plan -> checks -> mission -> MAVLink link -> vehicle -> telemetry -> bus -> wall."""
