"""Alerts as the room handles them: how updates merge, which steps are allowed, what the page gets to see."""
