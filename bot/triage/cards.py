"""What App Home shows of incidents: those going on, what a person still has to do, and a way to begin."""

from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, PlainTextObject

from bot.database import Sessions
from bot.slack.blocks import escape, header, section, shorten
from bot.teams.profile import Visitor
from bot.triage import store
from bot.triage.messages import ActionId
from bot.triage.model import FollowUp, Incident

MOST_LINES = 5


class IncidentCard:
    """Incidents of the visitor's team, and the visitor's own follow-ups."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def blocks(self, visitor: Visitor) -> Sequence[Block]:
        where = visitor.workspace_id
        with self._sessions.begin() as session:
            going_on = store.under_way(session, where, [visitor.team.id]) if visitor.team else []
            todos = store.open_follow_ups(session, where, visitor.person.id)
        return card(going_on, todos)


def card(going_on: Sequence[Incident], todos: Sequence[FollowUp]) -> list[Block]:
    text = "\n".join(_incident(incident) for incident in going_on[:MOST_LINES]) or "Nothing is going on."
    begin = ButtonElement(text=PlainTextObject(text="Start a triage"), action_id=ActionId.START, value="home")
    return [
        header("Incidents"),
        section(text),
        *(_todo(todo) for todo in todos[:MOST_LINES]),
        ActionsBlock(block_id="triage_start", elements=[begin]),
    ]


def _incident(incident: Incident) -> str:
    owner = f"<@{incident.owner}>" if incident.owner else "nobody"
    return f"🚨 Incident {incident.id} in <#{incident.channel}>: {incident.state}, led by {owner}"


def _todo(todo: FollowUp) -> Block:
    done = ButtonElement(text=PlainTextObject(text="Done"), action_id=ActionId.DONE, value=str(todo.id))
    text = f"⬜ {escape(shorten(todo.text, 1000))} – due {todo.due.isoformat()} (incident {todo.incident_id})"
    return section(text, block_id=f"my_todo:{todo.id}", accessory=done)
