"""The engine, how tables are named, and datetimes that are always UTC."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import DateTime, Engine, MetaData, create_engine, event
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

Sessions = sessionmaker[Session]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored and read as UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime was about to be stored; give it a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables; every one carries `workspace_id`, so one process can serve many workspaces."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}


def open_engine(url: str, connections: int = 20) -> Engine:
    """An engine for SQLite or PostgreSQL.

    Args:
        url: SQLAlchemy's; a plain `postgresql://` means psycopg.
        connections: as many as there are threads that may need one at once.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        drivername = "postgresql+psycopg" if parsed.drivername == "postgresql" else parsed.drivername
        return create_engine(
            parsed.set(drivername=drivername), pool_size=connections, max_overflow=4, pool_pre_ping=True
        )
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, pool_size=connections, max_overflow=4)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediately)
    return engine


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # or the driver begins transactions later than SQLAlchemy believes
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=15000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediately(connection: Any) -> None:
    # A deferred transaction that turns from reading to writing fails at once when another has written; one that
    # begins by locking waits its turn.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def open_sessions(engine: Engine) -> Sessions:
    return sessionmaker(engine, expire_on_commit=False)


def migrate(engine: Engine) -> None:
    """Brings the schema to the newest version; several processes may do so at once."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7326415)")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
