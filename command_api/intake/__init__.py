"""From the bus into the store: commit first, then acknowledge, then tell. While the store does not write, wait."""
