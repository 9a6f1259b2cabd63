"""How Slack reaches the triage."""

import re
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from slack_sdk.models.views import View

from bot.slack import forms as filled_in
from bot.slack.client import slack_errors
from bot.slack.commands import Commands, Typed
from bot.slack.events import Events
from bot.slack.text import plain
from bot.triage import forms, messages
from bot.triage.forms import FormId
from bot.triage.incidents import Click
from bot.triage.messages import ActionId
from bot.triage.model import How, Severity, Via
from bot.triage.opening import Report
from bot.triage.parts import Parts
from bot.triage.pasted import words_of
from bot.triage.records import Wanted
from bot.triage.thread import Said

Json = dict[str, Any]
GROUP = re.compile(r"^group\s+<!subteam\^(\w+)", re.IGNORECASE)


class Listeners:
    """Routes Slack's commands, clicks, forms and events to the use cases.

    Args:
        triage: the use cases.
        emoji: the reaction that puts a message into the timeline.
    """

    def __init__(self, triage: Parts, emoji: str = "pushpin") -> None:
        self._triage = triage
        self._emoji = emoji

    def register(self, app: App, commands: Commands, events: Events) -> None:
        commands.add(
            "triage",
            "triage <alert or what you see>",
            "open an incident's thread with first safe steps",
            self.on_command,
        )
        commands.add(
            "timeline", "timeline [number]", "what happened in this channel's incident", self.on_timeline_command
        )
        app.shortcut(messages.SHORTCUT)(self.on_shortcut)
        for action, listener in self._buttons().items():
            app.action(action)(listener)
        app.action(re.compile(rf"^{re.escape(ActionId.TICK)}:"))(self.on_tick)
        for form, reader in self._forms().items():
            app.view(form)(reader)
        self._listen(events)

    def _buttons(self) -> dict[ActionId, Any]:
        return {
            ActionId.START: self.on_start,
            ActionId.BEGIN: self.on_begin,
            ActionId.DECLINE: self.on_decline,
            ActionId.THIS: self.on_this,
            ActionId.NOT_THIS: self.on_not_this,
            ActionId.RATHER: self.on_rather,
            ActionId.CHANGED: self.on_changed,
            ActionId.MORE: self.on_more,
            ActionId.LESS: self.on_less,
            ActionId.SEVERITY: self.on_severity,
            ActionId.OWN: self.on_own,
            ActionId.HAND_OVER: self.on_hand_over,
            ActionId.HELP: self.on_help,
            ActionId.UPDATE: self.on_update,
            ActionId.MITIGATED: self.on_mitigated,
            ActionId.RESOLVE: self.on_resolve,
            ActionId.NO_INCIDENT: self.on_no_incident,
            ActionId.SNOOZE: self.on_snooze,
            ActionId.STOP_NUDGES: self.on_stop_nudges,
            ActionId.TIMELINE: self.on_timeline,
            ActionId.EXPORT: self.on_export,
            ActionId.PAGE: self.on_page,
            ActionId.DONE: self.on_done,
        }

    def _forms(self) -> dict[FormId, Any]:
        return {
            FormId.START: self.on_start_form,
            FormId.CHANGED: self.on_changed_form,
            FormId.HAND_OVER: self.on_hand_over_form,
            FormId.UPDATE: self.on_update_form,
            FormId.RESOLVE: self.on_resolve_form,
        }

    def _listen(self, events: Events) -> None:
        events.on("app_mention", self.on_mention)
        events.on("message", self.on_message, first=True)
        events.on("reaction_added", self.on_reaction)
        events.on("reaction_removed", self.on_reaction)
        events.on("pin_added", self.on_pin)
        events.on("pin_removed", self.on_pin)

    # ── begin ──

    def on_command(self, typed: Typed) -> None:
        if group := GROUP.match(typed.text):
            team = self._triage.coordination.set_help_group(
                typed.workspace_id, typed.channel, typed.person, group.group(1)
            )
            self._answer(typed, messages.called_for_help(team.name, group.group(1)))
        elif not plain(typed.text):
            _open(typed.client, typed.trigger_id, forms.start(typed.channel or None))
        else:
            self._triage.opening.start(_typed_report(typed))

    def on_shortcut(self, ack: Ack, shortcut: Json, context: BoltContext) -> None:
        ack()
        message = shortcut["message"]
        root = message.get("thread_ts") or message["ts"]
        self._triage.opening.start(
            Report(
                workspace_id=context.team_id or "unknown",
                channel=shortcut["channel"]["id"],
                source_ts=root,
                person=shortcut["user"]["id"],
                text=words_of(message),
                via=Via.SHORTCUT,
                thread_ts=root,
                message_ts=message["ts"],
                response_url=shortcut.get("response_url"),
            )
        )

    def on_start(self, ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        _open(client, body["trigger_id"], forms.start(None))

    def on_start_form(self, ack: Ack, view: Json, context: BoltContext) -> None:
        filled = filled_in.read(view)
        severity = filled.get("severity")
        report = Report(
            workspace_id=context.team_id or "unknown",
            channel=str(filled["channel"]),
            source_ts=f"form:{view['id']}",
            person=context.user_id or "",
            text=str(filled["text"]),
            via=Via.HOME,
            severity=int(severity) if severity else None,
        )
        ack()
        self._triage.opening.start(report)

    def on_begin(self, ack: Ack, body: Json, context: BoltContext) -> None:
        ack()
        self._triage.opening.accept(_click(body, context)[0])

    def on_decline(self, ack: Ack) -> None:
        """Nothing to do: an offer nobody takes is forgotten."""
        ack()

    # ── look ──

    def on_tick(self, ack: Ack, action: Json, body: Json, context: BoltContext) -> None:
        ack()
        self._triage.steps.tick(_click(body, context)[0], action["action_id"].removeprefix(f"{ActionId.TICK}:"))

    def on_this(self, ack: Ack, body: Json, context: BoltContext) -> None:
        ack()
        self._triage.diagnosis.this_is_it(*_click(body, context))

    def on_not_this(self, ack: Ack, body: Json, context: BoltContext) -> None:
        ack()
        self._triage.diagnosis.not_this(*_click(body, context))

    def on_rather(self, ack: Ack, body: Json, context: BoltContext) -> None:
        ack()
        self._triage.diagnosis.rather(*_click(body, context))

    def on_more(self, ack: Ack, body: Json, context: BoltContext) -> None:
        ack()
        self._triage.steps.show(_click(body, context)[0], whole=True)

    def on_less(self, ack: Ack, body: Json, context: BoltContext) -> None:
        ack()
        self._triage.steps.show(_click(body, context)[0], whole=False)

    def on_changed(self, ack: Ack, action: Json, body: Json, client: WebClient) -> None:
        ack()
        _open(client, body["trigger_id"], forms.changed(int(action["value"])))

    def on_changed_form(self, ack: Ack, view: Json, context: BoltContext) -> None:
        self._triage.steps.tell_change(_submitted(view, context), str(filled_in.read(view).get("what") or ""))
        ack()

    # ── people ──

    def on_severity(self, ack: Ack, body: Json, context: BoltContext) -> None:
        ack()
        click, severity = _click(body, context)
        if severity:
            self._triage.coordination.set_severity(click, Severity(int(severity)))

    def on_own(self, ack: Ack, body: Json, context: BoltContext) -> None:
        ack()
        self._triage.coordination.own(_click(body, context)[0])

    def on_hand_over(self, ack: Ack, action: Json, body: Json, client: WebClient) -> None:
        ack()
        _open(client, body["trigger_id"], forms.hand_over(int(action["value"])))

    def on_hand_over_form(self, ack: Ack, view: Json, context: BoltContext) -> None:
        filled = filled_in.read(view)
        self._triage.coordination.hand_over(_submitted(view, context), str(filled["to"]), filled.get("note"))
        ack()

    def on_help(self, ack: Ack, body: Json, context: BoltContext) -> None:
        ack()
        self._triage.coordination.call_help(_click(body, context)[0])

    def on_update(self, ack: Ack, action: Json, body: Json, client: WebClient) -> None:
        ack()
        _open(client, body["trigger_id"], forms.update(int(action["value"])))

    def on_update_form(self, ack: Ack, view: Json, context: BoltContext) -> None:
        self._triage.coordination.tell_update(_submitted(view, context), forms.update_of(filled_in.read(view)))
        ack()

    def on_snooze(self, ack: Ack, body: Json, context: BoltContext) -> None:
        ack()
        self._triage.coordination.snooze(_click(body, context)[0])

    def on_stop_nudges(self, ack: Ack, body: Json, context: BoltContext) -> None:
        ack()
        self._triage.coordination.stop_nudging(_click(body, context)[0])

    # ── end ──

    def on_mitigated(self, ack: Ack, body: Json, context: BoltContext) -> None:
        ack()
        self._triage.resolution.mitigate(_click(body, context)[0])

    def on_no_incident(self, ack: Ack, body: Json, context: BoltContext) -> None:
        ack()
        self._triage.resolution.no_incident(_click(body, context)[0])

    def on_resolve(self, ack: Ack, body: Json, context: BoltContext, client: WebClient) -> None:
        ack()
        click, _ = _click(body, context)
        _open(
            client,
            body["trigger_id"],
            forms.resolve(self._triage.incidents.shown(click.workspace_id, click.incident_id)),
        )

    def on_resolve_form(self, ack: Ack, view: Json, context: BoltContext) -> None:
        click = _submitted(view, context)
        shown = self._triage.incidents.shown(click.workspace_id, click.incident_id)
        self._triage.resolution.resolve(click, forms.ending_of(filled_in.read(view), shown.causes))
        ack()

    def on_done(self, ack: Ack, action: Json, context: BoltContext) -> None:
        ack()
        self._triage.resolution.finish_follow_up(
            context.team_id or "unknown", int(action["value"]), context.user_id or ""
        )

    # ── what is kept ──

    def on_timeline_command(self, typed: Typed) -> None:
        number = int(typed.text) if typed.text.isdigit() else None
        self._triage.records.show(
            Wanted(typed.workspace_id, typed.channel, typed.person, typed.response_url, typed.trigger_id[-64:]), number
        )

    def on_timeline(self, ack: Ack, body: Json, context: BoltContext) -> None:
        ack()
        click, _ = _click(body, context)
        url = click.response_url or ""
        wanted = Wanted(click.workspace_id, click.channel, click.person, url, click.occasion)
        self._triage.records.show(wanted, click.incident_id)

    def on_export(self, ack: Ack, body: Json, context: BoltContext) -> None:
        ack()
        click, _ = _click(body, context)
        self._triage.records.export(click.workspace_id, click.incident_id, click.person, click.occasion)

    def on_page(self, ack: Ack, body: Json, context: BoltContext) -> None:
        ack()
        click, _ = _click(body, context)
        self._triage.records.write_page(click.workspace_id, click.incident_id, click.person, click.occasion)

    # ── what is heard ──

    def on_mention(self, event: Json, context: BoltContext, client: WebClient) -> None:
        if _from_people(event, context):
            self._triage.opening.offer(_heard_report(event, context))

    def on_message(self, event: Json, context: BoltContext, client: WebClient) -> bool:
        """Messages of incidents' threads, their edits and deletions; in direct messages an incident is offered.

        Returns:
            Whether it belongs to an incident: then it is no follow-up of a question.
        """
        subtype = event.get("subtype")
        if subtype == "message_changed":
            self._triage.threads.hear_edit(_said(event.get("message") or {}, event, context))
        elif subtype == "message_deleted":
            self._triage.threads.hear_deletion(_said(event.get("previous_message") or {}, event, context))
        elif event.get("thread_ts") and event.get("user") != context.bot_user_id:
            return self._triage.threads.hear(_said(event, event, context))
        elif event.get("channel_type") == "im" and _from_people(event, context):
            self._triage.opening.offer(_heard_report(event, context))
        return False

    def on_reaction(self, event: Json, context: BoltContext, client: WebClient) -> None:
        item = event.get("item") or {}
        if event.get("reaction") != self._emoji or item.get("type") != "message":
            return
        said = Said(context.team_id or "unknown", item["channel"], item["ts"], None)
        note = self._triage.threads.mark if event["type"] == "reaction_added" else self._triage.threads.unmark
        note(said, event["user"], How.EMOJI)

    def on_pin(self, event: Json, context: BoltContext, client: WebClient) -> None:
        message = (event.get("item") or {}).get("message")
        if not message:
            return
        said = _said(message, {"channel": event.get("channel_id") or event["item"].get("channel")}, context)
        if event["type"] == "pin_added":
            self._triage.threads.mark(said, "anyone", How.PIN)
        else:
            self._triage.threads.unmark(said, "anyone", How.PIN)

    def _answer(self, typed: Typed, text: str) -> None:
        self._triage.records.answer(
            Wanted(typed.workspace_id, typed.channel, typed.person, typed.response_url, typed.trigger_id[-64:]), text
        )


def _open(client: WebClient, trigger_id: str, view: View) -> None:
    with slack_errors():
        client.views_open(trigger_id=trigger_id, view=view)


def _click(body: Json, context: BoltContext) -> tuple[Click, str]:
    """Who clicked on which incident, and what else the button says."""
    action = body["actions"][0]
    value = str((action.get("selected_option") or action).get("value") or "")
    number, _, rest = value.partition(":")
    click = Click(
        workspace_id=context.team_id or "unknown",
        incident_id=int(number),
        person=context.user_id or "",
        occasion=str(action.get("action_ts") or body.get("trigger_id")),
        channel=(body.get("channel") or {}).get("id", ""),
        response_url=body.get("response_url"),
    )
    return click, rest


def _submitted(view: Json, context: BoltContext) -> Click:
    return Click(
        workspace_id=context.team_id or "unknown",
        incident_id=int(filled_in.private(view)),
        person=context.user_id or "",
        occasion=view["id"],
    )


def _typed_report(typed: Typed) -> Report:
    return Report(
        workspace_id=typed.workspace_id,
        channel=typed.channel,
        source_ts=typed.trigger_id[-64:],
        person=typed.person,
        text=plain(typed.text),
        via=Via.COMMAND,
        response_url=typed.response_url,
    )


def _heard_report(event: Json, context: BoltContext) -> Report:
    root = event.get("thread_ts") or event["ts"]
    return Report(
        workspace_id=context.team_id or "unknown",
        channel=event["channel"],
        source_ts=root,
        person=event["user"],
        text=words_of(event),
        via=Via.MENTION,
        thread_ts=root,
        message_ts=event["ts"],
    )


def _said(message: Json, event: Json, context: BoltContext) -> Said:
    deleted = event.get("deleted_ts")
    ts = str(message.get("ts") or deleted)
    return Said(
        workspace_id=context.team_id or "unknown",
        channel=event["channel"],
        ts=ts,
        thread_ts=message.get("thread_ts"),
        by=message.get("user") or message.get("bot_id"),
        text=words_of(message),
    )


def _from_people(event: Json, context: BoltContext) -> bool:
    return (
        bool(event.get("user") and event.get("ts"))
        and not event.get("bot_id")
        and not event.get("subtype")
        and (event["user"] != context.bot_user_id)
    )
