"""`advisor phase`, `advisor audit`: what teams are told and what was changed, from the shell."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markdown import Markdown

from bot.cli.output import AsJson, out, print_json
from bot.settings import read_settings

if TYPE_CHECKING:
    from bot.teams.phase import Detected
    from bot.teams.plan import Plan


def add_to(app: typer.Typer) -> None:
    for command in (phase, audit):
        app.command()(command)


def phase(
    users: Annotated[float | None, typer.Option(min=0, help="registered users")] = None,
    growth: Annotated[float | None, typer.Option(help="growth a month, in %")] = None,
    peak: Annotated[float | None, typer.Option(min=0, help="requests per second at peak")] = None,
    database_gb: Annotated[float | None, typer.Option(min=0, help="size of the database, in GB")] = None,
    engineers: Annotated[float | None, typer.Option(min=0, help="engineers")] = None,
    deploys: Annotated[float | None, typer.Option(min=0, help="deploys a week")] = None,
    incidents: Annotated[float | None, typer.Option(min=0, help="incidents a month")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell the growth phase of these numbers, why, and what it makes due."""
    from bot.assembly import guidance_folders
    from bot.teams.phase import detect
    from bot.teams.plan import as_json as plan_as_json
    from bot.teams.plan import plan_for
    from bot.teams.profile import FactName
    from knowledge.library import load_library

    numbers = zip(FactName, (users, growth, peak, database_gb, engineers, deploys, incidents), strict=True)
    detected = detect({name: number for name, number in numbers if number is not None})
    library = load_library(*guidance_folders(read_settings()))
    plan = plan_for(library, detected.phase, {}) if detected.phase else None
    if as_json:
        print_json({"phase": detected.phase, "evidence": detected.evidence, "plan": plan and plan_as_json(plan)})
    else:
        out.print(Markdown(_phase_as_markdown(detected, plan)))


def _phase_as_markdown(detected: "Detected", plan: "Plan | None") -> str:
    lines = [f"**{detected.phase or 'The phase is not known'}**", *(f"- {line}" for line in detected.evidence)]
    if plan is not None:
        lines += ["", "**Do now, in this order**", *(f"1. {item.entry.title}" for item in plan.do_now)]
        lines += [
            "",
            "**Leave alone for now**",
            *(f"- {left.entry.title}: {left.trigger}" for left in plan.leave_alone),
        ]
        lines += ["", f"**Next, at {plan.next_phase}**", *(f"- {entry.title}" for entry in plan.preview)]
    return "\n".join(lines)


def audit(
    workspace: Annotated[str, typer.Option(help="Slack's team id, such as T0123ABCD")],
    team: Annotated[int | None, typer.Option(help="a team's number; the workspace's own changes if left out")] = None,
) -> None:
    """Print every recorded change of a team's settings, roles and phase as CSV."""
    from bot.assembly import open_database
    from bot.database import open_sessions
    from bot.teams.admin import as_csv, exported

    with open_sessions(open_database(read_settings())).begin() as session:
        sys.stdout.write(as_csv(exported(session, workspace, team)))
