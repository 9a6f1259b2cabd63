"""`advisor …`: run the bot, or ask it from the shell without Slack and without a database."""

import typer

from bot.cli import asking, running, teams
from bot.cli.checkins import checkins
from bot.cli.guidance import guidance
from bot.cli.output import refuse
from bot.errors import SettingsError
from knowledge.encoder import WrongModel
from knowledge.faults import LibraryFaults

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
for part in (running, asking, teams):
    part.add_to(app)
app.add_typer(checkins, name="checkins")
app.add_typer(guidance, name="guidance")


def main() -> None:
    """Runs the command line; what the user can mend is said in a line each, with exit code 2."""
    try:
        app()
    except SettingsError as error:
        refuse(error.faults)
    except LibraryFaults as error:
        refuse([str(fault) for fault in error.faults])
    except WrongModel as error:
        refuse([str(error)])
