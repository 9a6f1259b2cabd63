"""What people see of check-ins: pure functions over slack_sdk's models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, PlainTextObject

from bot.checkins.answers import LABELS
from bot.checkins.ledger import Row, when
from bot.checkins.model import State, Visibility
from bot.checkins.summary import FEWEST_ANONYMOUS, Change, NextFix, Standing, Summary
from bot.slack.blocks import FALLBACK_TEXT, context, escape, header, rendered, section, sections, shorten
from bot.slack.words import Words
from knowledge.answer import cite, compose
from knowledge.model import Entry, Phase

MOST_NAMES = 20
MOST_COMMENTS = 10
MOST_ADVICE = 5


class ActionId(StrEnum):
    FILL = "checkins.fill"
    SKIP = "checkins.skip"
    SNOOZE = "checkins.snooze"
    TOMORROW = "checkins.tomorrow"
    OUT = "checkins.out"
    BACK = "checkins.back"
    ADVICE = "checkins.advice"
    PREFER = "checkins.prefer"
    NEW = "checkins.new"
    PANEL = "checkins.panel"
    CHANGE = "checkins.change"
    TEST = "checkins.test"
    CLOSE_NOW = "checkins.close_now"
    PAUSE = "checkins.pause"
    RESUME = "checkins.resume"
    DUPLICATE = "checkins.duplicate"
    ARCHIVE = "checkins.archive"
    RESTORE = "checkins.restore"
    DELETE = "checkins.delete"
    EXPORT_CSV = "checkins.export_csv"
    EXPORT_JSON = "checkins.export_json"


@dataclass(frozen=True)
class About:
    """Which round something is about, for whom."""

    round_id: int
    team: str
    channel: str
    period: str
    visibility: Visibility
    closes_at: datetime
    zone: str
    is_test: bool = False


@dataclass(frozen=True)
class Told:
    """A summary and what it takes to word it."""

    about: About
    team_id: int
    summary: Summary
    names: Mapping[str, str]
    titles: Mapping[str, str]
    phase: Phase | None = None
    is_preview: bool = False
    asked: int = 0
    anonymous: bool = field(default=False)


def who_sees(visibility: Visibility, channel: str) -> str:
    """Who will see the answers, said before the first question."""
    if visibility == Visibility.NAMED:
        return f"*Who sees your answers:* everyone in <#{channel}>, with your name."
    if visibility == Visibility.LEADS:
        return (
            f"*Who sees your answers:* the owners of the team, with your name. <#{channel}> sees what the team has, "
            "without names."
        )
    return (
        f"*Who sees your answers:* nobody with your name. <#{channel}> sees what at least {FEWEST_ANONYMOUS} people "
        "answered and at least two say alike, no single answer and none of your words. The price: nobody can ask you "
        "back or help you directly, and what only you see is not shown. (Until it closes I keep your name with your "
        "answers so that you can change them; whoever runs my database could look.)"
    )


@lru_cache(maxsize=64)
def invitation(about: About, questions: int) -> Words:
    """The ask; made once for all the people of a zone."""
    preview = "*This is a test run, only for you.* " if about.is_test else ""
    text = (
        f"{preview}How is *{escape(about.team)}* doing? {_counted(questions, 'question')}, about a minute. "
        f"Open until {when(about.closes_at, about.zone)}."
    )
    blocks = [section(text), context(who_sees(about.visibility, about.channel)), _invitation_buttons(about)]
    fallback = f"{about.team}: this week's check-in, {_counted(questions, 'question')}, about a minute."
    return Words(escape(fallback), rendered(blocks))


def reminder(about: About, number: int) -> Words:
    """A nudge to whoever has not answered."""
    text = (
        f"A reminder: the check-in of *{escape(about.team)}* is open until {when(about.closes_at, about.zone)} "
        "and has no answer from you yet."
    )
    return Words(
        f"A reminder of {escape(about.team)}'s check-in", rendered([section(text), _invitation_buttons(about)])
    )


def direct(about: About, state: State, at: datetime | None) -> Words:
    """A person's own message about a round after they did something."""
    text = {
        State.DRAFT: "Saved. It does not count yet: press the button to go on.",
        State.ANSWERED: _thanks(about, at),
        State.SKIPPED: "Skipped this time. You can still fill it in if you like.",
        State.SNOOZED: f"I will remind you {when(at, about.zone) if at else 'later'}.",
        State.OUT: "Enjoy your time off. I will not ask you until you are back.",
    }[state]
    line = f"*{escape(about.team)}*, {about.period}: {text}"
    fill = "Change my answers" if state == State.ANSWERED else "Go on" if state == State.DRAFT else "Fill in"
    buttons = [_button(fill, ActionId.FILL, about.round_id)]
    if state == State.OUT:
        buttons.insert(0, _button("I'm back", ActionId.BACK, about.round_id))
    return Words(f"{escape(about.team)}: {text}", rendered([section(line), ActionsBlock(elements=buttons)]))


def _thanks(about: About, edited: datetime | None) -> str:
    if edited is not None:
        return "Thank you! The summary now has your change, marked as edited."
    return f"Thank you! You can change your answers until {when(about.closes_at, about.zone)}, and later as an edit."


def summary(told: Told) -> Words:
    """What a round came to: people, symptoms with their change, what to fix next."""
    about, data = told.about, told.summary
    title = f"{'Preview: ' if told.is_preview else ''}{about.team}, check-in {about.period}"
    blocks: list[Block] = [header(title), *sections(_people(told))]
    if told.anonymous and len(data.answered) < FEWEST_ANONYMOUS:
        blocks += sections(
            f"Fewer than {FEWEST_ANONYMOUS} answers: nothing is shown, so that nobody can be recognised."
        )
    else:
        blocks += sections(_symptoms(told))
    blocks += sections(_fixes(told))
    blocks += _comments(told)
    blocks += _advice_buttons(told)
    fallback = f"{title}: {len(data.answered)} of {told.asked} answered. {_plain_symptoms(told)}"
    return Words(shorten(escape(fallback), FALLBACK_TEXT), rendered(blocks))


def _people(told: Told) -> str:
    data = told.summary
    lines = [f"*{len(data.answered)} of {told.asked} answered*"]
    if not told.anonymous:
        lines[0] += f": {_names(told, data.answered, edited=data.edited)}" if data.answered else ""
        lines += [f"*Missing:* {_names(told, data.missing)}"] if data.missing else []
    lines += _not_asked(told)
    return "\n".join(lines)


def _not_asked(told: Told) -> list[str]:
    """Nobody is lost silently: who was not asked, and why."""
    by_reason: dict[str, list[str]] = {}
    for person, reason in told.summary.not_asked.items():
        by_reason.setdefault(reason, []).append(person)
    return [f"*Not asked:* {_names(told, people)} ({escape(reason)})" for reason, people in by_reason.items()]


def _names(told: Told, people: Sequence[str], edited: Sequence[str] = ()) -> str:
    shown = [
        escape(told.names.get(person, person)) + (" _(edited)_" if person in edited else "")
        for person in people[:MOST_NAMES]
    ]
    more = f" and {len(people) - MOST_NAMES} more" if len(people) > MOST_NAMES else ""
    return ", ".join(shown) + more


def _symptoms(told: Told) -> str:
    if not told.summary.standings:
        return "*Symptoms now:* none reported."
    lines = [_symptom(told, standing) for standing in told.summary.standings]
    return "\n".join(["*Symptoms now*", *lines])


def _symptom(told: Told, standing: Standing) -> str:
    finding = standing.finding
    title = escape(told.titles.get(finding.symptom, finding.symptom))
    if standing.change is Change.GONE:
        return f"• ✓ _{title}_: gone since last time"
    if standing.change is Change.UNHEARD:
        return f"• *{title}*: nobody said anything about it this time"
    arrow = {Change.NEW: "🆕", Change.WORSE: "▲", Change.BETTER: "▼", Change.SAME: "="}[standing.change]
    return f"• *{title}*: {LABELS[finding.level].lower()}{_by_whom(told, standing)}, {arrow} {standing.change}"


def _by_whom(told: Told, standing: Standing) -> str:
    finding = standing.finding
    if not finding.people:
        return ""
    return f" ({_names(told, finding.people)}; {len(finding.people)} of {finding.asked} who were asked about it)"


def _plain_symptoms(told: Told) -> str:
    shown = [
        f"{told.titles.get(s.finding.symptom, s.finding.symptom)} ({s.change})" for s in told.summary.standings[:5]
    ]
    return f"Symptoms: {', '.join(shown)}." if shown else "No symptoms reported."


def _fixes(told: Told) -> str:
    if not told.summary.fixes:
        return ""
    size = f" at {told.phase.range}" if told.phase else ""
    lines = [f"{number}. {_fix(told, fix)}" for number, fix in enumerate(told.summary.fixes, 1)]
    return "\n".join([f"*What to fix next{size}*", *lines])


def _fix(told: Told, fix: NextFix) -> str:
    against = ", ".join(escape(told.titles.get(symptom, symptom)).lower() for symptom in fix.against[:3])
    effort = f" ({fix.entry.effort})" if fix.entry.effort else ""
    helps = f" _Helps against: {against}._" if against else ""
    return f"*{escape(fix.entry.title)}*{effort}: {escape(fix.why)}{helps}"


def _comments(told: Told) -> list[Block]:
    comments = list((told.summary.comments or {}).items())[:MOST_COMMENTS]
    if not comments:
        return []
    lines = [
        f"> {escape(shorten(' '.join(text.split()), 280))} (_{_names(told, [person])}_)" for person, text in comments
    ]
    return list(sections("\n".join(["*In their words*", *lines])))


def _advice_buttons(told: Told) -> list[Block]:
    """Each symptom and each fix leads to its advice."""
    shown = [s.finding.symptom for s in told.summary.standings if s.change is not Change.GONE][:MOST_ADVICE]
    symptoms = [_advice(told.team_id, name, told.titles.get(name, name)) for name in shown]
    fixes = [_advice(told.team_id, fix.entry.id, f"How: {fix.entry.title}") for fix in told.summary.fixes]
    rows: list[Block] = [ActionsBlock(elements=buttons) for buttons in (symptoms, fixes) if buttons]
    if not told.is_preview:
        rows.append(ActionsBlock(elements=[_button("Add or change my answers", ActionId.FILL, told.about.round_id)]))
    return rows


def _advice(team_id: int, entry: str, label: str) -> ButtonElement:
    return ButtonElement(
        text=PlainTextObject(text=shorten(label, 70)),
        action_id=f"{ActionId.ADVICE}:{entry}",
        value=f"{team_id}:{entry}",
    )


def advice(entry: Entry, phase: Phase | None, titles: Mapping[str, str], stacks: Sequence[str]) -> Words:
    """What an entry says to the team, with its sources."""
    answer = compose(entry, 1.0, phase, stacks, titles)
    sources = " · ".join(dict.fromkeys(cite(citation) for citation in answer.sources[:4]))
    text = f"*{escape(entry.title)}*\n{escape(answer.short)}"
    return Words(shorten(text, FALLBACK_TEXT), rendered([*sections(text), context(escape(f"Sources: {sources}"))]))


def nobody_asked(about: About, reasons: Sequence[str]) -> Words:
    """Tells the owners that a round came to nothing."""
    why = "; ".join(reasons) or "nobody could be asked"
    text = f"*{escape(about.team)}*, check-in {about.period}: nobody was asked. Why: {escape(why)}."
    return Words(text, rendered(sections(text)))


def alert(about: About, failed: Sequence[Row], names: Mapping[str, str]) -> Words:
    """Tells the owners whom the advisor could not ask."""
    lines = [f"• {escape(names.get(row.person, row.person))}: {escape(row.reason or 'unknown')}" for row in failed[:30]]
    more = [f"• … and {len(failed) - 30} more"] if len(failed) > 30 else []
    text = "\n".join([f"*{escape(about.team)}*, check-in {about.period}: I could not ask", *lines, *more])
    return Words(shorten(text, FALLBACK_TEXT), rendered(sections(text)))


def missed(team: str, name: str, days: Sequence[str]) -> Words:
    text = (
        f"*{escape(team)}*: the check-in _{escape(name)}_ should have asked on {', '.join(days)} and did not. "
        "This must not happen; please tell whoever runs me."
    )
    return Words(text, rendered([section(text)]))


def picture_in_words(alt_text: str) -> Words:
    """What the picture would have shown, where Slack did not take it."""
    return Words(shorten(escape(alt_text), FALLBACK_TEXT), rendered(sections(escape(alt_text))))


def away(until: date) -> Words:
    text = f"You are out until {until:%A %Y-%m-%d}; I do not ask or remind you before. Welcome back then!"
    return Words(text, rendered([section(text), ActionsBlock(elements=[_button("I'm back", ActionId.BACK, 0)])]))


def said(text: str) -> Words:
    """A plain sentence."""
    return Words(text, rendered([section(text)]))


def _invitation_buttons(about: About) -> ActionsBlock:
    fill = _button("Fill in", ActionId.FILL, about.round_id, style="primary")
    if about.is_test:
        return ActionsBlock(elements=[fill])
    others = (
        ("In 2 hours", ActionId.SNOOZE),
        ("Tomorrow", ActionId.TOMORROW),
        ("Skip this week", ActionId.SKIP),
        ("Out until …", ActionId.OUT),
    )
    return ActionsBlock(elements=[fill, *(_button(label, action, about.round_id) for label, action in others)])


def _button(label: str, action: str, value: int, style: str | None = None) -> ButtonElement:
    return ButtonElement(text=PlainTextObject(text=label), action_id=action, value=str(value), style=style)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
