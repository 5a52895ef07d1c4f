"""Pictures out of the ring, cut and scaled to what an engine takes."""
