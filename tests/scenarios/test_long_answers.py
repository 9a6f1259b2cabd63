"""The whole text of several answers at once: Slack takes no more than some 12,000 characters of blocks."""

from dataclasses import replace

import pytest

from bot.questions.messages import WHOLE_TEXT, answer
from bot.questions.service import Asker
from knowledge.base import KnowledgeBase


@pytest.mark.model
def test_of_several_answers_those_are_shown_in_full_for_which_slack_has_room(knowledge_base: KnowledgeBase) -> None:
    found = knowledge_base.ask("our dashboard is slow")
    lengths = (WHOLE_TEXT + 1, 4_000, 3_000, 4_000)
    several = tuple(replace(found.answers[0], text="w" * length, short="s" * 500) for length in lengths)
    words = answer(replace(found, answers=several, statements=("a", "b", "c", "d")), 1, Asker(), whole=True)

    texts = "".join(block["text"]["text"] for block in words.blocks if block["type"] == "section")
    assert (texts.count("w" * 3_000), texts.count("s" * 500)) == (2, 2)
    assert len(texts) < WHOLE_TEXT + 3 * 700


@pytest.mark.model
def test_an_answer_alone_is_shown_in_full_however_long(knowledge_base: KnowledgeBase) -> None:
    found = knowledge_base.ask("our dashboard is slow")
    longer = replace(found.answers[0], text="word " * 3_000)
    words = answer(replace(found, answers=(longer,)), 1, Asker(), whole=True)

    assert sum(len(block["text"]["text"]) for block in words.blocks if block["type"] == "section") > 14_000
