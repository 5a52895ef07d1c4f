"""Alembic's entry: migrates over the connection that the store hands in."""

from __future__ import annotations

from alembic import context

from command_api.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
