"""How teams are reached from Slack."""

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient
from slack_sdk.models.views import View

from bot.clock import Clock
from bot.slack import forms as filled_in
from bot.slack.client import slack_errors
from bot.slack.commands import Commands, Typed
from bot.slack.directory import account_of
from bot.teams import entered, forms, messages
from bot.teams.admin import Admin
from bot.teams.entered import Field
from bot.teams.forms import FormId
from bot.teams.merge import Conflict
from bot.teams.messages import ActionId
from bot.teams.model import Mark, Role
from bot.teams.people import People
from bot.teams.phases import Phases, Reply
from bot.teams.profile import TeamProfile
from bot.teams.service import Teams
from bot.teams.setup import TeamSetup, today_in

Json = dict[str, Any]


class Listeners:
    """Routes Slack's commands, clicks and forms to the use cases.

    Args:
        teams: who is asking.
        people: who people are.
        setup: set up and change.
        phases: phase and plan.
        admin: roles, access, audit.
        show_home: builds a person's App Home anew.
        clock: tells the time.
    """

    def __init__(
        self,
        teams: Teams,
        people: People,
        setup: TeamSetup,
        phases: Phases,
        admin: Admin,
        show_home: Callable[[str, str], None],
        clock: Clock,
    ) -> None:
        self._teams = teams
        self._people = people
        self._setup = setup
        self._phases = phases
        self._admin = admin
        self._show_home = show_home
        self._clock = clock

    def register(self, app: App, commands: Commands) -> None:
        commands.add("setup", "setup", "tell me your team's size and stack, or change them", self.on_setup_command)
        commands.add("plan", "plan", "what is due at your phase, and what to leave alone", self.on_plan_command)
        app.event("user_change")(self.on_user_change)
        app.action(re.compile(rf"^{re.escape(ActionId.SPEAK_FOR)}:"))(self.on_speak_for)
        app.action(re.compile(rf"^{re.escape(ActionId.MARK)}:"))(self.on_mark)
        app.action(re.compile(rf"^{re.escape(ActionId.CLOSE)}:"))(self.on_close)
        self._register_buttons(app)
        self._register_forms(app)

    def _register_buttons(self, app: App) -> None:
        app.action(ActionId.SET_UP)(self.on_set_up)
        app.action(ActionId.FACTS)(self.on_facts)
        app.action(ActionId.SETTINGS)(self.on_settings)
        app.action(ActionId.PEOPLE)(self.on_people)
        app.action(ActionId.PIN)(self.on_pin)
        app.action(ActionId.UNPIN)(self.on_unpin)
        app.action(ActionId.KEEP_PIN)(self.on_keep_pin)
        app.action(ActionId.PLAN)(self.on_plan)
        app.action(ActionId.AUDIT)(self.on_audit)
        app.action(ActionId.ACCESS)(self.on_access)

    def _register_forms(self, app: App) -> None:
        app.view(FormId.SET_UP)(self.on_set_up_form)
        app.view(FormId.FACTS)(self.on_facts_form)
        app.view(FormId.SETTINGS)(self.on_settings_form)
        app.view(FormId.PEOPLE)(self.on_people_form)
        app.view(FormId.PIN)(self.on_pin_form)
        app.view(FormId.NOT_FOR_US)(self.on_not_for_us_form)
        app.view(FormId.ACCESS)(self.on_access_form)

    def on_setup_command(self, typed: Typed) -> None:
        """The channel's team to change, where it has one; else a new team."""
        team = self._teams.of_channel(typed.workspace_id, typed.channel)
        if team is not None:
            view = self._settings_view(typed.workspace_id, typed.person, team.id)
        else:
            view = self._set_up_view(typed.workspace_id, typed.person, typed.channel)
        _open(typed.client, typed.trigger_id, view)

    def on_plan_command(self, typed: Typed) -> None:
        found = self._teams.asked_for(typed.workspace_id, typed.channel, typed.person)
        if not found:
            _open(typed.client, typed.trigger_id, self._set_up_view(typed.workspace_id, typed.person, typed.channel))
            return
        reply = Reply(typed.person, typed.response_url, typed.trigger_id[-64:])
        self._phases.tell_plan(typed.workspace_id, found[0].id, reply)

    def on_user_change(self, event: Json, context: BoltContext) -> None:
        workspace_id = _workspace(context)
        self._people.changed(workspace_id, account_of(event["user"], workspace_id))

    def on_set_up(self, ack: Ack, action: Json, body: Json, context: BoltContext, client: WebClient) -> None:
        ack()
        channel = action["value"] if action["value"].startswith(("C", "G")) else None
        _open(client, body["trigger_id"], self._set_up_view(_workspace(context), _person(context), channel))

    def on_set_up_form(self, ack: Ack, view: Json, context: BoltContext) -> None:
        workspace_id, by = _workspace(context), _person(context)
        now = {Field.HOME.value: filled_in.private(view), Field.TIMEZONE.value: self._zone(workspace_id, by)}
        team = self._setup.create(workspace_id, by, entered.read_new_team(filled_in.read(view), now))
        ack()
        self._setup.greet(team, by)
        self._show_home(workspace_id, by)

    def on_facts(self, ack: Ack, action: Json, body: Json, context: BoltContext, client: WebClient) -> None:
        ack()
        team, now = self._editable(action, context, Role.MEMBER)
        _open(client, body["trigger_id"], forms.facts_form(team, now, self._today(team)))

    def on_facts_form(self, ack: Ack, view: Json, context: BoltContext) -> None:
        team_id, version = _reference(view)
        team, now = self._setup.editable(_workspace(context), _person(context), team_id, Role.MEMBER)
        values, as_of = entered.read_facts(filled_in.read(view), self._today(team))
        conflict = self._setup.edit(_workspace(context), _person(context), team_id, version, values, as_of)
        again = forms.facts_form(team, _latest(now, conflict), self._today(team), conflict) if conflict else None
        self._answer_form(ack, context, again)

    def on_settings(self, ack: Ack, action: Json, body: Json, context: BoltContext, client: WebClient) -> None:
        ack()
        view = self._settings_view(_workspace(context), _person(context), int(action["value"]))
        _open(client, body["trigger_id"], view)

    def on_settings_form(self, ack: Ack, view: Json, context: BoltContext) -> None:
        team_id, version = _reference(view)
        team, now = self._setup.editable(_workspace(context), _person(context), team_id, Role.TEAM_OWNER)
        values = entered.read_basics(filled_in.read(view), now)
        conflict = self._setup.edit(_workspace(context), _person(context), team_id, version, values)
        again = forms.settings_form(team, _latest(now, conflict), conflict) if conflict else None
        self._answer_form(ack, context, again)

    def on_people(self, ack: Ack, action: Json, body: Json, context: BoltContext, client: WebClient) -> None:
        ack()
        team, now = self._editable(action, context, Role.TEAM_OWNER)
        _open(client, body["trigger_id"], forms.people_form(team, now, self._people.groups(team.workspace_id)))

    def on_people_form(self, ack: Ack, view: Json, context: BoltContext) -> None:
        team_id, version = _reference(view)
        team, now = self._setup.editable(_workspace(context), _person(context), team_id, Role.TEAM_OWNER)
        values = entered.read_people(filled_in.read(view), now)
        conflict = self._setup.edit(_workspace(context), _person(context), team_id, version, values)
        groups = self._people.groups(team.workspace_id) if conflict else []
        again = forms.people_form(team, _latest(now, conflict), groups, conflict) if conflict else None
        self._answer_form(ack, context, again)

    def on_pin(self, ack: Ack, action: Json, body: Json, context: BoltContext, client: WebClient) -> None:
        ack()
        team, _ = self._editable(action, context, Role.TEAM_OWNER)
        _open(client, body["trigger_id"], forms.pin_form(team, self._today(team)))

    def on_pin_form(self, ack: Ack, view: Json, context: BoltContext) -> None:
        team = self._teams.profile(_workspace(context), int(filled_in.private(view)))
        wish = entered.read_pin(filled_in.read(view), self._today(team))
        self._phases.pin(team.workspace_id, _person(context), team.id, wish)
        self._answer_form(ack, context, None)

    def on_unpin(self, ack: Ack, action: Json, context: BoltContext, body: Json, respond: Respond) -> None:
        ack()
        self._phases.unpin(_workspace(context), _person(context), int(action["value"]))
        self._settled(context, body, respond, "The numbers decide again.")

    def on_keep_pin(self, ack: Ack, action: Json, context: BoltContext, body: Json, respond: Respond) -> None:
        ack()
        self._phases.keep_pin(_workspace(context), _person(context), int(action["value"]))
        self._settled(context, body, respond, "The pin holds four more weeks.")

    def on_plan(self, ack: Ack, action: Json, body: Json, context: BoltContext, client: WebClient) -> None:
        ack()
        team, plan = self._phases.plan(_workspace(context), _person(context), int(action["value"]))
        _open(client, body["trigger_id"], messages.plan_view(team, plan))

    def on_mark(self, ack: Ack, action: Json, body: Json, context: BoltContext, client: WebClient) -> None:
        """From the menu of an item, in the plan's message or window."""
        ack()
        team_id, _, said = action["selected_option"]["value"].partition(":")
        entry = action["action_id"].removeprefix(f"{ActionId.MARK}:")
        if said == Mark.NOT_FOR_US:
            view = forms.not_for_us_form(int(team_id), self._phases.item(entry))
            _open(client, body["trigger_id"], view, on_top=bool(body.get("view")))
            return
        mark = None if said == "none" else Mark(said)
        self._phases.mark(_workspace(context), _person(context), int(team_id), entry, mark)
        self._show_plan_again(int(team_id), body, context, client)

    def on_not_for_us_form(self, ack: Ack, view: Json, context: BoltContext) -> None:
        team_id, _, entry = filled_in.private(view).partition(":")
        reason = filled_in.read(view).get(entered.REASON)
        self._phases.mark(_workspace(context), _person(context), int(team_id), entry, Mark.NOT_FOR_US, reason)
        self._answer_form(ack, context, None)

    def on_close(self, ack: Ack, action: Json, context: BoltContext) -> None:
        ack()
        team_id, _, symptom = action["value"].partition(":")
        self._admin.close(_workspace(context), _person(context), int(team_id), symptom)
        self._show_home(_workspace(context), _person(context))

    def on_speak_for(self, ack: Ack, action: Json, context: BoltContext, body: Json, respond: Respond) -> None:
        ack()
        team_id = int(action["value"])
        self._admin.speak_for(_workspace(context), _person(context), team_id)
        team = self._teams.profile(_workspace(context), team_id)
        self._settled(context, body, respond, messages.spoken_for(team).text)

    def on_audit(self, ack: Ack, action: Json, context: BoltContext) -> None:
        ack()
        occasion = f"{_person(context)}:{action.get('action_ts')}"
        self._admin.export(_workspace(context), _person(context), int(action["value"]), occasion)

    def on_access(self, ack: Ack, body: Json, context: BoltContext, client: WebClient) -> None:
        ack()
        workspace_id, by = _workspace(context), _person(context)
        may_name_admins = self._teams.role(workspace_id, by) >= Role.WORKSPACE_ADMIN
        view = forms.access_form(self._admin.access(workspace_id, by), may_name_admins=may_name_admins)
        _open(client, body["trigger_id"], view)

    def on_access_form(self, ack: Ack, view: Json, context: BoltContext) -> None:
        workspace_id, by, values = _workspace(context), _person(context), filled_in.read(view)
        allowed = values.get("access") or []
        self._admin.set_access(workspace_id, by, guests=forms.GUESTS in allowed, foreigners=forms.FOREIGNERS in allowed)
        if forms.ADMINS in values:
            self._admin.set_admins(workspace_id, by, values[forms.ADMINS] or [])
        self._answer_form(ack, context, None)

    def _set_up_view(self, workspace_id: str, person: str, channel: str | None) -> View:
        self._teams.require(workspace_id, person, None, Role.PERSON)
        home = channel if channel and channel.startswith(("C", "G")) else None
        return forms.set_up_form(home, self._zone(workspace_id, person))

    def _settings_view(self, workspace_id: str, person: str, team_id: int) -> View:
        return forms.settings_form(*self._setup.editable(workspace_id, person, team_id, Role.TEAM_OWNER))

    def _editable(self, action: Json, context: BoltContext, role: Role) -> tuple[TeamProfile, dict[str, str]]:
        return self._setup.editable(_workspace(context), _person(context), int(action["value"]), role)

    def _answer_form(self, ack: Ack, context: BoltContext, again: View | None) -> None:
        """Closes the form, or shows it again with what changed meanwhile."""
        if again is not None:
            ack(response_action="update", view=again)
            return
        ack()
        self._show_home(_workspace(context), _person(context))

    def _settled(self, context: BoltContext, body: Json, respond: Respond, text: str) -> None:
        """Says what a click did in place of its buttons, or on Home."""
        if body.get("response_url"):
            words = messages.one_line(text)
            respond(text=words.text, blocks=list(words.blocks), replace_original=True, response_type="ephemeral")
        self._show_home(_workspace(context), _person(context))

    def _show_plan_again(self, team_id: int, body: Json, context: BoltContext, client: WebClient) -> None:
        team, plan = self._phases.plan(_workspace(context), _person(context), team_id)
        with slack_errors():
            if body.get("view"):
                client.views_update(view_id=body["view"]["id"], view=messages.plan_view(team, plan))
            elif context.respond is not None and body.get("response_url"):
                words = messages.plan(team, plan)
                context.respond(
                    text=words.text, blocks=list(words.blocks), replace_original=True, response_type="ephemeral"
                )
        self._show_home(_workspace(context), _person(context))

    def _zone(self, workspace_id: str, person: str) -> str:
        return self._teams.person(workspace_id, person).tz or "UTC"

    def _today(self, team: TeamProfile) -> Any:
        return today_in(team.timezone, self._clock())


def _open(client: WebClient, trigger_id: str, view: View, *, on_top: bool = False) -> None:
    with slack_errors():
        (client.views_push if on_top else client.views_open)(trigger_id=trigger_id, view=view)


def _latest(now: dict[str, str], conflict: Conflict) -> dict[str, str]:
    return {**now, **conflict.values}


def _reference(view: Json) -> tuple[int, int]:
    team_id, _, version = filled_in.private(view).partition(":")
    return int(team_id), int(version)


def _workspace(context: BoltContext) -> str:
    return context.team_id or "unknown"


def _person(context: BoltContext) -> str:
    return context.user_id or ""
