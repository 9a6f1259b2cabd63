"""How many users a message states, in digits or words; other numbers are not taken for users."""

import pytest

from knowledge.model import Phase
from knowledge.users import amount, users_stated


@pytest.mark.parametrize(
    ("text", "users"),
    [
        ("~35k users", 35_000),
        ("we're at 35k users now and the site is slow", 35_000),
        ("two thousand customers", 2_000),
        ("two thousand five hundred users", 2_500),
        ("two hundred and fifty customers", 250),
        ("one hundred and twenty thousand users", 120_000),
        ("twenty-five thousand users", 25_000),
        ("twenty-five customers", 25),
        ("half a million users", 500_000),
        ("a couple of thousand users", 2_000),
        ("hundreds of thousands of users", 300_000),
        ("a few hundred sign-ups", 300),
        ("a few hundred users", 300),
        ("a dozen beta testers", 12),
        ("12,000 MAU", 12_000),
        ("12.000 users", 12_000),
        ("20 000 users", 20_000),
        ("1.000.000 users", 1_000_000),
        ("1.5M users", 1_500_000),
        ("1,5 million users", 1_500_000),
        ("700 paying customers and 3 engineers", 700),
        ("8000 students", 8_000),
        ("users: 4500", 4_500),
        ("user base of about 40k", 40_000),
        ("we just hit 10k", 10_000),
        ("we just passed 1,000", 1_001),
        ("Just crossed 10k! So what now?", 10_001),
        ("5000+ users", 5_001),
        ("over 1000 users", 1_001),
        ("under 100 users", 99),
        ("no users yet", 0),
        ("we haven't launched", 0),
        ("40 paying clinics on one schema, one wants its own database", 40),
        ("650 patients use it", 650),
        ("SendGrid or own postfix? 30 pilot users", 30),
        ("is it too early to optimize with 500 users?", 500),
        ("quarter of a million registered, 14 devs", 250_000),
        ("400k registered, all three live in the same process", 400_000),
        ("One client, a bank, demands a server. The other 180 customers share everything", 180),
        ("two customers left since. 30k users, all on v1", 30_000),
        ("the newsletter goes out at 8:00 to 30k subscribers", 30_000),
        ("their quote grew once we passed 120k active users", 120_001),
        ("9k a month comes in from 700 customers", 700),
        ("we have one customer", 1),
        ("it must go beyond 1000 users, says the freelancer, and we have 220 users", 220),
        ("the API hung for 20 minutes on it. Do we need a bigger RDS? 52k users.", 52_000),
        ("we're 100k+ and our users table does 900 writes/s", 100_001),
        ("investor asked 'what's your architecture for 10M users'. we have 220. do I need kafka", 220),
        ("a deal brings 2M subscribers, now 30k users", 30_000),
        ("a sensible target for an app with 2000 users?", 2_000),
        ("5 users, should we index?", 5),
        ("0 users and pre launch", 0),
        ("pre launch, what should I not build?", 0),
    ],
)
def test_stated_users_are_understood(text: str, users: int) -> None:
    assert users_stated(text) == users


@pytest.mark.parametrize(
    ("text", "users"),
    [
        ("1-2k users", 1_414),
        ("1k to 2k users", 1_414),
        ("300–500 users", 387),
        ("between 1,000 and 4,000 users", 2_000),
        ("between five and ten thousand users", 7_071),
        ("we grew from 500 to 2,000 users", 2_000),
    ],
)
def test_a_range_counts_as_its_geometric_middle_and_growth_as_its_end(text: str, users: int) -> None:
    assert users_stated(text) == users


@pytest.mark.parametrize(
    "text",
    [
        "$2,000 a month",
        "our bill went from 300 to 900 dollars",
        "p95 is 1200 ms",
        "the page takes 12 seconds",
        "since 2024",
        "on 2025-03-01 we deployed",
        "500 req/s",
        "10k requests per minute",
        "postgres 15 on port 5432",
        "10k rows",
        "4 GB of RAM and 3 servers",
        "12 people in our team",
        "users 12% up",
        "1,000 concurrent users",
        "500 users online at the same time",
        "300 users complained",
        "before we reach 100k users",
        "what if we had 50k users",
        "3 users per account",
        "all eight devs use the same password",
        "three teams use it, nobody owns it",
        "two user tables (300k and 80k) and two billing providers",
        "2M login attempts last night, several accounts taken over",
        "two accounts named slowness when they left",
        "37 customers were charged twice",
        "12 users out of 2,000 make half of the bill",
        "there were 17 people on the zoom",
        "my partner wants it to hold a million users first",
        "60 enterprise customers",
        "40 tenants in one database",
        "99999999999999 users",
        "",
    ],
)
def test_other_numbers_are_no_users(text: str) -> None:
    assert users_stated(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.5M", 1_500_000),
        ("35k", 35_000),
        ("12,000", 12_000),
        ("a few hundred", 300),
        ("three", 3),
        ("a hundred", 100),
        ("one million two hundred thousand", 1_200_000),
        ("many", None),
    ],
)
def test_amounts_in_digits_and_words(text: str, number: float | None) -> None:
    assert amount(text) == number


@pytest.mark.parametrize(
    ("users", "phase"),
    [
        (0, "0-100"),
        (100, "0-100"),
        (101, "100-1k"),
        (1_000, "100-1k"),
        (1_001, "1k-10k"),
        (10_000, "1k-10k"),
        (10_001, "10k-100k"),
        (100_000, "10k-100k"),
        (100_001, "100k+"),
        (9_000_000_000, "100k+"),
    ],
)
def test_a_boundary_belongs_to_the_lower_phase(users: int, phase: str) -> None:
    assert Phase.of_users(users) == phase


def test_phases_are_ordered_by_size_not_by_spelling() -> None:
    assert sorted(["100k+", "1k-10k", "0-100", "10k-100k", "100-1k"], key=Phase) == list(Phase)
    assert Phase.P1K_10K > Phase.P100_1K > "0-100"
    assert Phase.P10K_100K <= "10k-100k" >= Phase.P10K_100K
    assert [phase.next for phase in Phase] == [*list(Phase)[1:], None]
    assert Phase.P100_1K.range == "100 to 1,000 users"
