"""The values that guidance is made of: frozen, no I/O, no third-party imports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What an entry is; each kind has its own front matter and sections."""

    PHASE = "phase"
    SYMPTOM = "symptom"
    FIX = "fix"
    DECISION = "decision"
    MISTAKE = "mistake"
    PRINCIPLE = "principle"

    @property
    def folder(self) -> str:
        """The folder in which entries of this kind are kept."""
        return f"{self}es" if self is Kind.FIX else f"{self}s"


class Effort(StrEnum):
    """How long a fix takes, in the unit in which people would say it."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


class Phase(StrEnum):
    """A growth phase, ordered by the number of registered users; a boundary belongs to the lower phase."""

    P0_100 = "0-100"
    P100_1K = "100-1k"
    P1K_10K = "1k-10k"
    P10K_100K = "10k-100k"
    P100K_UP = "100k+"

    @classmethod
    def of_users(cls, users: int) -> Phase:
        """The phase of a product with this many registered users: 100 is `0-100`, 101 is `100-1k`."""
        return next((phase for phase, limit in zip(cls, PHASE_LIMITS, strict=False) if users <= limit), cls.P100K_UP)

    @property
    def rank(self) -> int:
        """0 for the first phase … 4 for the last."""
        return list(Phase).index(self)

    @property
    def next(self) -> Phase | None:
        """The phase after this one, or None after the last."""
        return None if self is Phase.P100K_UP else list(Phase)[self.rank + 1]

    @property
    def range(self) -> str:
        """The range as a person reads it: "100 to 1,000 users"."""
        return PHASE_TITLES[self.rank]

    def __lt__(self, other: str) -> bool:
        """Fewer users sort first; a plain string is read as a phase id."""
        return self.rank < Phase(other).rank

    def __le__(self, other: str) -> bool:
        """Same order as `<`; spelled out because `str` brings its own."""
        return self.rank <= Phase(other).rank

    def __gt__(self, other: str) -> bool:
        """Same order as `<`."""
        return self.rank > Phase(other).rank

    def __ge__(self, other: str) -> bool:
        """Same order as `<`."""
        return self.rank >= Phase(other).rank


PHASE_LIMITS = (100, 1_000, 10_000, 100_000)
PHASE_TITLES = (
    "up to 100 users",
    "100 to 1,000 users",
    "1,000 to 10,000 users",
    "10,000 to 100,000 users",
    "over 100,000 users",
)

KINDS: tuple[str, ...] = tuple(Kind)
AREAS: tuple[str, ...] = (
    "architecture",
    "data",
    "caching",
    "background-jobs",
    "infrastructure",
    "observability",
    "delivery",
    "performance",
    "security",
    "team",
    "decisions",
    "product",
)
SYMPTOMS: tuple[str, ...] = (
    "slow-queries",
    "too-many-connections",
    "deadlocks",
    "disk-full",
    "high-cpu",
    "high-memory",
    "queue-backlog",
    "failed-deploy",
    "error-spike",
    "timeouts",
    "latency",
    "third-party-rate-limit",
    "outage",
    "cache-failure",
    "lock-contention",
    "replication-lag",
    "security-abuse",
    "cert-expiry",
    "traffic-spike",
    "data-loss",
    "n-plus-one",
    "no-monitoring",
    "manual-deploys",
    "single-point-of-failure",
    "flaky-tests",
    "support-overload",
    "tech-debt",
    "cost-explosion",
    "on-call-burnout",
)
STACKS: tuple[str, ...] = (
    "postgres",
    "mysql",
    "mongodb",
    "redis",
    "memcached",
    "elasticsearch",
    "rabbitmq",
    "kafka",
    "nginx",
    "haproxy",
    "linux",
    "docker",
    "kubernetes",
    "aws",
    "gcp",
    "azure",
    "cloudflare",
    "rails",
    "django",
    "laravel",
    "node",
    "java",
    "go",
    "php",
    "elixir",
    "sidekiq",
    "celery",
    "bullmq",
)
SECTIONS: Mapping[Kind, tuple[str, ...]] = {
    Kind.SYMPTOM: (
        "What it looks like",
        "First checks",
        "Stop the bleeding",
        "Fix for good",
        "How to see it worked",
        "Where sources disagree",
    ),
    Kind.FIX: ("Why", "How", "How to see it worked", "Not yet", "Where sources disagree"),
    Kind.DECISION: ("What decides", "What to do", "How to see it worked", "Where sources disagree"),
    Kind.MISTAKE: ("What it looks like", "Why it hurts", "Do instead"),
    Kind.PRINCIPLE: ("What it means", "In practice", "Where sources disagree"),
    Kind.PHASE: (
        "What is happening",
        "What breaks",
        "What to focus on",
        "What to leave alone",
        "Where sources disagree",
    ),
}
OPTIONAL_SECTIONS = frozenset({"Where sources disagree"})
STEP_SECTIONS = frozenset({"First checks", "Stop the bleeding", "How"})


@dataclass(frozen=True, slots=True)
class Source:
    """A work that entries may cite."""

    id: str
    title: str
    author: str
    date: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """One place in a source; `name` is how the entry's text refers to it."""

    source: Source
    section: str
    url: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Cited:
    """A text without its `[source]` markers, and what they cited, in order."""

    text: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Danger:
    """What a destructive command loses and how to undo it."""

    loses: str
    undo: str


@dataclass(frozen=True, slots=True)
class Command:
    """Code to type, as written in the entry, without its fence."""

    code: str
    language: str
    stack: str | None = None
    danger: Danger | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, bullet or step with the commands that belong to it; no `stacks` means that it is for everyone."""

    text: str
    citations: tuple[Citation, ...] = ()
    stacks: tuple[str, ...] = ()
    commands: tuple[Command, ...] = ()


class Paragraph(Block):
    """Running text."""

    __slots__ = ()


class Bullet(Block):
    """One item of an unordered list."""

    __slots__ = ()


class Step(Block):
    """One item of a numbered list; in triage it is shown alone."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A `##` section of an entry."""

    name: str
    blocks: tuple[Block, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The numbered steps of this section, in order."""
        return tuple(block for block in self.blocks if isinstance(block, Step))


@dataclass(frozen=True, slots=True)
class CheckIn:
    """The weekly question about a symptom, what to ask when it happens often, and the number to ask for."""

    question: str
    follow_up: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Practice:
    """The yes/no question of a readiness item and how much it counts (1 to 3)."""

    question: str
    weight: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """A known error text: a Python regex (matched case-insensitively), the stack it comes from, what it says."""

    match: str
    means: str
    stack: str | None = None


@dataclass(frozen=True, slots=True)
class TellApart:
    """The cheapest look that tells this symptom from another one."""

    other: str
    look: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of guidance; fields that its kind does not have are empty or None."""

    id: str
    kind: Kind
    title: str
    areas: tuple[str, ...]
    phases: tuple[Phase, ...]
    symptoms: tuple[str, ...]
    asked_as: tuple[str, ...]
    first: Cited
    why: Cited
    citations: tuple[Citation, ...]
    sections: tuple[Section, ...]
    by_phase: Mapping[Phase, Cited] = field(hash=False)
    not_before: Phase | None = None
    not_yet: Cited | None = None
    instead: Cited | None = None
    related: tuple[str, ...] = ()
    plan: tuple[str, ...] = ()
    leave_alone: tuple[str, ...] = ()
    severity: int | None = None
    signs: tuple[str, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    check_in: CheckIn | None = None
    causes: tuple[str, ...] = ()
    tell_apart: tuple[TellApart, ...] = ()
    effort: Effort | None = None
    practice: Practice | None = None

    def section(self, name: str) -> Section | None:
        """The section of this name, or None."""
        return next((section for section in self.sections if section.name == name), None)

    @property
    def every_step(self) -> tuple[Step, ...]:
        """The numbered steps of all sections, in order."""
        return tuple(step for section in self.sections for step in section.steps)

    def steps(self, name: str) -> tuple[Step, ...]:
        """The numbered steps of the section of this name; empty when there is none."""
        section = self.section(name)
        return section.steps if section else ()

    def too_early(self, phase: Phase | None) -> bool:
        """Whether a team in this phase should leave this alone for now."""
        return phase is not None and self.not_before is not None and phase < self.not_before


@dataclass(frozen=True, slots=True)
class Library:
    """All valid entries by id, in a stable order, and the sources they cite."""

    by_id: Mapping[str, Entry]
    sources: Mapping[str, Source]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry, ordered by kind and id."""
        return tuple(self.by_id.values())

    def __len__(self) -> int:
        """The number of entries."""
        return len(self.by_id)

    def __iter__(self) -> Iterator[Entry]:
        """The entries, ordered by kind and id."""
        return iter(self.by_id.values())

    def get(self, entry_id: str) -> Entry | None:
        """The entry with this id, or None."""
        return self.by_id.get(entry_id)

    def of_kind(self, kind: Kind) -> tuple[Entry, ...]:
        """The entries of one kind, by id."""
        return tuple(entry for entry in self if entry.kind is kind)
