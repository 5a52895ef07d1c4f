"""`lookout` command -> services: start, watch, restart, stop."""
