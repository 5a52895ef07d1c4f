"""Whose picture goes next, and the way of a batch through an engine."""
