"""Says answers in Slack, through the outbox."""

from sqlalchemy.orm import Session

from bot.delivery.service import Outbox
from bot.questions import messages
from bot.questions.model import Question, Via
from bot.questions.service import Asked
from knowledge.base import Answers


class QuestionAnnouncer:
    """Writes down what is to be said about questions."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def answer(self, session: Session, question: Question, answers: Answers, response_url: str | None) -> None:
        words = messages.answer(answers, question.id)
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
        self, session: Session, question: Question, answers: Answers, *, whole: bool, response_url: str | None
    ) -> None:
        self._outbox.update(
            session,
            messages.answer(answers, question.id, whole=whole),
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

    def unreachable(self, session: Session, question: Question, answers: Answers, why: str) -> None:
        words = messages.unreachable(question.channel, why, messages.answer(answers, question.id))
        self._outbox.post(
            session, words, workspace_id=question.workspace_id, key=f"{question.key}:direct", target=question.asked_by
        )
