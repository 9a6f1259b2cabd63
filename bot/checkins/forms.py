"""What the forms of check-ins look like, and how they are read: pure functions."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.checkins.answering import Details
from bot.checkins.answers import LABELS, Answer, Choice, Given, Question
from bot.checkins.ledger import when
from bot.checkins.manage import Settings, as_time
from bot.checkins.messages import who_sees
from bot.checkins.model import Visibility
from bot.checkins.preferences import Wishes
from bot.checkins.questionnaire import Questionnaire
from bot.checkins.schedule import WEEKDAYS
from bot.errors import FormErrors
from bot.slack import inputs
from bot.slack.blocks import context, escape, section

TEXT, LATER, READ = "text", "later", "read"
SINCE: Mapping[str, str] = {
    "this week": "This week",
    "weeks": "Some weeks",
    "months": "Months",
}
SEVERITIES: Mapping[str, str] = {
    "1": "Annoying",
    "2": "It costs us time",
    "3": "Users notice",
    "4": "Users are hindered",
    "5": "Users are hurt now",
}
VISIBILITIES = (
    (Visibility.NAMED, "Everyone in the home channel, with names"),
    (Visibility.LEADS, "Only the team's owners see names; the channel sees the rest"),
    (Visibility.ANONYMOUS, "Nobody sees names; nothing below four answers"),
)


class FormId(StrEnum):
    ANSWERS = "checkins.answers"
    DETAILS = "checkins.details"
    OUT = "checkins.out_until"
    PREFER = "checkins.preferences"
    SETTINGS = "checkins.settings"
    NEW = "checkins.new_settings"
    DELETE = "checkins.delete_it"


def answers(asked: Questionnaire, channel: str) -> View:
    """The first page: who will see it, the questions, one's own words."""
    blocks: list[Block] = [
        context(_until(asked)),
        context(who_sees(asked.visibility, channel)),
        *(_question(question, asked.given.answers.get(question.id, Answer())) for question in asked.questions),
        inputs.text(
            TEXT,
            "Anything else, in your own words?",
            asked.given.text,
            optional=True,
            multiline=True,
            hint="For example: the nightly export has been timing out since Tuesday",
        ),
        inputs.checkboxes(LATER, "Not done yet?", [("yes", "Only save it; I will go on later")]),
    ]
    return inputs.modal(FormId.ANSWERS, "Check-in", str(asked.round_id), blocks, submit="Send")


def _until(asked: Questionnaire) -> str:
    if asked.is_closed:
        return f"*{escape(asked.team)}*, {asked.period}. It has closed; what you send now is added to the summary."
    name = "test run" if asked.is_test else asked.period
    return f"*{escape(asked.team)}*, {name}. Open until {when(asked.closes_at, asked.zone)}. Leave out what you like."


def _question(question: Question, said: Answer) -> Block:
    if not question.choices:
        return inputs.text(question.id, question.text, said.note, optional=True, multiline=True)
    choices = [(choice.value, LABELS[choice]) for choice in question.choices]
    chosen = said.choice.value if said.choice else None
    return inputs.radio(question.id, question.text, choices, chosen, optional=True)


def read_answers(fields: Mapping[str, Any], asked: Questionnaire) -> tuple[Given, bool]:
    """What was filled in on the first page, and whether it is finished.

    Raises:
        FormErrors: nothing at all was said.
    """
    filled = {question: fields.get(question.id) for question in asked.questions}
    said = {question.id: _answer(question, str(value)) for question, value in filled.items() if value}
    given = Given(said, fields.get(TEXT, asked.given.text))
    finished = not fields.get(LATER)
    if finished and given.is_empty and asked.given.is_empty:
        raise FormErrors({TEXT: "Answer at least one question, or write a line here; “nothing to report” is fine."})
    return given, finished


def _answer(question: Question, value: str) -> Answer:
    return Answer(choice=Choice(value)) if question.choices else Answer(note=value)


def needs_details(asked: Questionnaire) -> bool:
    return bool(asked.proposed or _reported(asked))


def details(asked: Questionnaire, titles: Mapping[str, str]) -> View:
    """The second page: more about what there is, and how their own words were read."""
    blocks: list[Block] = []
    if asked.proposed:
        choices = [(name, titles.get(name, name)) for name in asked.proposed]
        label = "I read this in your words. Take out what is wrong."
        blocks.append(inputs.checkboxes(READ, label, choices, [name for name, _ in choices]))
    for question, said in _reported(asked):
        blocks += _more_about(question, said)
    return inputs.modal(FormId.DETAILS, "A closer look", str(asked.round_id), blocks, submit="Done")


def _reported(asked: Questionnaire) -> list[tuple[Question, Answer]]:
    """The questions answered with "now and then" or "often" that have something more to ask."""
    pairs = [(question, asked.given.answers.get(question.id, Answer())) for question in asked.questions]
    return [(question, said) for question, said in pairs if said.choice is not None and said.choice.strength]


def _more_about(question: Question, said: Answer) -> list[Block]:
    """Often asks more than now and then."""
    asked: list[Block] = [section(f"*{escape(question.text)}* {LABELS[said.choice] if said.choice else ''}")]
    label = (
        question.follow_up if question.follow_up and said.choice is Choice.OFTEN else "What should we know about it?"
    )
    asked.append(inputs.text(f"{question.id}|note", label, said.note, optional=True))
    if said.choice is not Choice.OFTEN:
        return asked
    since, severity = list(SINCE.items()), list(SEVERITIES.items())
    asked.append(inputs.select(f"{question.id}|since", "Since when?", since, said.since, optional=True))
    bad = str(said.severity) if said.severity else None
    asked.append(inputs.select(f"{question.id}|severity", "How bad is it?", severity, bad, optional=True))
    if question.unit:
        number = f"{said.number:g}" if said.number is not None else None
        label = f"In numbers: {question.unit}"
        asked.append(inputs.text(f"{question.id}|number", label, number, optional=True))
    return asked


def read_details(fields: Mapping[str, Any]) -> Details:
    """What was filled in on the second page.

    Raises:
        FormErrors: a number is none.
    """
    parts: dict[str, dict[str, Any]] = {}
    for name, value in fields.items():
        question, _, part = name.partition("|")
        if part:
            parts.setdefault(question, {})[part] = None if value is None else _part(name, part, value)
    return Details(parts, fields.get(READ))


def _part(name: str, part: str, value: str) -> Any:
    if part == "severity":
        return int(value)
    if part != "number":
        return value
    try:
        return float(value.replace(",", ".").removesuffix("%").strip())
    except ValueError:
        raise FormErrors({name: "Write a plain number, like 12 or 0.5."}) from None


def out(today: date) -> View:
    blocks: list[Block] = [
        inputs.day("until", "On which day are you back?", today + timedelta(days=7)),
        context("Until then I neither ask nor remind you, in any check-in. *I'm back* on my Home tab ends it earlier."),
    ]
    return inputs.modal(FormId.OUT, "Out until …", "", blocks)


def preferences(wishes: Wishes, zone: str) -> View:
    """A person's own settings."""
    blocks: list[Block] = [
        inputs.text(
            "timezone",
            "My time zone",
            wishes.timezone,
            optional=True,
            hint=f"Empty: the one of your Slack profile; now it is {zone}. Like Europe/Berlin.",
        ),
        inputs.radio(
            "reminders",
            "Remind me when I have not answered?",
            [("yes", "Yes"), ("no", "No")],
            "yes" if wishes.reminders else "no",
        ),
    ]
    return inputs.modal(FormId.PREFER, "My check-in settings", "", blocks)


def settings(form_id: FormId, private: str, now: Settings, groups: Sequence[tuple[str, str]]) -> View:
    """Everything an owner decides."""
    days = [(str(number), name) for number, name in enumerate(WEEKDAYS)]
    chosen: dict[str, list[str]] = {"person": [], "channel": [], "group": []}
    for one in now.asked:
        kind, _, who = one.partition(":")
        chosen[kind].append(who)
    visibilities = [(value.value, label) for value, label in VISIBILITIES]
    blocks: list[Block] = [
        inputs.text("name", "Name", now.name),
        inputs.radio("visibility", "Who sees the answers?", visibilities, now.visibility),
        inputs.checkboxes("weekdays", "Ask on", days, [str(day) for day in now.weekdays]),
        inputs.text("at", "At (in each person's own time zone)", now.at, hint="Like 10:00"),
        inputs.text("window_h", "Open for how many hours?", str(now.window_h)),
        inputs.select("reminders", "Reminders at most", [(str(n), str(n)) for n in range(6)], str(now.reminders)),
        inputs.text("spacing_h", "Hours between reminders", str(now.spacing_h)),
        inputs.checkboxes("working_days", "Working days", days, [str(day) for day in now.working_days]),
        inputs.text("work_hours", "Working hours", f"{now.work_from}-{now.work_until}"),
        inputs.text(
            "country", "Public holidays of", now.country, optional=True, hint="A country's code, like DE or US-CA"
        ),
        inputs.text("own_holidays", "Further days off", "\n".join(now.own_holidays), optional=True, multiline=True),
        inputs.text("grace_h", "If I was down: ask how many hours late at most?", str(now.grace_h)),
        inputs.users("people", "Ask only these people (empty: the whole team)", chosen["person"]),
        inputs.channels("channels", "… and everybody in these channels", chosen["channel"]),
        *_groups(groups, chosen["group"]),
        inputs.users("observers", "Who else gets the summary?", now.observers),
    ]
    return inputs.modal(form_id, "Check-in settings", private, blocks)


def _groups(groups: Sequence[tuple[str, str]], chosen: Sequence[str]) -> list[Block]:
    label = "… and everybody in this user group"
    return [inputs.select("group", label, groups, chosen[0] if chosen else None, optional=True)] if groups else []


def read_settings(fields: Mapping[str, Any], now: Settings) -> Settings:
    """What an owner filled in; what does not come back stays as it is `now`.

    Raises:
        FormErrors: something is no number.
    """
    whole = {
        name: _whole(fields, name, getattr(now, name)) for name in ("window_h", "spacing_h", "grace_h", "reminders")
    }
    hours = fields.get("work_hours") or f"{now.work_from}-{now.work_until}"
    begin, _, end = str(hours).replace("–", "-").partition("-")
    days = str(fields.get("own_holidays", "\n".join(now.own_holidays)) or "").replace(",", "\n").split("\n")
    observers = fields.get("observers")
    return Settings(
        name=str(fields.get("name") or now.name).strip()[:80],
        visibility=Visibility(fields.get("visibility") or now.visibility),
        weekdays=_days(fields, "weekdays", now.weekdays),
        working_days=_days(fields, "working_days", now.working_days),
        at=_clock(str(fields.get("at") or now.at)),
        work_from=_clock(begin),
        work_until=_clock(end),
        country=(fields.get("country", now.country) or "").strip().upper() or None,
        own_holidays=tuple(sorted({day.strip() for day in days if day.strip()})),
        asked=_asked(fields, now.asked),
        observers=now.observers if observers is None else tuple(observers),
        **whole,
    )


def _asked(fields: Mapping[str, Any], now: Sequence[str]) -> tuple[str, ...]:
    """Each kind as it came back, or as it is `now`."""
    group = [fields["group"]] if fields.get("group") else None
    came = {"person": fields.get("people"), "channel": fields.get("channels"), "group": group}
    kept = [one for one in now if came[one.partition(":")[0]] is None]
    return (*kept, *(f"{kind}:{who}" for kind, people in came.items() for who in people or ()))


def _days(fields: Mapping[str, Any], name: str, now: tuple[int, ...]) -> tuple[int, ...]:
    """None at all is never meant: it is what a form brings back that nobody touched."""
    return tuple(sorted(int(day) for day in fields.get(name) or ())) or now


def read_wishes(fields: Mapping[str, Any], now: Wishes, read_zone: Callable[[str], str]) -> Wishes:
    """A person's own settings.

    Raises:
        FormErrors: there is no such time zone.
    """
    zone = _entered(read_zone, "timezone", fields["timezone"]) if "timezone" in fields else now.timezone
    reminders = fields.get("reminders")
    return Wishes(zone, reminders=now.reminders if reminders is None else reminders == "yes")


def _clock(text: str) -> str:
    found = as_time(text)
    return f"{found:%H:%M}" if found else text


def _whole(fields: Mapping[str, Any], name: str, now: int) -> int:
    value = fields.get(name)
    if value is None:
        return now
    if not str(value).strip().isdigit():
        raise FormErrors({name: "Write a whole number."})
    return int(value)


def delete(check_in_id: int, name: str) -> View:
    blocks: list[Block] = [
        section(f"This deletes *{escape(name)}* with *every answer ever given in it*. It cannot be undone."),
        inputs.text("name", "Type its name to delete it"),
    ]
    return inputs.modal(FormId.DELETE, "Delete the check-in?", str(check_in_id), blocks, submit="Delete")


def _entered(read: Callable[[str], str], name: str, value: str | None) -> str | None:
    """A text as `read` understands it; nothing if nothing was written.

    Raises:
        FormErrors: it does not understand it.
    """
    if not value:
        return None
    try:
        return read(value)
    except ValueError as error:
        raise FormErrors({name: str(error)}) from error
