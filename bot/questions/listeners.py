"""How questions reach the advisor from Slack."""

import re
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot.questions import messages
from bot.questions.messages import ActionId, FormId
from bot.questions.model import Via
from bot.questions.service import Asked, Problem, Questions
from bot.slack import forms
from bot.slack.client import SignOfLife, slack_errors
from bot.slack.commands import Commands, Typed
from bot.slack.events import Events
from bot.slack.text import mentioned, plain

Json = dict[str, Any]


class Listeners:
    """Routes Slack's events, clicks and forms to the use cases.

    Args:
        questions: the use cases.
        answer_bots: whether other bots' mentions are answered.
    """

    def __init__(self, questions: Questions, *, answer_bots: bool = False) -> None:
        self._questions = questions
        self._answer_bots = answer_bots

    def register(self, app: App, commands: Commands, events: Events) -> None:
        events.on("app_mention", self.on_mention)
        events.on("message", self.on_message)
        app.shortcut(messages.SHORTCUT)(self.on_shortcut)
        app.action(re.compile(rf"^{re.escape(ActionId.PHASE)}:"))(self.on_phase)
        app.action(ActionId.MORE)(self.on_more)
        app.action(ActionId.LESS)(self.on_less)
        app.action(ActionId.HELPFUL)(self.on_helpful)
        app.action(ActionId.UNHELPFUL)(self.on_unhelpful)
        app.action(ActionId.TAKE_NUMBER)(self.on_take_number)
        app.action(ActionId.PROBLEM)(self.on_problem)
        app.view(FormId.REASON)(self.on_reason)
        app.view(FormId.PROBLEM)(self.on_problem_form)
        commands.add("ask", "ask <question>", "answer a question, seen only by you", self.on_ask)

    def on_mention(self, event: Json, context: BoltContext, client: WebClient) -> None:
        if not self._is_for_us(event, context):
            return
        self._ask(_asked(event, context, Via.MENTION), client)

    def on_message(self, event: Json, context: BoltContext, client: WebClient) -> None:
        """Direct messages, follow-ups and edits; joins, deletions and what other bots say are not for us."""
        if event.get("subtype") == "message_changed":
            self._on_edit(event, context)
        elif not self._is_for_us(event, context) or event.get("subtype") not in (
            None,
            "file_share",
            "thread_broadcast",
        ):
            return
        elif event.get("channel_type") == "im":
            self._ask(_asked(event, context, Via.DIRECT), client)
        elif context.bot_user_id in mentioned(event.get("text") or ""):
            return  # arrives as app_mention too
        elif event.get("thread_ts"):
            self._on_thread_message(event, context, client)

    def on_shortcut(self, ack: Ack, shortcut: Json, context: BoltContext, client: WebClient) -> None:
        ack()
        message = shortcut["message"]
        asked = Asked(
            workspace_id=context.team_id or "unknown",
            channel=shortcut["channel"]["id"],
            ts=message["ts"],
            thread_ts=message.get("thread_ts") or message["ts"],
            person=shortcut["user"]["id"],
            text=plain(message.get("text") or ""),
            via=Via.SHORTCUT,
        )
        self._ask(asked, client)

    def on_ask(self, typed: Typed) -> None:
        self._questions.ask(
            Asked(
                workspace_id=typed.workspace_id,
                channel=typed.channel,
                ts=typed.trigger_id[-64:],
                thread_ts=typed.trigger_id[-64:],
                person=typed.person,
                text=plain(typed.text),
                via=Via.COMMAND,
                response_url=typed.response_url,
            )
        )

    def on_phase(self, ack: Ack, action: Json, body: Json, context: BoltContext) -> None:
        ack()
        phase = action["action_id"].removeprefix(f"{ActionId.PHASE}:")
        self._show(action, body, context, phase=phase, whole=False)

    def on_more(self, ack: Ack, action: Json, body: Json, context: BoltContext) -> None:
        ack()
        self._show(action, body, context, phase=None, whole=True)

    def on_less(self, ack: Ack, action: Json, body: Json, context: BoltContext) -> None:
        ack()
        self._show(action, body, context, phase=None, whole=False)

    def on_helpful(self, ack: Ack, action: Json, context: BoltContext) -> None:
        ack()
        self._questions.rate(context.team_id or "unknown", int(action["value"]), context.user_id or "", helpful=True)

    def on_unhelpful(self, ack: Ack, action: Json, body: Json, context: BoltContext, client: WebClient) -> None:
        ack()
        self._questions.rate(context.team_id or "unknown", int(action["value"]), context.user_id or "", helpful=False)
        with slack_errors():
            client.views_open(trigger_id=body["trigger_id"], view=messages.reason_form(int(action["value"])))

    def on_reason(self, ack: Ack, view: Json, context: BoltContext) -> None:
        reason = forms.read(view).get(messages.REASON_FIELD)
        self._questions.explain_vote(
            context.team_id or "unknown", int(forms.private(view)), context.user_id or "", reason
        )
        ack()

    def on_take_number(self, ack: Ack, action: Json, body: Json, context: BoltContext) -> None:
        ack()
        self._questions.take_number(
            context.team_id or "unknown", int(action["value"]), context.user_id or "", body.get("response_url")
        )

    def on_problem(self, ack: Ack, action: Json, body: Json, context: BoltContext, client: WebClient) -> None:
        ack()
        question_id = int(action["value"])
        symptoms = self._questions.symptoms(context.team_id or "unknown", question_id, context.user_id or "")
        with slack_errors():
            client.views_open(trigger_id=body["trigger_id"], view=messages.problem_form(question_id, symptoms))

    def on_problem_form(self, ack: Ack, view: Json, context: BoltContext) -> None:
        filled = forms.read(view)
        severity = filled.get(messages.SEVERITY_FIELD)
        problem = Problem(
            filled.get(messages.SYMPTOM_FIELD), int(severity) if severity else None, filled.get(messages.NOTE_FIELD)
        )
        self._questions.report(context.team_id or "unknown", int(forms.private(view)), context.user_id or "", problem)
        ack()

    def _ask(self, asked: Asked, client: WebClient) -> None:
        with SignOfLife(client, asked.channel, asked.ts, asked.thread_ts):
            self._questions.ask(asked)

    def _on_thread_message(self, event: Json, context: BoltContext, client: WebClient) -> None:
        asked = _asked(event, context, Via.THREAD)
        if not self._questions.is_followed(asked.workspace_id, asked.channel, asked.thread_ts):
            return
        self._questions.follow_up(asked, to_somebody_else=bool(mentioned(event.get("text") or "")))

    def _on_edit(self, event: Json, context: BoltContext) -> None:
        message = event.get("message") or {}
        if message.get("bot_id") or not message.get("ts"):
            return
        self._questions.edit(
            context.team_id or "unknown", event["channel"], message["ts"], plain(message.get("text") or "")
        )

    def _show(self, action: Json, body: Json, context: BoltContext, *, phase: str | None, whole: bool) -> None:
        self._questions.show(
            context.team_id or "unknown",
            int(action["value"]),
            context.user_id or "",
            phase=phase,
            whole=whole,
            response_url=body.get("response_url"),
        )

    def _is_for_us(self, event: Json, context: BoltContext) -> bool:
        if event.get("user") == context.bot_user_id or not event.get("channel") or not event.get("ts"):
            return False
        from_bot = bool(event.get("bot_id")) or event.get("subtype") == "bot_message"
        return bool(event.get("user")) and (self._answer_bots or not from_bot)


def _asked(event: Json, context: BoltContext, via: Via) -> Asked:
    return Asked(
        workspace_id=context.team_id or "unknown",
        channel=event["channel"],
        ts=event["ts"],
        thread_ts=event.get("thread_ts") or event["ts"],
        person=event["user"],
        text=plain(event.get("text") or ""),
        via=via,
    )
