"""A real process of the bot's beat, to be killed: `python -m tests.checkins.beater DATABASE SLACK CLOCKFILE`."""

import sys
import time
from datetime import datetime
from pathlib import Path

from bot.checkins.parts import build_parts
from bot.checkins.simulation import WithoutModel
from bot.database import open_engine, open_sessions
from bot.delivery.postman import Postman
from bot.delivery.service import Outbox
from bot.slack.client import SlackVoice, web_client
from bot.slack.directory import SlackDirectory
from bot.teams.people import People
from bot.teams.service import Teams


def main(database: str, slack: str, clock_file: Path) -> None:
    def clock() -> datetime:
        return datetime.fromisoformat(clock_file.read_text())

    sessions = open_sessions(open_engine(database))
    client = web_client("xoxb-test", slack)
    outbox = Outbox(sessions, clock)
    postman = Postman(outbox, lambda workspace_id: SlackVoice(client))
    people = People(sessions, SlackDirectory(lambda workspace_id: client), clock)
    teams = Teams(sessions, people, clock)
    parts = build_parts(sessions, teams, people, WithoutModel(), [], outbox, postman.bring, clock)
    while True:
        for duty in parts.duties():
            duty.do()
        postman.deliver(limit=3)
        time.sleep(0.02)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
