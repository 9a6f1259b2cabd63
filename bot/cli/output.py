"""How the command line speaks: lines for people, JSON for programs, faults that can be mended, the opened guidance."""

import codecs
import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console

from bot.settings import Settings, read_settings
from knowledge.base import KnowledgeBase
from knowledge.model import STACKS

err = Console(stderr=True)
out = Console()

AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
Batch = Annotated[Path | None, typer.Option(help="a file of JSON lines", exists=True, dir_okay=False)]
Line = TypeVar("Line", bound=BaseModel)


def refuse(faults: list[str]) -> NoReturn:
    complain(faults)
    sys.exit(2)


def complain(faults: list[str]) -> None:
    for fault in faults:
        err.print(fault, style="red", markup=False, highlight=False, soft_wrap=True)


def work_batch(path: Path, kind: type[Line], work: Callable[[Line], dict[str, Any]]) -> bool:
    """Prints what comes of every line that can be read, and what is wrong with the others; says if all were right."""
    all_right = True
    for number, raw in enumerate(path.read_bytes().splitlines(), 1):
        if not raw.strip():
            continue
        try:
            line = kind.model_validate_json(raw.removeprefix(codecs.BOM_UTF8))
        except ValidationError as error:
            all_right = False
            complain([f"{path}:{number}: {fault}" for fault in map(_line_fault, error.errors(include_input=False))])
        else:
            print_json(work(line))
    return all_right


def stacks_typed(typed: str) -> list[str]:
    stacks = [name.strip().lower() for name in typed.split(",") if name.strip()]
    if unknown := [name for name in stacks if name not in STACKS]:
        refuse([f"--stack: {name!r} is unknown; use any of {', '.join(STACKS)}" for name in unknown])
    return stacks


def _line_fault(fault: Mapping[str, Any]) -> str:
    name = ".".join(str(part) for part in fault["loc"])
    return f"{name}: {fault['msg']}" if name else f'{fault["msg"]}; each line is an object such as {{"question": "…"}}'


def print_json(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


@contextmanager
def opened_knowledge(settings: Settings | None = None) -> Iterator[KnowledgeBase]:
    """The guidance, with a status line while it loads."""
    from bot.assembly import open_knowledge

    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    with err.status("starting …") as status:
        knowledge = open_knowledge(settings or read_settings(), lambda step: status.update(f"{step} …"))
    yield knowledge
