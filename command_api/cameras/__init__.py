"""Cameras as the page sees them: the register, and what is known of their streams at this moment."""
