"""`make bench`: prints a table and writes bench/results/latest.json. `ONLY="answers quality"` runs some of it."""

import importlib
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

PARTS = ("start", "answers", "search", "acks", "quality", "checkins", "triage")
RESULTS = Path(__file__).parent / "results"


def main(parts: list[str]) -> None:
    console = Console()
    results: dict[str, Any] = {"python": platform.python_version(), "cores": os.cpu_count()}
    for name in parts or list(PARTS):
        began = time.perf_counter()
        with console.status(f"measuring {name} …"):
            results[name] = importlib.import_module(f"bench.{name}").run()
        console.print(_table(name, results[name], time.perf_counter() - began))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "latest.json").write_text(json.dumps(results, indent=1) + "\n")
    console.print(f"Written to {RESULTS / 'latest.json'}. This machine is shared: read the ratios, not the times.")


def _table(name: str, figures: dict[str, Any], seconds: float) -> Table:
    table = Table(title=f"{name} ({seconds:.0f} s)", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for figure, value in figures.items():
        table.add_row(figure, f"{value:.3f}" if isinstance(value, float) else str(value))
    return table


main([*sys.argv[1:], *os.environ.get("ONLY", "").split()])
