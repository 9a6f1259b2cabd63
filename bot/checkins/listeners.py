"""How check-ins are reached from Slack."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from slack_sdk.models.views import View

from bot.checkins import cards, forms, manage, messages
from bot.checkins.asides import Asides
from bot.checkins.forms import FormId
from bot.checkins.manage import Settings
from bot.checkins.messages import ActionId
from bot.checkins.parts import Parts
from bot.checkins.questionnaire import Questionnaire
from bot.clock import Clock
from bot.errors import NotFound
from bot.slack import forms as filled_in
from bot.slack.client import slack_errors
from bot.slack.commands import Commands, Typed
from bot.teams.entered import read_timezone
from bot.teams.people import People
from bot.teams.service import Teams

Json = dict[str, Any]


class Listeners:
    """Routes Slack's commands, clicks and forms to the use cases.

    Args:
        check_ins: the use cases.
        asides: answers a click beside its message.
        teams: who is asking.
        people: user groups to choose from.
        show_home: builds a person's App Home anew.
        clock: tells the time.
    """

    def __init__(
        self,
        check_ins: Parts,
        asides: Asides,
        teams: Teams,
        people: People,
        show_home: Callable[[str, str], None],
        clock: Clock,
    ) -> None:
        self._check_ins = check_ins
        self._management = check_ins.management
        self._asides = asides
        self._teams = teams
        self._people = people
        self._show_home = show_home
        self._clock = clock

    def register(self, app: App, commands: Commands) -> None:
        usage, purpose = "checkin [settings]", "fill in your check-in, or set up your team's"
        commands.add("checkin", usage, purpose, self.on_command)
        app.action(ActionId.FILL)(self.on_fill)
        app.action(ActionId.SKIP)(self.on_skip)
        app.action(ActionId.SNOOZE)(self.on_snooze)
        app.action(ActionId.TOMORROW)(self.on_tomorrow)
        app.action(ActionId.OUT)(self.on_out)
        app.action(ActionId.BACK)(self.on_back)
        app.action(ActionId.PREFER)(self.on_prefer)
        app.action(re.compile(rf"^{re.escape(ActionId.ADVICE)}:"))(self.on_advice)
        app.view(FormId.ANSWERS)(self.on_answers)
        app.view(FormId.DETAILS)(self.on_details)
        app.view(FormId.OUT)(self.on_out_form)
        app.view(FormId.PREFER)(self.on_prefer_form)
        self._register_management(app)

    def _register_management(self, app: App) -> None:
        app.action(ActionId.PANEL)(self.on_panel)
        app.action(ActionId.NEW)(self.on_new)
        app.action(ActionId.CHANGE)(self.on_change)
        app.action(ActionId.DELETE)(self.on_delete)
        app.view(FormId.NEW)(self.on_new_form)
        app.view(FormId.SETTINGS)(self.on_settings_form)
        app.view(FormId.DELETE)(self.on_delete_form)
        for action, do in self._owners_clicks().items():
            app.action(action)(self._on_owners_click(do))

    def _owners_clicks(self) -> dict[ActionId, Callable[[str, int, str], object]]:
        """What one click does to a check-in: workspace, check-in, by whom."""
        do = self._management
        return {
            ActionId.TEST: do.test_run,
            ActionId.CLOSE_NOW: do.close_now,
            ActionId.PAUSE: do.pause,
            ActionId.RESUME: do.resume,
            ActionId.RESTORE: do.resume,
            ActionId.DUPLICATE: do.duplicate,
            ActionId.ARCHIVE: do.archive,
            ActionId.EXPORT_CSV: lambda where, check_in, by: do.export(where, check_in, by, "csv"),
            ActionId.EXPORT_JSON: lambda where, check_in, by: do.export(where, check_in, by, "json"),
        }

    def _on_owners_click(self, do: Callable[[str, int, str], object]) -> Callable[..., None]:
        def on_click(ack: Ack, action: Json, body: Json, context: BoltContext) -> None:
            ack()
            do(_workspace(context), int(action["value"]), _person(context))
            self._show_panel(int(action["value"]), body, context)

        return on_click

    def on_command(self, typed: Typed) -> None:
        if typed.text.lower().startswith("set"):
            self._on_settings_command(typed)
            return
        asked = self._check_ins.questionnaires.current(typed.workspace_id, typed.person)
        _open(typed.client, typed.trigger_id, self._to_fill_in(typed.workspace_id, asked))

    def _on_settings_command(self, typed: Typed) -> None:
        found = self._teams.asked_for(typed.workspace_id, typed.channel, typed.person)
        if not found:
            raise NotFound("I do not know your team yet. `/advisor setup` tells me; then come back.")
        managed = self._management.of_team(typed.workspace_id, found[0].id, typed.person)
        if not managed:
            view = forms.settings(FormId.NEW, str(found[0].id), Settings(), self._people.groups(typed.workspace_id))
            _open(typed.client, typed.trigger_id, view)
            return
        words = cards.panel(found[0].id, found[0].name, managed)
        self._asides.respond(typed.workspace_id, typed.person, typed.response_url, typed.trigger_id[-64:], words)

    def on_fill(self, ack: Ack, action: Json, body: Json, context: BoltContext, client: WebClient) -> None:
        ack()
        asked = self._check_ins.questionnaires.of_round(_workspace(context), int(action["value"]), _person(context))
        _open(client, body["trigger_id"], self._to_fill_in(_workspace(context), asked))

    def on_answers(self, ack: Ack, view: Json, context: BoltContext) -> None:
        where, round_id, person = _workspace(context), int(filled_in.private(view)), _person(context)
        asked = self._check_ins.questionnaires.of_round(where, round_id, person)
        given, finished = forms.read_answers(filled_in.read(view), asked)
        asked = self._check_ins.answering.submit(where, round_id, person, given, finished=finished)
        if finished and forms.needs_details(asked):
            ack(response_action="update", view=forms.details(asked, self._check_ins.advice.titles()))
        else:
            ack()

    def on_details(self, ack: Ack, view: Json, context: BoltContext) -> None:
        details = forms.read_details(filled_in.read(view))
        self._check_ins.answering.add(_workspace(context), int(filled_in.private(view)), _person(context), details)
        ack()

    def on_skip(self, ack: Ack, action: Json, context: BoltContext) -> None:
        ack()
        self._check_ins.invitations.skip(_workspace(context), int(action["value"]), _person(context))

    def on_snooze(self, ack: Ack, action: Json, context: BoltContext) -> None:
        ack()
        self._check_ins.invitations.snooze(_workspace(context), int(action["value"]), _person(context))

    def on_tomorrow(self, ack: Ack, action: Json, context: BoltContext) -> None:
        ack()
        self._check_ins.invitations.snooze(_workspace(context), int(action["value"]), _person(context), tomorrow=True)

    def on_out(self, ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        _open(client, body["trigger_id"], forms.out(self._clock().date()))

    def on_out_form(self, ack: Ack, view: Json, context: BoltContext) -> None:
        until = date.fromisoformat(filled_in.read(view)["until"])
        self._check_ins.preferences.out(_workspace(context), _person(context), until)
        ack()
        self._asides.direct(_workspace(context), _person(context), str(view["id"]), messages.away(until))
        self._show_home(_workspace(context), _person(context))

    def on_back(self, ack: Ack, body: Json, context: BoltContext) -> None:
        ack()
        self._check_ins.preferences.back(_workspace(context), _person(context))
        key = str(body["actions"][0].get("action_ts") or body.get("trigger_id"))
        words = messages.said("Welcome back! I ask you again from now on.")
        self._asides.direct(_workspace(context), _person(context), key, words)
        self._show_home(_workspace(context), _person(context))

    def on_prefer(self, ack: Ack, body: Json, context: BoltContext, client: WebClient) -> None:
        ack()
        wishes = self._check_ins.preferences.wishes(_workspace(context), _person(context))
        zone = self._teams.person(_workspace(context), _person(context)).tz or "your team's"
        _open(client, body["trigger_id"], forms.preferences(wishes, zone))

    def on_prefer_form(self, ack: Ack, view: Json, context: BoltContext) -> None:
        now = self._check_ins.preferences.wishes(_workspace(context), _person(context))
        wishes = forms.read_wishes(filled_in.read(view), now, read_timezone)
        self._check_ins.preferences.prefer(_workspace(context), _person(context), wishes)
        ack()
        self._show_home(_workspace(context), _person(context))

    def on_advice(self, ack: Ack, action: Json, body: Json, context: BoltContext) -> None:
        ack()
        team_id, _, entry_id = str(action["value"]).partition(":")
        entry, team, titles = self._check_ins.advice.on(_workspace(context), int(team_id), entry_id)
        words = messages.advice(entry, team.phase, titles, team.stacks)
        self._asides.beside(_workspace(context), _person(context), body, words)

    def on_panel(self, ack: Ack, action: Json, body: Json, context: BoltContext) -> None:
        ack()
        team_id = int(action["value"])
        managed = self._management.of_team(_workspace(context), team_id, _person(context))
        team = self._teams.profile(_workspace(context), team_id)
        self._asides.beside(_workspace(context), _person(context), body, cards.panel(team_id, team.name, managed))

    def on_new(self, ack: Ack, action: Json, body: Json, context: BoltContext, client: WebClient) -> None:
        ack()
        groups = self._people.groups(_workspace(context))
        _open(client, body["trigger_id"], forms.settings(FormId.NEW, action["value"], Settings(), groups))

    def on_new_form(self, ack: Ack, view: Json, context: BoltContext) -> None:
        settings = forms.read_settings(filled_in.read(view), Settings())
        team_id = int(filled_in.private(view))
        check_in_id = self._management.create(_workspace(context), team_id, _person(context), settings)
        ack()
        self._tell_panel(check_in_id, str(view["id"]), context)

    def on_change(self, ack: Ack, action: Json, body: Json, context: BoltContext, client: WebClient) -> None:
        ack()
        known = self._management.one(_workspace(context), int(action["value"]), _person(context))
        groups = self._people.groups(_workspace(context))
        view = forms.settings(FormId.SETTINGS, str(known.id), known.settings, groups)
        _open(client, body["trigger_id"], view)

    def on_settings_form(self, ack: Ack, view: Json, context: BoltContext) -> None:
        check_in_id = int(filled_in.private(view))
        known = self._management.one(_workspace(context), check_in_id, _person(context))
        settings = forms.read_settings(filled_in.read(view), known.settings)
        self._management.change(_workspace(context), check_in_id, _person(context), settings)
        ack()
        said = messages.said(f"Saved: {manage.described(settings)}.")
        self._asides.direct(_workspace(context), _person(context), str(view["id"]), said)

    def on_delete(self, ack: Ack, action: Json, body: Json, context: BoltContext, client: WebClient) -> None:
        ack()
        known = self._management.one(_workspace(context), int(action["value"]), _person(context))
        _open(client, body["trigger_id"], forms.delete(known.id, known.settings.name))

    def on_delete_form(self, ack: Ack, view: Json, context: BoltContext) -> None:
        typed = str(filled_in.read(view).get("name") or "")
        check_in_id = int(filled_in.private(view))
        self._management.delete(_workspace(context), check_in_id, _person(context), typed)
        ack()
        words = messages.said("Deleted, with all its answers.")
        self._asides.direct(_workspace(context), _person(context), str(view["id"]), words)

    def _to_fill_in(self, workspace_id: str, asked: Questionnaire) -> View:
        return forms.answers(asked, self._check_ins.questionnaires.channel_of(workspace_id, asked))

    def _show_panel(self, check_in_id: int, body: Json, context: BoltContext) -> None:
        """The owner sees what the click changed."""
        known = self._management.one(_workspace(context), check_in_id, _person(context))
        managed = self._management.of_team(_workspace(context), known.team.id, _person(context))
        words = cards.panel(known.team.id, known.team.name, managed)
        self._asides.beside(_workspace(context), _person(context), body, words)

    def _tell_panel(self, check_in_id: int, key: str, context: BoltContext) -> None:
        known = self._management.one(_workspace(context), check_in_id, _person(context))
        words = cards.panel(known.team.id, known.team.name, [known])
        self._asides.direct(_workspace(context), _person(context), key, words)


def _open(client: WebClient, trigger_id: str, view: View) -> None:
    with slack_errors():
        client.views_open(trigger_id=trigger_id, view=view)


def _workspace(context: BoltContext) -> str:
    return context.team_id or "unknown"


def _person(context: BoltContext) -> str:
    return context.user_id or ""
