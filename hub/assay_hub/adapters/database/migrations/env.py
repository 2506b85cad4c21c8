"""How Alembic reaches the database: with the engine that the caller opened."""

from alembic import context

from assay_hub.adapters.database.tables import metadata

engine = context.config.attributes["engine"]
with engine.begin() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    context.run_migrations()
