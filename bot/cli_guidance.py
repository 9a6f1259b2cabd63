"""`advisor guidance …`: whether the guidance is right."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

guidance = typer.Typer(no_args_is_help=True, help="What the advisor knows.")
out = Console(highlight=False)

Folder = Annotated[Path | None, typer.Argument(help="your own guidance; GUIDANCE_FOLDER if left out", exists=True)]


@guidance.callback()
def _group() -> None:
    """A group also while it has a single command."""


@guidance.command()
def check(folder: Folder = None) -> None:
    """Tell what is wrong with ours and your own guidance, a line each: file, line, what to do."""
    from bot.assembly import guidance_folders
    from bot.settings import read_settings
    from knowledge.base import GUIDANCE
    from knowledge.library import load_library

    folders = guidance_folders(read_settings()) if folder is None else [GUIDANCE, folder]
    entries = len(load_library(*folders))
    out.print(f"{entries} entries in {' and '.join(map(str, folders))}, no faults", soft_wrap=True)
