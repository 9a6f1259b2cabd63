from slack_sdk.models.blocks import Block

from bot.home import messages
from bot.slack.blocks import section


def test_a_home_with_too_much_to_say_keeps_every_card_and_says_that_it_was_cut() -> None:
    long: list[Block] = [section(f"item {number}") for number in range(150)]
    short: list[Block] = [section("mine")]

    blocks = messages.home([short, long, []], "*What I can do*").to_dict()["blocks"]

    texts = [block["text"]["text"] for block in blocks if block["type"] == "section"]
    assert len(blocks) == 100
    assert (texts[0], texts[1], texts[-1]) == ("mine", "item 0", "*What I can do*")
    assert [block["elements"][0]["text"] for block in blocks if block["type"] == "context"] == [
        "… there is more than fits here."
    ]


def test_whoever_may_not_use_it_sees_why_and_nothing_else() -> None:
    assert [block["text"]["text"] for block in messages.refused("No guests.").to_dict()["blocks"]] == ["No guests."]
