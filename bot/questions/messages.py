"""What people see of questions and answers: pure functions over slack_sdk's models."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    InputBlock,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
)
from slack_sdk.models.views import View

from bot.questions.service import Asker, symptoms_of
from bot.slack.blocks import FALLBACK_TEXT, context, escape, rendered, section, sections, shorten
from bot.slack.words import Words
from bot.teams.forms import stack_name
from bot.teams.messages import written_day
from bot.teams.profile import FactName, Seen, TeamProfile
from knowledge.answer import Answer
from knowledge.base import Answers
from knowledge.model import Citation, Phase, Source
from knowledge.question import Intent

SHORTCUT = "questions.ask_about"
REASON_FIELD = "reason"
SYMPTOM_FIELD, SEVERITY_FIELD, NOTE_FIELD = "symptom", "severity", "note"
SEVERITIES = (
    "1 – annoying",
    "2 – it costs us time",
    "3 – users notice",
    "4 – users are hindered",
    "5 – users are hurt right now",
)
SUGGESTED_PROMPTS = (
    ("What should we fix now?", "We have about 3,000 users. What should we fix now?"),
    ("Something is slow", "Our dashboard takes 3 seconds to load since last week, what do we look at first?"),
    ("Too early for that?", "Should we move to microservices at 800 users?"),
)


PHASE_FLOORS = dict(zip(Phase, ("1 user", "100 users", "1,000 users", "10,000 users", "100,000 users"), strict=True))
# Slack refuses a message whose blocks have more than some 12,000 characters in all; short answers need some too.
WHOLE_TEXT = 9_000


class ActionId(StrEnum):
    PHASE = "questions.phase"
    MORE = "questions.more"
    LESS = "questions.less"
    HELPFUL = "questions.helpful"
    UNHELPFUL = "questions.unhelpful"
    PROBLEM = "questions.problem"
    TAKE_NUMBER = "questions.take_number"


class FormId(StrEnum):
    REASON = "questions.reason"
    PROBLEM = "questions.problem"


def answer(answers: Answers, question_id: int, asker: Asker, *, whole: bool = False) -> Words:
    """An answer: short, with the rest behind "More", its sources, and buttons to rate it."""
    if not answers.answered:
        return abstention(answers)
    if answers.question.intent is Intent.PLAN and answers.phase is None:
        return plans(answers, question_id)
    shown = [found for _, found in answers.shown]
    blocks: list[Block] = []
    room = WHOLE_TEXT
    for statement, found in answers.shown:
        blocks += [_statement(statement)] if statement else []
        in_full = whole and (len(shown) == 1 or len(found.text) <= room)
        room -= len(found.text if in_full else found.short)
        blocks += _advice(found, whole=in_full)
        blocks += [context("There is much more to this one: ask about it alone.")] if whole and not in_full else []
    blocks += _question_of_size(answers, question_id)
    blocks += _for_whom(answers, asker)
    blocks += _number_told(question_id, asker)
    is_problem = asker.team is not None and bool(symptoms_of([found.entry for found in shown]))
    blocks.append(_buttons(question_id, whole=whole, is_problem=is_problem))
    return Words(shorten("\n\n".join(map(_plainly, shown)), FALLBACK_TEXT), rendered(blocks))


def plans(answers: Answers, question_id: int) -> Words:
    """What comes first at each size, where somebody asked for a plan without saying how big they are."""
    lines = [f"• {escape(found.entry.title)}" for found in answers.answers]
    text = "\n".join(["*What comes first depends on your size:*", *lines])
    question = "*How many users do you have?* Then I give you the plan in order."
    blocks: list[Block] = [section(text), section(question), _sizes(question_id)]
    return Words(shorten(f"{text}\n{question}", FALLBACK_TEXT), rendered(blocks))


def abstention(answers: Answers) -> Words:
    """What it does not know, in one friendly line, and what it could tell instead."""
    if answers.reply:
        return Words(escape(answers.reply), rendered([section(escape(answers.reply))]))
    line = "I have no guidance on that, so I would rather not guess."
    topics = "".join(f"\n• {escape(topic.title)}" for topic in answers.topics)
    text = f"{line} The nearest I can help with:{topics}" if topics else line
    return Words(text, rendered([section(text)]))


def usage() -> Words:
    text = (
        "Ask me what to fix at your size, and what to leave alone yet. For example: "
        "_“We have 3,000 users and the dashboard takes 4 seconds”_ or _“Should we move to Kubernetes?”_ "
        "`/advisor help` shows everything I do."
    )
    return Words(text, rendered([section(text)]))


def unreachable(channel: str, why: str, words: Words) -> Words:
    """An answer that could not be given where it was asked, with the reason."""
    reason = {
        "not_in_channel": "I am not in that channel; invite me with `/invite`",
        "channel_not_found": "I am not in that channel; invite me with `/invite`",
        "is_archived": "the channel is archived",
    }.get(why, "Slack did not let me post there")
    line = f"I could not answer in <#{channel}>: {reason}. Here is the answer:"
    return Words(f"{line}\n{words.text}", [*rendered([section(line)]), *words.blocks])


def reason_form(question_id: int) -> View:
    """Asks what was wrong with an answer; may be left empty."""
    return View(
        type="modal",
        callback_id=FormId.REASON,
        private_metadata=str(question_id),
        title=PlainTextObject(text="What was wrong?"),
        submit=PlainTextObject(text="Send"),
        close=PlainTextObject(text="Skip"),
        blocks=[
            InputBlock(
                block_id=REASON_FIELD,
                optional=True,
                label=PlainTextObject(text="It helps to know (you may leave this empty)"),
                element=PlainTextInputElement(action_id=REASON_FIELD, multiline=True, max_length=2000),
            )
        ],
    )


def problem_form(question_id: int, symptoms: Sequence[str]) -> View:
    """Asks what the team has and how bad it is."""
    which = [Option(value=symptom, label=symptom.replace("-", " ").capitalize()) for symptom in symptoms]
    how_bad = [Option(value=str(severity), label=label) for severity, label in enumerate(SEVERITIES, 1)]
    return View(
        type="modal",
        callback_id=FormId.PROBLEM,
        private_metadata=str(question_id),
        title=PlainTextObject(text="We have this problem"),
        submit=PlainTextObject(text="Note it"),
        close=PlainTextObject(text="Cancel"),
        blocks=[
            _choice(SYMPTOM_FIELD, "What is it?", which, which[0]),
            _choice(SEVERITY_FIELD, "How bad is it?", how_bad, how_bad[2]),
            InputBlock(
                block_id=NOTE_FIELD,
                optional=True,
                label=PlainTextObject(text="Anything to remember (you may leave this empty)"),
                element=PlainTextInputElement(action_id=NOTE_FIELD, multiline=True, max_length=2000),
            ),
        ],
    )


def _choice(name: str, label: str, options: Sequence[Option], chosen: Option) -> InputBlock:
    element = RadioButtonsElement(action_id=name, options=list(options), initial_option=chosen)
    return InputBlock(block_id=name, label=PlainTextObject(text=label), element=element)


def noted(team: TeamProfile, seen: Seen) -> Words:
    """Tells whoever reported a problem that it is remembered."""
    text = (
        f"Noted for *{escape(team.name)}*: {seen.symptom.replace('-', ' ')}, {seen.severity} of 5. It stays on my Home "
        "tab until somebody says that it is over."
    )
    return Words(text, rendered([section(text)]))


def mrkdwn(markdown: str) -> str:
    """The Markdown of guidance as Slack writes it."""
    parts = re.split(r"(```.*?```)", escape(markdown), flags=re.S)
    return "".join(_fence(part) if part.startswith("```") else _prose(part) for part in parts)


def _fence(fence: str) -> str:
    return re.sub(r"^```[^\n]*\n", "```\n", fence)


def _prose(text: str) -> str:
    text = re.sub(r"^#+ +(.+)$", r"*\1*", text, flags=re.M)
    text = re.sub(r"\*\*(.+?)\*\*", r"*\1*", text)
    return re.sub(r"^- ", "• ", text, flags=re.M)


def _statement(said: str) -> ContextBlock:
    """Which of several matters the answer below is about, in the words of whoever told of them."""
    return context(f"On “{escape(shorten(said, 150))}”")


def _advice(found: Answer, *, whole: bool) -> list[Block]:
    if whole:
        return sections(mrkdwn(found.text))
    short = re.sub(r"^(Not yet[^.:\n]*[.:])", r"*\1*", mrkdwn(found.short), flags=re.M)
    return [section(f"*{escape(found.entry.title)}*\n{short}"), context(_source_lines(found.short_sources))]


def _plainly(found: Answer) -> str:
    """What notifications and screen readers say."""
    return f"{escape(found.entry.title)}\n{escape(found.short)}\n{_source_lines(found.short_sources)}"


def _source_lines(citations: Iterable[Citation]) -> str:
    """Each source once, with the sections that are cited, as a person would look them up."""
    sections_of: dict[Source, list[str]] = {}
    for citation in citations:
        sections_of.setdefault(citation.source, []).append(_section_of(citation))
    return "Sources: " + " · ".join(f"{_source(source)}: {', '.join(at)}" for source, at in sections_of.items())


def _source(source: Source) -> str:
    title = escape(source.title)
    name = f"<{source.url}|{title}>" if source.url else title
    return f"{name} ({escape(source.author)}, {escape(str(source.date))})"


def _section_of(citation: Citation) -> str:
    section = escape(citation.section)
    return f"<{citation.url}|{section}>" if citation.url else f"“{section}”"


def _question_of_size(answers: Answers, question_id: int) -> list[Block]:
    """Offers the phases where the size was not told and makes a difference."""
    return [section(_what_differs(answers)), _sizes(question_id)] if answers.phase_matters else []


def _sizes(question_id: int) -> ActionsBlock:
    buttons = [
        ButtonElement(
            text=PlainTextObject(text=phase.value), action_id=f"{ActionId.PHASE}:{phase}", value=str(question_id)
        )
        for phase in Phase
    ]
    return ActionsBlock(block_id=f"phases:{question_id}", elements=buttons)


def _what_differs(answers: Answers) -> str:
    """Says how the advice changes with the size: the smallest and the biggest team's, where both are known."""
    entry = answers.answers[0].entry
    question = "*How many users do you have?* "
    if entry.not_before is not None:
        return f"{question}Below {PHASE_FLOORS[entry.not_before]} I would say: not yet."
    if len(entry.by_phase) < 2:
        return f"{question}My advice differs with the size."
    ends = (min(entry.by_phase), max(entry.by_phase))
    return "\n".join([question, *(f"• {phase.range}: {escape(entry.by_phase[phase].text)}" for phase in ends)])


def _for_whom(answers: Answers, asker: Asker) -> list[Block]:
    """Says whose phase and stack the answer is for."""
    team = asker.team
    if team is None:
        return []
    stack = f" on {', '.join(stack_name(stack) for stack in team.stacks)}" if team.stacks else ""
    if answers.phase is not None and answers.phase != team.phase:
        known = f", which I have at {team.phase}" if team.phase else ""
        return [context(f"Answered at {answers.phase}, for *{escape(team.name)}*{known}{stack}.")]
    return [context(f"Answered for *{escape(team.name)}*{f' at {team.phase}' if team.phase else ''}{stack}.")]


def _number_told(question_id: int, asker: Asker) -> list[Block]:
    """Offers to remember a number of users told in passing."""
    if asker.team is None or asker.users is None:
        return []
    known = asker.team.facts.get(FactName.USERS)
    has = f"has {known.value:,.0f} since {written_day(known.as_of)}" if known else "does not have it yet"
    button = ButtonElement(
        text=PlainTextObject(text=f"Update to {asker.users:,}"), action_id=ActionId.TAKE_NUMBER, value=str(question_id)
    )
    return [
        section(f"You told me of {asker.users:,} users; the profile of *{escape(asker.team.name)}* {has}."),
        ActionsBlock(block_id=f"number:{question_id}", elements=[button]),
    ]


def _buttons(question_id: int, *, whole: bool, is_problem: bool) -> ActionsBlock:
    fold = ("Less", ActionId.LESS) if whole else ("More", ActionId.MORE)
    labels = [fold, ("👍 Helpful", ActionId.HELPFUL), ("👎 Not helpful", ActionId.UNHELPFUL)]
    if is_problem:
        labels.append(("We have this problem", ActionId.PROBLEM))
    return ActionsBlock(
        block_id=f"rate:{question_id}",
        elements=[
            ButtonElement(text=PlainTextObject(text=label), action_id=action, value=str(question_id))
            for label, action in labels
        ],
    )
