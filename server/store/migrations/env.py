"""Run migrations over the connection that `server.migrate` hands in. Rule: reads no settings."""

from alembic import context
from sqlalchemy import Connection

from server.store import file_tables, kind_tables, people_tables, proof_tables, tables


def run(connection: Connection) -> None:
    # Importing the others puts their tables into the one metadata.
    assert kind_tables.KIND_TABLES and people_tables.people is not None
    assert file_tables.blobs.metadata is proof_tables.links.metadata
    context.configure(
        connection=connection,
        target_metadata=tables.metadata,
        user_module_prefix="",
        render_as_batch=True,  # SQLite cannot ALTER most things in place.
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
