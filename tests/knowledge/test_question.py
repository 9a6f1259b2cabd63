"""What a message asks: its size, stacks, intent; whatever it is made of."""

import pytest

from knowledge.model import Phase
from knowledge.question import HEAD, TAIL, Intent, clean, parse


@pytest.mark.parametrize(
    ("text", "stacks"),
    [
        ("our Postgres is slow", ("postgres",)),
        ("pg_stat_statements shows nothing", ("postgres",)),
        ("MariaDB 10.6 locks up", ("mysql",)),
        ("Rails with Sidekiq and Redis", ("redis", "rails", "sidekiq")),
        ("next.js on k8s behind nginx", ("nginx", "kubernetes", "node")),
        ("Django + celery + RabbitMQ", ("rabbitmq", "django", "celery")),
        ("our service is written in Go", ("go",)),
        ("where do we go from here", ()),
        ("a postgres-like thing", ()),
        ("do we need an index", ()),
    ],
)
def test_stacks_are_named_in_many_ways(text: str, stacks: tuple[str, ...]) -> None:
    assert parse(text).stacks == stacks


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("What should we fix now?", Intent.PLAN),
        ("what should we do first with 5000 users", Intent.PLAN),
        ("just went past 1,200 users, what do we fix now?", Intent.PLAN),
        ("20k MAU. top 3 things to do?", Intent.PLAN),
        ("we are 3 devs with 1500 users, what should we improve first", Intent.PLAN),
        ("what are the must haves at 10k", Intent.PLAN),
        ("what typically goes wrong at 10k users?", Intent.PLAN),
        ("how do we see what our first 30 users actually do", Intent.SYMPTOM),
        ("we have ~2k users, what next?", Intent.PLAN),
        ("Should we move to microservices?", Intent.SHOULD),
        ("do we need kubernetes yet", Intent.SHOULD),
        ("is it too early for read replicas", Intent.SHOULD),
        ("is 70% cpu normal at our size?", Intent.NORMAL),
        ("how many connections is normal for 2 web servers", Intent.NORMAL),
        ("checkout times out since friday", Intent.SYMPTOM),
        ("the queue grows all night", Intent.SYMPTOM),
    ],
)
def test_what_kind_of_answer_is_wanted(text: str, intent: Intent) -> None:
    assert parse(text).intent is intent


def test_a_follow_up_searches_with_what_was_asked_before() -> None:
    asked = parse("and on MySQL?", ["our Postgres queries are slow, 5,000 users"])

    assert asked.follows_up
    assert asked.about.startswith("our Postgres queries are slow")
    assert asked.about.endswith("and on MySQL?")
    assert asked.text == "and on MySQL?"
    assert asked.stacks == ("mysql",)
    assert (asked.users, asked.phase) == (5_000, Phase.P1K_10K)


def test_a_stack_of_another_sort_is_kept_in_a_follow_up() -> None:
    assert parse("and with rails?", ["our Postgres queries are slow"]).stacks == ("rails", "postgres")


@pytest.mark.parametrize(
    ("text", "users"),
    [
        ("and at 50k?", 50_000),
        ("what about 200", 200),
        ("if we had a thousand", 1_000),
        ("now we have 12k users", 12_000),
        ("why?", 700),
    ],
)
def test_the_number_stated_last_counts(text: str, users: int) -> None:
    assert parse(text, ["we have 700 users and slow pages"]).users == users


def test_a_message_that_stands_alone_leaves_the_thread_behind() -> None:
    text = "Completely different subject: our TLS certificate for the payment domain expires on Sunday, whom to ask?"
    asked = parse(text, ["our Postgres queries are slow"])

    assert not asked.follows_up
    assert asked.about == text


def test_only_the_last_three_turns_count() -> None:
    asked = parse("and then?", [f"turn {number} of us" for number in range(1, 6)])

    assert asked.about == "turn 3 of us turn 4 of us turn 5 of us and then?"


def test_of_forty_kilobytes_the_beginning_and_the_end_are_read() -> None:
    asked = parse("we have 300 users. " + "blah " * 8_000 + "why is the queue stuck?")

    assert len(asked.text) <= HEAD + TAIL + 1
    assert asked.text.startswith("we have 300 users. blah")
    assert asked.text.endswith("blah why is the queue stuck?")
    assert asked.users == 300


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("slow\x00 \x1b[31mquery\x07", "slow [31mquery"),
        ("slow​ly‮ nwod", "slow ly nwod"),
        ("  two   spaces \n\n\n next\tline  ", "two spaces\nnext line"),
        ("ｆｕｌｌ　ｗｉｄｔｈ ５００ users", "full width 500 users"),
        ("هل نحتاج إلى فهرس؟", "هل نحتاج إلى فهرس؟"),
        ("🔥🔥 site down 😱", "🔥🔥 site down 😱"),
        ("\ud800 lone surrogate", "lone surrogate"),
        ("\u2028line\u2029", "line"),
        ("", ""),
    ],
)
def test_control_characters_go_and_other_scripts_stay(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize("text", ["", " \n\t", "🔥", "?!", "‮", "\x00" * 50_000, "هل"])
def test_a_message_without_words_asks_nothing_in_particular(text: str) -> None:
    asked = parse(text, ["", text])

    assert (asked.users, asked.phase, asked.stacks) == (None, None, ())
    assert asked.intent is Intent.SYMPTOM


def test_five_hundred_mentions_are_bounded_and_name_nothing() -> None:
    asked = parse("<@U1> " * 500)

    assert len(asked.text) <= HEAD + TAIL + 1
    assert (asked.users, asked.stacks, asked.intent) == (None, (), Intent.SYMPTOM)
