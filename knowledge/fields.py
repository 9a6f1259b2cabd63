"""The front matter of an entry: which fields each kind has, and what each may say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge.citing import Citer
from knowledge.faults import Report
from knowledge.located import Node
from knowledge.model import (
    AREAS,
    STACKS,
    SYMPTOMS,
    CheckIn,
    Cited,
    Effort,
    Kind,
    Pattern,
    Phase,
    Practice,
    TellApart,
)

ALL = frozenset(Kind)
FIX, SYMPTOM, PHASE = frozenset({Kind.FIX}), frozenset({Kind.SYMPTOM}), frozenset({Kind.PHASE})
ADVISED = frozenset({Kind.FIX, Kind.DECISION})
NEEDS_SYMPTOMS = frozenset({Kind.SYMPTOM, Kind.FIX, Kind.MISTAKE})
NONE: frozenset[Kind] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """Which kinds must have a field and which may."""

    required: frozenset[Kind]
    allowed: frozenset[Kind]


def _must(kinds: frozenset[Kind], may: frozenset[Kind] = NONE) -> Rule:
    return Rule(kinds, kinds | may)


RULES: Mapping[str, Rule] = {
    "id": _must(ALL),
    "kind": _must(ALL),
    "title": _must(ALL),
    "areas": _must(ALL),
    "phases": _must(ALL),
    "not_before": _must(NONE, may=ADVISED),
    "symptoms": _must(NEEDS_SYMPTOMS, may=ALL),
    "asked_as": _must(ALL),
    "first": _must(ALL),
    "why": _must(ALL),
    "by_phase": _must(frozenset({Kind.DECISION}), may=ALL),
    "not_yet": _must(ADVISED | SYMPTOM),
    "instead": _must(NONE, may=ADVISED),
    "related": _must(NONE, may=ALL),
    "sources": _must(ALL),
    "plan": _must(PHASE),
    "leave_alone": _must(PHASE),
    "severity": _must(SYMPTOM),
    "signs": _must(SYMPTOM),
    "patterns": _must(NONE, may=SYMPTOM),
    "check_in": _must(SYMPTOM),
    "causes": _must(SYMPTOM),
    "tell_apart": _must(SYMPTOM),
    "effort": _must(FIX),
    "practice": _must(FIX),
}
EMPTY = Node("", 1)
EMPTY_MEANS_NOTHING = frozenset({"symptoms", "related", "plan", "leave_alone", "patterns"})
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SIGN_WORDS = 4
NO_LIMIT = 99


class Fields:
    """Reads the fields of one file; a wrong value is reported and replaced by an empty one, so that all faults show."""

    def __init__(self, front: Mapping[str, Node], kind: Kind, report: Report) -> None:
        """Check which fields are there; `kind` decides which have to be."""
        self._front = front
        self._kind = kind
        self._report = report
        self._check_names()

    def line(self, name: str) -> int:
        """Where a field's value is, or 1 when the file does not have it."""
        return self._front.get(name, EMPTY).line

    def has(self, name: str) -> bool:
        """Whether the file has this field."""
        return name in self._front

    def items(self, name: str) -> tuple[Node, ...]:
        """The items of a list field with their lines; reports a field that is no list."""
        node = self._front.get(name)
        if node is None:
            return ()
        is_list = isinstance(node.value, tuple)
        self._report.unless(is_list, node.line, f"`{name}` is no list", f"write `{name}: [a, b]` or `- ` lines")
        return node.items

    def text(self, name: str, most: int) -> str:
        """A plain text of at most `most` characters."""
        return self._bounded(self._front.get(name, EMPTY), name, most)

    def cited(self, name: str, most: int, citer: Citer) -> Cited | None:
        """A text with its source, or None when the field is absent."""
        return self._cited(self._front[name], f"`{name}`", most, citer) if name in self._front else None

    def by_phase(self, most: int, citer: Citer) -> dict[Phase, Cited]:
        """The texts of `by_phase`; a decision needs all five."""
        node = self._front.get("by_phase", EMPTY)
        found = {
            Phase(key): self._cited(value, f"`by_phase` {key}", most, citer)
            for key, value in node.fields.items()
            if self._known(key, tuple(Phase), "phase", value.line)
        }
        complete = self._kind is not Kind.DECISION or not self.has("by_phase") or len(found) == len(Phase)
        missing = ", ".join(phase for phase in Phase if phase not in found)
        self._report.unless(complete, node.line, f"`by_phase` lacks {missing}", "a decision says all five phases")
        return found

    def words(
        self, name: str, known: Sequence[str], what: str, least: int = 0, most: int = NO_LIMIT
    ) -> tuple[str, ...]:
        """A list of words that all come from a vocabulary."""
        items = self.items(name)
        self._count(name, items, least, most)
        return tuple(item.text for item in items if self._known(item.text, known, what, item.line))

    def lines(self, name: str, least: int, most: int, length: int = 300) -> tuple[str, ...]:
        """A list of texts, each non-empty and at most `length` characters."""
        items = self.items(name)
        self._count(name, items, least, most)
        return tuple(self._bounded(item, f"a line of `{name}`", length) for item in items)

    def ids(self, name: str) -> tuple[str, ...]:
        """A list of entry ids; whether they exist is checked across files."""
        return tuple(item.text for item in self.items(name))

    def phase(self, name: str) -> Phase | None:
        """A phase, or None when the field is absent or wrong."""
        node = self._front.get(name)
        known = node is not None and self._known(node.text, tuple(Phase), "phase", node.line)
        return Phase(node.text) if known and node else None

    def severity(self) -> int | None:
        """1 … 5, or None for kinds that have none."""
        return self._number(self._front["severity"], "severity", 5) if self.has("severity") else None

    def signs(self) -> tuple[str, ...]:
        """8 to 150 short lower-case phrases."""
        for node in self.items("signs"):
            short = len(node.text.split()) <= SIGN_WORDS
            self._report.unless(short, node.line, f"sign `{node.text}` has more than four words", "cut it down")
            lower = node.text == node.text.lower()
            self._report.unless(lower, node.line, f"sign `{node.text}` is not lower case", "write it in lower case")
        return self.lines("signs", 8, 150) if self.has("signs") else ()

    def patterns(self) -> tuple[Pattern, ...]:
        """Known error texts whose regexes compile."""
        return tuple(self._pattern(node) for node in self.items("patterns"))

    def check_in(self) -> CheckIn | None:
        """The weekly question, or None for kinds that have none."""
        if not self.has("check_in"):
            return None
        node = self._mapping(self._front["check_in"], "check_in", ("question", "follow_up"), ("unit",))
        question = self._bounded(node.get("question", EMPTY), "`check_in` question", 150)
        follow_up = self._bounded(node.get("follow_up", EMPTY), "`check_in` follow_up", 150)
        return CheckIn(question, follow_up, node["unit"].text if "unit" in node else None)

    def practice(self) -> Practice | None:
        """The readiness question, or None for kinds that have none."""
        if not self.has("practice"):
            return None
        node = self._mapping(self._front["practice"], "practice", ("question", "weight"))
        question = self._bounded(node.get("question", EMPTY), "`practice` question", 150)
        return Practice(question, self._number(node.get("weight", EMPTY), "weight", 3))

    def tell_apart(self) -> tuple[TellApart, ...]:
        """2 to 4 cheap looks that tell this symptom from others."""
        if not self.has("tell_apart"):
            return ()
        items = self.items("tell_apart")
        self._count("tell_apart", items, 2, 4)
        return tuple(self._apart(node) for node in items)

    def effort(self) -> Effort | None:
        """How long the fix takes, or None for kinds that have none."""
        node = self._front.get("effort")
        known = node is not None and self._known(node.text, tuple(Effort), "effort", node.line)
        return Effort(node.text) if known and node else None

    def _check_names(self) -> None:
        for name, node in self._front.items():
            rule = RULES.get(name)
            self._report.unless(rule, node.line, f"there is no field `{name}`", "see docs/guidance.md for the fields")
            fits = rule is None or self._kind in rule.allowed
            self._report.unless(fits, node.line, f"a {self._kind} has no field `{name}`", "take it out")
        for name, rule in RULES.items():
            given = self._kind not in rule.required or name in self._front
            self._report.unless(given, 1, f"`{name}` is missing", f"every {self._kind} needs `{name}`")

    def _cited(self, node: Node, what: str, most: int, citer: Citer) -> Cited:
        if not node.text:
            self._report.add(node.line, f"{what} is empty", "write it as one line of text")
            return Cited("")
        cited = citer.read(node.text, node.line, what)
        self._check_length(cited.text, what, most, node.line)
        return cited

    def _bounded(self, node: Node, what: str, most: int) -> str:
        name = what if " " in what else f"`{what}`"
        if node is not EMPTY:
            self._report.unless(node.text, node.line, f"{name} is empty", "write it as one line of text")
        self._check_length(node.text, name, most, node.line)
        return node.text

    def _check_length(self, text: str, what: str, most: int, line: int) -> None:
        problem = f"{what} has {len(text)} characters, {most} are allowed"
        self._report.unless(len(text) <= most, line, problem, "shorten it")

    def _count(self, name: str, items: Sequence[Node], least: int, most: int) -> None:
        wanted = f"{least} to {most}" if most != NO_LIMIT else f"at least {least}"
        fine = name not in self._front or least <= len(items) <= most
        self._report.unless(fine, self.line(name), f"`{name}` has {len(items)} items", f"give it {wanted}")

    def _known(self, word: str, known: Sequence[str], what: str, line: int) -> bool:
        return self._report.unless(word in known, line, f"`{word}` is no {what}", f"use one of: {' '.join(known)}")

    def _number(self, node: Node, what: str, most: int) -> int:
        fine = node is EMPTY or (node.text.isdigit() and 1 <= int(node.text) <= most)
        self._report.unless(fine, node.line, f"{what} `{node.text}`", f"give a whole number from 1 to {most}")
        return int(node.text) if node.text.isdigit() else 1

    def _mapping(
        self, node: Node, what: str, required: Sequence[str], optional: Sequence[str] = ()
    ) -> Mapping[str, Node]:
        for name in required:
            self._report.unless(name in node.fields, node.line, f"`{what}` lacks `{name}`", f"add `{name}:`")
        for name, value in node.fields.items():
            allowed = name in required or name in optional
            self._report.unless(allowed, value.line, f"`{what}` has no `{name}`", "take it out")
        return node.fields

    def _pattern(self, node: Node) -> Pattern:
        fields = self._mapping(node, "patterns", ("match", "means"), ("stack",))
        match = fields.get("match", EMPTY)
        self._check_regex(match)
        stack = fields.get("stack")
        known = stack is not None and self._known(stack.text, STACKS, "stack", stack.line)
        means = self._bounded(fields.get("means", EMPTY), "`patterns` means", 120)
        return Pattern(match.raw, means, stack.text if stack and known else None)

    def _check_regex(self, node: Node) -> None:
        try:
            re.compile(node.raw, re.IGNORECASE)
        except re.error as error:
            self._report.add(node.line, f"`{node.raw}` is no regular expression: {error}", "escape it and try it out")

    def _apart(self, node: Node) -> TellApart:
        fields = self._mapping(node, "tell_apart", ("from", "look"))
        other = fields.get("from", EMPTY)
        self._known(other.text, SYMPTOMS, "symptom", node.line)
        return TellApart(other.text, self._bounded(fields.get("look", EMPTY), "`tell_apart` look", 200))


def check_vocabulary(fields: Fields) -> tuple[tuple[str, ...], tuple[Phase, ...], tuple[str, ...]]:
    """The areas, phases and symptoms of an entry, all known."""
    areas = fields.words("areas", AREAS, "area", 1, 3)
    phases = tuple(Phase(word) for word in fields.words("phases", tuple(Phase), "phase", 1))
    return areas, phases, fields.words("symptoms", SYMPTOMS, "symptom")
