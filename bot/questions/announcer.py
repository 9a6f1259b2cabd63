"""Says answers in Slack, through the outbox."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.delivery.service import Outbox
from bot.questions import messages
from bot.questions.model import Question, Via
from bot.questions.service import Asked, Asker
from bot.slack.words import Words
from bot.teams.messages import offer_setup, which_team
from bot.teams.profile import Seen, TeamProfile
from knowledge.base import Answers


class QuestionAnnouncer:
    """Writes down what is to be said about questions."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def answer(
        self, session: Session, question: Question, answers: Answers, asker: Asker, response_url: str | None
    ) -> None:
        words = messages.answer(answers, question.id, asker)
        if question.via == Via.COMMAND and response_url:
            self._outbox.respond(
                session,
                words,
                workspace_id=question.workspace_id,
                key=question.key,
                person=question.asked_by,
                response_url=response_url,
            )
        else:
            self._outbox.post(
                session,
                words,
                workspace_id=question.workspace_id,
                key=question.key,
                target=question.channel,
                thread_ts=question.thread_ts,
            )

    def revise(
        self,
        session: Session,
        question: Question,
        answers: Answers,
        asker: Asker,
        *,
        whole: bool,
        response_url: str | None,
    ) -> None:
        self._outbox.update(
            session,
            messages.answer(answers, question.id, asker, whole=whole),
            workspace_id=question.workspace_id,
            key=f"{question.key}:{question.version}",
            of_key=question.key,
            response_url=response_url,
        )

    def usage(self, session: Session, asked: Asked) -> None:
        key = f"usage:{asked.channel}:{asked.ts}"
        if asked.response_url:
            self._outbox.respond(
                session,
                messages.usage(),
                workspace_id=asked.workspace_id,
                key=key,
                person=asked.person,
                response_url=asked.response_url,
            )
        else:
            self._outbox.post(
                session,
                messages.usage(),
                workspace_id=asked.workspace_id,
                key=key,
                target=asked.channel,
                thread_ts=asked.thread_ts,
            )

    def unreachable(self, session: Session, question: Question, answers: Answers, asker: Asker, why: str) -> None:
        words = messages.unreachable(question.channel, why, messages.answer(answers, question.id, asker))
        self._outbox.post(
            session, words, workspace_id=question.workspace_id, key=f"{question.key}:direct", target=question.asked_by
        )

    def offer_setup(self, session: Session, question: Question) -> None:
        self._whisper(session, question, f"offer-setup:{question.channel}", offer_setup(question.channel))

    def which_team(self, session: Session, question: Question, teams: Sequence[TeamProfile]) -> None:
        self._whisper(session, question, f"which-team:{question.asked_by}", which_team(teams))

    def noted(self, session: Session, question: Question, team: TeamProfile, seen: Seen) -> None:
        self._whisper(session, question, f"noted:{seen.key}", messages.noted(team, seen), to=seen.by)

    def _whisper(self, session: Session, question: Question, key: str, words: Words, to: str | None = None) -> None:
        self._outbox.whisper(
            session,
            words,
            workspace_id=question.workspace_id,
            key=key,
            channel=question.channel,
            person=to or question.asked_by,
            thread_ts=None if question.via == Via.COMMAND else question.thread_ts,
        )
