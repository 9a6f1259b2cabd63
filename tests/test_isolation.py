"""No query mixes workspaces: walks every query of every store and looks at the SQL it sends."""

import inspect
import re
import types
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from sqlalchemy import Engine, create_engine, event
from sqlalchemy import inspect as inspect_table
from sqlalchemy.orm import Session

import bot
from bot.database import Base
from bot.tables import every_table

ASKED = "T0ASKED"
STORES = sorted(f"bot.{path.parent.name}.store" for path in Path(bot.__file__).parent.glob("*/store.py"))
#: Queries on rows or ids that a sweep of the beat found, or on nobody's in particular.
OF_WHAT_A_SWEEP_FOUND = {
    "bot.delivery.store.give_up_claims",
    "bot.delivery.store.forget_before",
    "bot.checkins.store.claimed_invitations",
    "bot.checkins.store.add_invitations",
    "bot.checkins.store.has_answered",
    "bot.triage.store.forget_offers",
}
NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
FROM = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO) (\w+)(?: AS (\w+))?")


def queries() -> Iterator[tuple[str, Callable[..., Any]]]:
    for name in STORES:
        module = import_module(name)
        for function_name, function in inspect.getmembers(module, inspect.isfunction):
            takes_session = "session" in inspect.signature(function).parameters
            if function.__module__ == name and takes_session and not function_name.startswith("_"):
                yield f"{name}.{function_name}", function


def is_sweep(query: Callable[..., Any]) -> bool:
    """Whether it is asked by the beat for a number of due things, in whichever workspace."""
    parameters = inspect.signature(query).parameters
    return "limit" in parameters and "workspace_id" not in parameters


SWEEPS = [(name, query) for name, query in queries() if is_sweep(query)]
SCOPED = [(name, query) for name, query in queries() if not is_sweep(query) and name not in OF_WHAT_A_SWEEP_FOUND]


@pytest.fixture
def empty() -> Iterator[Engine]:
    every_table()
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.mark.parametrize(("name", "query"), SCOPED, ids=[name for name, _ in SCOPED])
def test_a_query_only_sees_the_workspace_it_is_asked_about(name: str, query: Callable[..., Any], empty: Engine) -> None:
    sent: list[tuple[str, object]] = []
    event.listen(empty, "before_cursor_execute", lambda c, cur, sql, params, ctx, many: sent.append((sql, params)))

    with Session(empty) as session:
        query(**arguments(query, session))
        session.flush()

    statements = [(sql, params) for sql, params in sent if not sql.startswith(("BEGIN", "PRAGMA"))]
    assert statements, f"{name} asked nothing: does it do what it says with the arguments of this test?"
    for sql, params in statements:
        assert ASKED in str(params), f"{name} does not ask for the workspace: {sql}"
        assert [table for table in tables(sql) if not is_bound(table, sql)] == [], f"{name}: {sql}"


@pytest.mark.parametrize(("name", "query"), SWEEPS, ids=[name for name, _ in SWEEPS])
def test_a_sweep_names_the_workspaces_of_what_it_found(name: str, query: Callable[..., Any]) -> None:
    """Rows carry theirs, tuples of plain values begin with it."""
    returned = str(get_type_hints(query)["return"])
    assert "tuple[str" in returned or "bot." in returned


def test_every_table_carries_its_workspace() -> None:
    every_table()
    assert [table.name for table in Base.metadata.sorted_tables if "workspace_id" not in table.columns] == []


def is_bound(table: str, sql: str) -> bool:
    """By its own workspace, or by the id of something that is."""
    return re.search(rf"\b{table}\.(workspace_id|\w+_id|id) (=|IN)", sql) is not None


def tables(sql: str) -> list[str]:
    """The tables (by alias) that a statement reads or changes; an INSERT names its columns without a table."""
    if sql.startswith("INSERT"):
        assert "workspace_id" in sql
        return []
    names = [alias or table for table, alias in FROM.findall(sql)]
    return [name for name in names if name not in ("SELECT", "anon_1", "anon_2", "anon_3")]


def arguments(query: Callable[..., Any], session: Session) -> dict[str, Any]:
    hints = get_type_hints(query)
    given = {name: value(hints[name]) for name in inspect.signature(query).parameters if name != "session"}
    return {"session": session, **given, **({"workspace_id": ASKED} if "workspace_id" in given else {})}


def value(kind: Any) -> Any:
    """Some value of an annotation."""
    if get_origin(kind) in (Union, types.UnionType):
        return value(next(each for each in get_args(kind) if each is not type(None)))
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if get_origin(kind) is tuple:
        return tuple(value(each) for each in get_args(kind) if each is not ...)
    if get_origin(kind) in (list, set, frozenset, Sequence, Collection, Iterable):
        return [value(get_args(kind)[0])]
    if get_origin(kind) in (dict, Mapping):
        return {value(get_args(kind)[0]): value(get_args(kind)[1])}
    return simple(kind)


def simple(kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, Base):
        columns = inspect_table(kind).columns
        return kind(**{column.key: ASKED if column.key == "workspace_id" else 1 for column in columns})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    known = {
        str: "x",
        int: 1,
        float: 1.0,
        bool: True,
        datetime: NOW,
        date: NOW.date(),
        timedelta: timedelta(1),
        bytes: b"x",
    }
    assert kind in known, f"teach tests/test_isolation.py to make a {kind}"
    return known[kind]
