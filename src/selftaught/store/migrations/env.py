"""Migrates on the connection that `schema.migrate` hands over; Alembic executes this file."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
context.run_migrations()
