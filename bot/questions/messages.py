"""What people see of questions and answers: pure functions over slack_sdk's models."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    InputBlock,
    PlainTextInputElement,
    PlainTextObject,
)
from slack_sdk.models.views import View

from bot.slack.blocks import FALLBACK_TEXT, context, escape, rendered, section, sections, shorten
from bot.slack.words import Words
from knowledge.answer import Answer
from knowledge.base import Answers
from knowledge.model import Citation, Phase

SHORTCUT = "questions.ask_about"
REASON_FIELD = "reason"
SUGGESTED_PROMPTS = (
    ("What should we fix now?", "We have about 3,000 users. What should we fix now?"),
    ("Something is slow", "Our dashboard takes 3 seconds to load since last week, what do we look at first?"),
    ("Too early for that?", "Should we move to microservices at 800 users?"),
)


class ActionId(StrEnum):
    PHASE = "questions.phase"
    MORE = "questions.more"
    LESS = "questions.less"
    HELPFUL = "questions.helpful"
    UNHELPFUL = "questions.unhelpful"


class FormId(StrEnum):
    REASON = "questions.reason"


def answer(answers: Answers, question_id: int, *, whole: bool = False) -> Words:
    """An answer: short, with the rest behind "More", its sources, and buttons to rate it."""
    if not answers.answered:
        return abstention(answers)
    shown = _shown(answers)
    blocks: list[Block] = []
    for found in shown:
        blocks += _advice(found, whole=whole)
    blocks += _question_of_size(answers, question_id)
    blocks.append(_buttons(question_id, whole=whole))
    fallback = "\n\n".join(f"{found.entry.title}\n{found.short}\n{_source_lines(found.sources)}" for found in shown)
    return Words(shorten(escape(fallback), FALLBACK_TEXT), rendered(blocks))


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


def _shown(answers: Answers) -> Sequence[Answer]:
    return answers.answers[:1]


def _advice(found: Answer, *, whole: bool) -> list[Block]:
    if whole:
        return sections(mrkdwn(found.text))
    return [section(f"*{escape(found.entry.title)}*\n{mrkdwn(found.short)}"), context(_source_lines(found.sources))]


def _source_lines(sources: Iterable[Citation]) -> str:
    """Each source once, as a person would look it up."""
    return "Sources: " + " · ".join(dict.fromkeys(_source(citation) for citation in sources))


def _source(citation: Citation) -> str:
    source, url = citation.source, citation.url or citation.source.url
    name = f"<{url}|{escape(source.title)}>" if url else escape(source.title)
    return f"{name} ({escape(source.author)}, {escape(str(source.date))}), § {escape(citation.section)}"


def _question_of_size(answers: Answers, question_id: int) -> list[Block]:
    """Offers the phases where the size was not told and makes a difference."""
    if not answers.phase_matters:
        return []
    buttons = [
        ButtonElement(
            text=PlainTextObject(text=phase.value), action_id=f"{ActionId.PHASE}:{phase}", value=str(question_id)
        )
        for phase in Phase
    ]
    return [
        section(_what_differs(answers)),
        ActionsBlock(block_id=f"phases:{question_id}", elements=buttons),
    ]


def _what_differs(answers: Answers) -> str:
    """Says how the advice changes with the size, where nobody told the size."""
    entry = answers.answers[0].entry
    if entry.not_before is not None:
        return f"*How many users do you have?* Below {entry.not_before.range} I would say: not yet."
    return "*How many users do you have?* My advice differs with the size."


def _buttons(question_id: int, *, whole: bool) -> ActionsBlock:
    fold = ("Less", ActionId.LESS) if whole else ("More", ActionId.MORE)
    labels = (fold, ("👍 Helpful", ActionId.HELPFUL), ("👎 Not helpful", ActionId.UNHELPFUL))
    return ActionsBlock(
        block_id=f"rate:{question_id}",
        elements=[
            ButtonElement(text=PlainTextObject(text=label), action_id=action, value=str(question_id))
            for label, action in labels
        ],
    )
