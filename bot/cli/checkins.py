"""`advisor checkins …`: run a made-up team's weeks, tell why somebody was (not) asked, check one's own questions."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from bot.errors import SettingsError
from bot.settings import read_settings

if TYPE_CHECKING:
    from bot.checkins.simulation import Event, Simulation

checkins = typer.Typer(no_args_is_help=True, help="Weekly check-ins.")
err = Console(stderr=True)
out = Console(highlight=False)


@checkins.command()
def simulate(
    weeks: Annotated[int, typer.Option(min=1, max=52, help="how many weeks")] = 12,
    seed: Annotated[int, typer.Option(help="what people do depends on it")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="print a line of JSON for each event")] = False,
) -> None:
    """Run a made-up team of nine people in eight time zones through some weeks, and show what everyone received."""
    from bot.assembly import guidance_folders
    from bot.checkins.simulation import WithoutModel, simulation

    with simulation(WithoutModel(guidance_folders(read_settings())), seed, weeks) as run:
        if as_json:
            for event in run.run():
                sys.stdout.write(json.dumps(event.as_json(), ensure_ascii=False) + "\n")
                sys.stdout.flush()
        else:
            _show(run, run.run())


def _show(run: "Simulation", events: Iterable["Event"]) -> None:
    """The weeks as a person reads them, the last summary in full, and what the ledger says."""
    from bot.checkins.simulation import CHANNEL, TEAM_ZONE, proven

    shown: str | None = None
    for event in events:
        if event.round != shown:
            out.print(f"\n[bold]{event.round}[/bold]")
            shown = event.round
        local = event.at.astimezone(ZoneInfo(event.timezone or TEAM_ZONE))
        who = f"{run.names.get(event.user or '', 'the team')} ({event.timezone})"
        detail = f": {event.detail}" if event.detail else ""
        out.print(f"  {local:%a %m-%d %H:%M}  {who:<26} {event.event}{detail}", markup=False, soft_wrap=True)
    summaries = [text for channel, mark, text in run.slack.heard if channel == CHANNEL and ":summary:" in mark]
    if summaries:
        out.print(f"\n[bold]The last summary in the channel[/bold]\n  {summaries[-1]}", soft_wrap=True)
    ledger = ", ".join(f"{number} {outcome}" for outcome, number in sorted(proven(run).items()))
    out.print(f"\n[bold]The ledger:[/bold] every due ask ended: {ledger}.")


@checkins.command()
def explain(
    user: Annotated[str, typer.Option(help="a person's Slack id, such as U012AB3CD")],
    week: Annotated[str, typer.Option(help="an ISO week, such as 2026-W47")],
    workspace: Annotated[str | None, typer.Option(help="Slack's team id, where there are several")] = None,
) -> None:
    """Tell why somebody was or was not asked in a week, from the advisor's own database."""
    from bot.assembly import open_database
    from bot.checkins.looking_up import explained

    engine = open_database(read_settings())
    try:
        lines = explained(engine, user, week, workspace)
    except ValueError as error:
        raise SettingsError([f"--week: {week} is no week; write it like 2026-W47"]) from error
    finally:
        engine.dispose()
    for line in lines:
        out.print(line, markup=False, soft_wrap=True)


@checkins.command("check-questions")
def check_questions(
    folder: Annotated[Path, typer.Argument(help="a folder with YAML files", exists=True, file_okay=False)],
) -> None:
    """Check a team's own check-in questions; each fault is said with its file and line."""
    from bot.checkins.own import read_folder

    questions = read_folder(folder)
    out.print(f"{len(questions)} question{'' if len(questions) == 1 else 's'}, no faults.")
