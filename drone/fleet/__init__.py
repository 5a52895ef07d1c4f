"""schedule, orders and alerts -> runs -> a flight per drone -> telemetry and flights on the bus."""
