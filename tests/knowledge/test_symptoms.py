"""Notes and log lines: what they report, what they deny, and what they only fear."""

import pytest

from knowledge.base import GUIDANCE, KnowledgeBase
from knowledge.clauses import Clause
from knowledge.golden import GOLDEN, load
from knowledge.hearing import Heard
from knowledge.index import Words
from knowledge.library import load_library
from knowledge.model import SYMPTOMS
from knowledge.symptoms import SymptomReader, SymptomReading
from tests.knowledge.encoders import TableEncoder


def present(reading: SymptomReading) -> set[str]:
    return {reported.symptom for reported in reading.present}


def denied(reading: SymptomReading) -> set[str]:
    return {reported.symptom for reported in reading.denied}


@pytest.fixture(scope="module")
def reader() -> KnowledgeBase:
    """Our guidance with an encoder that knows no likeness: signs and error texts alone speak."""
    return KnowledgeBase.open([GUIDANCE], None, TableEncoder({}, otherwise=(0.0, 0.0, 0.0)))


@pytest.mark.parametrize(
    ("note", "reported"),
    [
        (
            "FATAL: remaining connection slots are reserved for non-replication superuser connections",
            "too-many-connections",
        ),
        ("write failed: No space left on device", "disk-full"),
        ("2025-03-01 12:00:01 UTC ERROR:  deadlock detected", "deadlocks"),
        ("our SSL certificate expired over the weekend", "cert-expiry"),
        ("replica is 4 minutes behind", "replication-lag"),
        ("the cloud bill doubled", "cost-explosion"),
        ("deploys are done by hand by Anna, takes her an afternoon", "manual-deploys"),
        ("the outage is not fixed yet", "outage"),
        ("Stripe keeps answering 429", "third-party-rate-limit"),
        ("flaky tests again, everybody reruns the pipeline", "flaky-tests"),
        ("deadlocks are mostly gone but still twice a day", "deadlocks"),
        ("nobody gets alerted when things break, customers tell us first", "no-monitoring"),
        ("CI is red half of the time", "flaky-tests"),
        ("whole site was gone for 50 min on sunday", "outage"),
        ("postgres said no more connections", "too-many-connections"),
        ("if Piotr gets sick nobody can touch billing", "single-point-of-failure"),
        ("web-3 has 3GB left on disk", "disk-full"),
        ('PANIC:  could not write to file "pg_wal/xlogtemp.882": No space left on device', "disk-full"),
        ("ERROR 1205 (HY000): Lock wait timeout exceeded; try restarting transaction", "lock-contention"),
        (
            "redis.exceptions.ConnectionError: Error 111 connecting to cache-01:6379. Connection refused.",
            "cache-failure",
        ),
    ],
)
def test_signs_and_error_texts_report_without_the_model(reader: KnowledgeBase, note: str, reported: str) -> None:
    reading = reader.read(note)

    assert present(reading) == {reported}
    assert denied(reading) == set()


@pytest.mark.parametrize(
    ("note", "absent"),
    [
        ("deploys are fine", {"failed-deploy"}),
        ("Deploys went smoothly this week", {"failed-deploy"}),
        ("no errors, no timeouts, no deadlocks", {"error-spike", "timeouts", "deadlocks"}),
        ("we had no outage or deadlocks", {"outage", "deadlocks"}),
        ("deadlocks fixed last week, all good since", {"deadlocks"}),
        ("the checkout timeouts were fixed on monday and have not come back", {"timeouts"}),
        ("the queue is empty, workers are bored", {"queue-backlog"}),
        ("cpu around 30%, plenty of room", {"high-cpu"}),
        ("Outages? None.", {"outage"}),
        ("timeouts: none. errors: none", {"timeouts", "error-spike"}),
        ("AWS bill is down 20 %", {"cost-explosion"}),
        ("no backups were lost", {"data-loss"}),
        ("connections stayed under 60 of 200", {"too-many-connections"}),
        ("p95 went from 1.8s to 300ms", {"latency"}),
        ("aws invoice went from 900 to 640", {"cost-explosion"}),
        ("[OK] disk usage on db-2 is 61%, was 93%", {"disk-full"}),
        ("backlog drained over night", {"queue-backlog"}),
        ("deploys are fully automated since monday, no more ssh", {"manual-deploys"}),
        ("three of us can run the release now", {"single-point-of-failure"}),
        ("nobody had to work on the weekend, no alarms", {"on-call-burnout"}),
        ("the timeouts never came back", {"timeouts"}),
        ("login attacks stopped after the captcha", {"security-abuse"}),
    ],
)
def test_what_is_well_or_over_is_denied_and_nothing_else_reported(
    reader: KnowledgeBase, note: str, absent: set[str]
) -> None:
    reading = reader.read(note)

    assert present(reading) == set()
    assert denied(reading) >= absent


@pytest.mark.parametrize(
    ("note", "reported", "absent"),
    [
        ("no outages but mails hours late", {"queue-backlog"}, {"outage"}),
        ("no outage this week, but the emails go out hours late", {"queue-backlog"}, {"outage"}),
        ("deploys are fine. The disk of the db server is full", {"disk-full"}, {"failed-deploy"}),
        ("deadlocks are gone; the certificate expired though", {"cert-expiry"}, {"deadlocks"}),
        ("cpu at 100% since the release, pages take 10 seconds", {"high-cpu", "latency"}, set()),
        ("apart from the slow monthly report all good", {"slow-queries"}, set()),
        ("not only Anna any more 👍 ci still flaky", {"flaky-tests"}, {"single-point-of-failure"}),
        ("It was not the deploy. The certificate had expired.", {"cert-expiry"}, {"failed-deploy"}),
        ("pool exhausted -> requests time out", {"too-many-connections", "timeouts"}, set()),
        (
            "- site was down for 20 minutes\n- No space left on device\n- no timeouts",
            {"outage", "disk-full"},
            {"timeouts"},
        ),
    ],
)
def test_a_note_may_report_one_thing_and_deny_another(
    reader: KnowledgeBase, note: str, reported: set[str], absent: set[str]
) -> None:
    reading = reader.read(note)

    assert (present(reading), denied(reading)) == (reported, absent)


def test_what_was_denied_and_then_reported_is_there(reader: KnowledgeBase) -> None:
    reading = reader.read("no deadlocks on monday. On friday: deadlock detected in billing")

    assert present(reading) == {"deadlocks"}
    assert denied(reading) == set()


@pytest.mark.parametrize(
    "note",
    [
        "nothing to report",
        "all quiet",
        "if traffic doubles we might run out of connections",
        "we are planning a load test next week",
        "what if the site goes down during the sale?",
        "had lunch with the new designer",
        "shipped the rate limit settings page for our api customers",
        "wrote a runbook for outages and deadlocks",
        "reading group: chapter about deadlocks and isolation levels",
        "how do others set their alert thresholds for disk? we discuss 80 vs 90%",
        "planning poker, roadmap and deadlocks",
        "coffee machine down since monday",
        "drill on thursday: we pretend that the disk is full",
        "?!…",
    ],
)
def test_fears_plans_and_chatter_report_nothing(reader: KnowledgeBase, note: str) -> None:
    assert present(reader.read(note)) == set()


@pytest.mark.parametrize("note", ["", "   \n", "🎉", "\x00\x07", "...", "—"])
def test_a_note_without_words_says_nothing(reader: KnowledgeBase, note: str) -> None:
    assert reader.read(note) == SymptomReading((), ())


def test_because_says_what_gave_it_away(reader: KnowledgeBase) -> None:
    [report] = reader.read("write failed: No space left on device").present

    assert report.because == "A write failed: the disk, or its inodes, are used up"
    assert 0.9 <= report.score <= 1


def test_a_note_of_forty_kilobytes_is_read_at_both_ends(reader: KnowledgeBase) -> None:
    middle = "lorem ipsum dolor sit amet " * 1_600
    reading = reader.read(f"deadlock detected. {middle}. No space left on device")

    assert present(reading) == {"deadlocks", "disk-full"}


@pytest.mark.parametrize(
    ("note", "reported"),
    [
        ("added a page, which broke prod", {"failed-deploy"}),
        ("redis was down for an hour", {"cache-failure"}),
        ("lock wait timeouts on the stock table", {"lock-contention"}),
        ("hit rate fell under 30%", {"cache-failure"}),
        ("p95 went from 300ms to 2.1s", {"latency"}),
        ("cpu is over 80% again", {"high-cpu"}),
    ],
)
def test_numbers_and_parts_of_longer_words_are_not_mistaken(
    reader: KnowledgeBase, note: str, reported: set[str]
) -> None:
    assert present(reader.read(note)) == reported


@pytest.mark.model
@pytest.mark.parametrize(
    ("note", "reported", "absent"),
    [
        ("deploys are fine", set(), {"failed-deploy"}),
        ("no outages but mails hours late", {"queue-backlog"}, {"outage"}),
        ("deadlocks fixed last week, all good since", set(), {"deadlocks"}),
        ("nothing to report", set(), set()),
        (
            "site was down for 20 minutes on tuesday, the disk of the db server filled up "
            "and support is drowning in tickets",
            {"outage", "disk-full", "support-overload"},
            set(),
        ),
        ("I was paged four nights in a row and I'm exhausted", {"on-call-burnout"}, set()),
        ("everything still goes through one server, if it dies we are gone", {"single-point-of-failure"}, set()),
        ("redis fell over and everything hit the database", {"cache-failure"}, set()),
        ("had lunch with the new designer", set(), set()),
        ("we moved to the new office on wednesday, great coffee", set(), set()),
    ],
)
def test_notes_are_read_as_a_person_would(
    knowledge_base: KnowledgeBase, note: str, reported: set[str], absent: set[str]
) -> None:
    reading = knowledge_base.read(note)

    assert (present(reading), denied(reading)) == (reported, absent)


@pytest.mark.model
def test_a_bare_sign_reports_its_symptom(knowledge_base: KnowledgeBase) -> None:
    longest = {symptom: sorted(knowledge_base.library.by_id[symptom].signs, key=len)[-10:] for symptom in SYMPTOMS}
    missed = {
        symptom: [sign for sign in signs if symptom not in present(knowledge_base.read(sign))]
        for symptom, signs in longest.items()
    }

    assert max(len(signs) for signs in missed.values()) <= 2, missed


@pytest.mark.model
def test_what_is_reported_is_not_denied_as_well(knowledge_base: KnowledgeBase) -> None:
    notes = [str(case.fields["text"]) for case in load(GOLDEN / "notes.yaml", "tune")[:120]]
    both = {note: present(read) & denied(read) for note in notes for read in [knowledge_base.read(note)]}

    assert {note: names for note, names in both.items() if names} == {}


def test_several_troubles_that_are_surely_denied_are_all_left_out() -> None:
    heard = {
        "the cache": Heard(0.6, 0.0, "cache-failure", 0.9),
        "the mail": Heard(0.6, 0.0, "queue-backlog", 0.9),
        "cache healthy": Heard(0.0, 0.9, "cache-failure", 0.9),
        "mail healthy": Heard(0.0, 0.9, "queue-backlog", 0.9),
    }
    clauses = [Clause(text, 0) for text in heard]
    reading = SymptomReader(load_library(GUIDANCE), Words()).read(" ".join(heard), clauses, list(heard.values()))

    assert (present(reading), denied(reading)) == (set(), {"cache-failure", "queue-backlog"})
