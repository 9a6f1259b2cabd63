"""Says in Slack what concerns teams, through the outbox."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.delivery.service import Outbox
from bot.slack.words import Words
from bot.teams import messages
from bot.teams.admin import AuditLine
from bot.teams.phases import Changed, Reply
from bot.teams.plan import Plan
from bot.teams.profile import Pinned, TeamProfile


class TeamAnnouncer:
    """Writes down what is to be said about teams."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def welcome(self, session: Session, team: TeamProfile, by: str) -> str:
        return self._post(session, team, f"team:{team.id}:welcome", team.home_channel, messages.welcome(team, by))

    def unwelcome(self, session: Session, team: TeamProfile, by: str, refusal: str) -> str:
        return self._post(session, team, f"team:{team.id}:unwelcome", by, messages.unwelcome(team, refusal))

    def phase_changed(self, session: Session, team: TeamProfile, change: Changed) -> None:
        words = messages.phase_changed(team, change)
        self._post(session, team, f"phase:{change.id}", team.home_channel, words)

    def look_again(self, session: Session, team: TeamProfile, pinned: Pinned, occasion: str) -> None:
        words = messages.look_again(team, pinned)
        for owner in team.owners:
            self._post(session, team, f"pin:{occasion}:{owner}", owner, words)

    def plan(self, session: Session, team: TeamProfile, plan: Plan | None, reply: Reply) -> str:
        key = f"plan:{reply.occasion}"
        self._outbox.respond(
            session,
            messages.plan(team, plan),
            workspace_id=team.workspace_id,
            key=key,
            person=reply.person,
            response_url=reply.response_url,
        )
        return key

    def export(self, session: Session, team: TeamProfile, by: str, lines: Sequence[AuditLine], occasion: str) -> None:
        key = self._post(session, team, f"audit:{occasion}", by, messages.audit_export(team, len(lines)))
        self._outbox.upload(
            session,
            messages.audit_file(team, lines),
            workspace_id=team.workspace_id,
            key=f"{key}:file",
            target=by,
            thread_of=key,
        )

    def _post(self, session: Session, team: TeamProfile, key: str, target: str, words: Words) -> str:
        self._outbox.post(session, words, workspace_id=team.workspace_id, key=key, target=target)
        return key
