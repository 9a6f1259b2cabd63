"""A small, whole guidance folder: one valid entry of every kind, to be broken one line at a time."""

from collections.abc import Mapping
from pathlib import Path

SOURCES = """\
book: {title: The Book, author: Ann Author, date: 2024-01-02, url: "https://example.com/book"}
manual: {title: The Manual, author: The Makers, date: living document}
"""


def asked(words: str, count: int = 12) -> str:
    return "asked_as:\n" + "\n".join(f"  - {words} in wording {number}" for number in range(1, count + 1))


def signs(words: str, count: int = 8) -> str:
    return "signs:\n" + "\n".join(f"  - {words} sign {number}" for number in range(1, count + 1))


FIX = f"""\
---
id: add-indexes
kind: fix
title: Index the slow queries first
areas: [data, performance]
phases: [1k-10k, 10k-100k]
not_before: 1k-10k
symptoms: [slow-queries]
{asked("dashboard takes ages to load")}
first: "List the ten slowest queries and index what they filter on. [book]"
why: "Missing indexes are the cheapest repair. [book]"
by_phase:
  0-100: "Nothing should need tuning yet. [book]"
not_yet: "No replicas until the worst query is indexed. [book]"
instead: "Look at the one slow page. [book]"
related: [slow-queries]
effort: hours
practice: {{question: Do you look at your slowest queries every week?, weight: 2}}
sources:
  - {{id: book, section: Indexes}}
  - {{id: manual, as: explain, section: Using EXPLAIN, url: "https://example.com/explain"}}
---
## Why
A scan reads every row. [book]

## How
1. {{postgres}} Rank queries by time. [book]
   ```sql postgres
   SELECT 1;
   ```
2. {{mysql}} Switch the slow query log on. [book]
   ```sql mysql
   SET GLOBAL slow_query_log = ON;
   ```
3. Read the plan of the worst one. [explain]

## How to see it worked
- The page answers in half the time. [book]

## Not yet
Replicas can wait. [book] [explain]
"""

SYMPTOM = f"""\
---
id: slow-queries
kind: symptom
title: Queries take seconds
areas: [data]
phases: [0-100, 100-1k, 1k-10k, 10k-100k, 100k+]
symptoms: [slow-queries]
{asked("the database crawls since monday")}
first: "Find the slowest query and read its plan. [book]"
why: "One query is usually behind most of it. [book]"
not_yet: "No bigger server until p95 passes 2 s with indexes. [book]"
related: [add-indexes]
severity: 3
{signs("query")}
patterns:
  - {{match: 'duration: \\d{{4,}}', stack: postgres, means: a statement took over a second}}
check_in: {{question: Were queries slow this week?, follow_up: How slow was the worst?, unit: seconds}}
causes: [missing index, too many rows, stale statistics, lock waits]
tell_apart:
  - {{from: latency, look: Pages without queries are fast.}}
  - {{from: high-cpu, look: The CPU of the database is idle.}}
sources:
  - {{id: book, section: Slow queries}}
---
## What it looks like
Pages with lists are slow. [book]

## First checks
1. {{postgres}} List what is running. [book]
   ```sql postgres
   SELECT pid FROM pg_stat_activity;
   ```

## Stop the bleeding
1. {{postgres}} Stop the worst query. [book]
   ```sql postgres danger loses="that session's work" undo="none; run it again"
   SELECT pg_terminate_backend(1);
   ```

## Fix for good
- Index it. [book]

## How to see it worked
- p95 halves. [book]
"""

DECISION = f"""\
---
id: split-the-monolith
kind: decision
title: Keep the monolith until teams wait for one another
areas: [architecture, decisions]
phases: [100k+]
not_before: 10k-100k
symptoms: []
{asked("microservices or one big app")}
first: "Draw module boundaries inside the monolith. [book]"
why: "Boundaries cost little, networks much. [book]"
by_phase:
  0-100: "No. [book]"
  100-1k: "No, one deploy is enough. [book]"
  1k-10k: "No, but write modules. [book]"
  10k-100k: "One service, if it scales apart. [book]"
  100k+: "Yes, where two teams wait for each other. [book]"
not_yet: "Stay together until deploys wait for other teams twice a week. [book]"
instead: "Keep one repository and one deploy. [book]"
sources:
  - {{id: book, section: Services}}
---
## What decides
Who waits for whom. [book]

## What to do
- Split what scales apart. [book]

## How to see it worked
- Teams deploy alone. [book]
"""

MISTAKE = f"""\
---
id: resume-driven-design
kind: mistake
title: Choosing tools for the talk about them
areas: [team]
phases: [0-100]
symptoms: [tech-debt]
{asked("our cto wants the new shiny thing")}
first: "Choose what the team has run before. [book]"
why: "Each new tool is a new way to fail. [book]"
sources:
  - {{id: book, section: Tools}}
---
## What it looks like
Five databases. [book]

## Why it hurts
Nobody knows all five. [book]

## Do instead
- Take one. [book]
"""

PRINCIPLE = f"""\
---
id: measure-first
kind: principle
title: Measure before you change
areas: [observability]
phases: [0-100]
symptoms: []
{asked("how do we know where the time goes")}
first: "Measure the slowest page before touching it. [book]"
why: "Guesses are wrong. [book]"
sources:
  - {{id: book, section: Measuring}}
---
## What it means
Numbers first. [book]

## In practice
- One dashboard. [book]
"""

PHASE = f"""\
---
id: 1k-10k
kind: phase
title: Up to ten thousand users
areas: [product]
phases: [1k-10k]
symptoms: []
{asked("five thousand people on it")}
first: "Index, then measure. [book]"
why: "This is where it first hurts. [book]"
plan: [add-indexes]
leave_alone: [split-the-monolith]
sources:
  - {{id: book, section: Phase three}}
---
## What is happening
Growth. [book]

## What breaks
The database. [book]

## What to focus on
- Indexes. [book]

## What to leave alone
- Services. [book]
"""

OFF_TOPIC = """\
small-talk:
  reply: "Happy to chat, but I only know growing systems."
  questions:
    - hello there friend
    - tell me a joke
"""

MISTAKE_MD, PRINCIPLE_MD = "mistakes/resume-driven-design.md", "principles/measure-first.md"
PAGES: Mapping[str, str] = {
    "sources.yaml": SOURCES,
    "phases/1k-10k.md": PHASE,
    "symptoms/slow-queries.md": SYMPTOM,
    "fixes/add-indexes.md": FIX,
    "decisions/split-the-monolith.md": DECISION,
    "mistakes/resume-driven-design.md": MISTAKE,
    "principles/measure-first.md": PRINCIPLE,
}


def write(folder: Path, pages: Mapping[str, str] = PAGES) -> Path:
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def broken(name: str, old: str, new: str) -> Mapping[str, str]:
    """All pages, one of them with `old` replaced by `new` once."""
    assert PAGES[name].count(old) >= 1, f"{old!r} is not in {name}"
    return {**PAGES, name: PAGES[name].replace(old, new, 1)}
