"""The whole text of several answers at once: Slack takes no more than some 12,000 characters of blocks."""

from dataclasses import replace

import pytest

from bot.questions.messages import WHOLE_TEXT, answer
from bot.questions.service import Asker
from knowledge.base import KnowledgeBase


@pytest.mark.model
def test_four_long_answers_in_full_leave_room_for_slack(knowledge_base: KnowledgeBase) -> None:
    found = knowledge_base.ask("our dashboard is slow")
    longest = [max(found.answers, key=lambda one: len(one.text)) for _ in range(4)]
    longest = [longest[0], *(replace(one, text=one.text[:4_000]) for one in longest[1:])]
    words = answer(replace(found, answers=tuple(longest), statements=("a", "b", "c", "d")), 1, Asker(), whole=True)

    texts = [block["text"]["text"] for block in words.blocks if block["type"] == "section"]
    assert len(longest[0].text) < len("".join(texts)) < WHOLE_TEXT + 3 * 700


@pytest.mark.model
def test_an_answer_alone_is_shown_in_full_however_long(knowledge_base: KnowledgeBase) -> None:
    found = knowledge_base.ask("our dashboard is slow")
    longer = replace(found.answers[0], text="word " * 3_000)
    words = answer(replace(found, answers=(longer,)), 1, Asker(), whole=True)

    assert sum(len(block["text"]["text"]) for block in words.blocks if block["type"] == "section") > 14_000
