"""Alembic's entry: the schema is made here and nowhere else."""

from alembic import context

from bot.database import Base
from bot.tables import every_table

every_table()
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
