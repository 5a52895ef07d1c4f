"""Alembic migrations, packaged so that an installed Lookout migrates by itself at start."""
