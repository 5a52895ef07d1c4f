"""An engine's numbers to boxes in source pixels."""
