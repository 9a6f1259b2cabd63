"""The body of an entry: `##` sections of paragraphs, bullets, steps and commands, each with its source."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from knowledge.citing import Citer
from knowledge.faults import Report
from knowledge.model import (
    OPTIONAL_SECTIONS,
    SECTIONS,
    STACKS,
    STEP_SECTIONS,
    Block,
    Bullet,
    Command,
    Danger,
    Kind,
    Paragraph,
    Section,
    Step,
)

STEP_LIMIT = 300
NUMBERED = re.compile(r"^\s*\d+[.)]\s+(.*)")
BULLET = re.compile(r"^\s*[-*]\s+(.*)")
FENCED = re.compile(r"^(\s*)```(.*)$")
BRACES = re.compile(r"^\{([^}]*)\}\s*")
HEADING = re.compile(r"^(#+)\s*(.*?)\s*$")
STYLES: tuple[tuple[re.Pattern[str], type[Block]], ...] = ((NUMBERED, Step), (BULLET, Bullet))


@dataclass(slots=True)
class _RawBlock:
    """A block while its lines are collected."""

    style: type[Block]
    line: int
    words: list[str]
    commands: list[Command] = field(default_factory=list)
    open: bool = True


@dataclass(slots=True)
class _RawSection:
    name: str
    line: int
    blocks: list[_RawBlock] = field(default_factory=list)


def read_body(lines: Iterable[tuple[int, str]], kind: Kind, citer: Citer) -> tuple[Section, ...]:
    """Read numbered lines into sections; everything that breaks the format goes into the citer's report."""
    lines = list(lines)
    raw = _Reader(citer.report).read(lines)
    check_names(raw, kind, citer.report, first_line=lines[0][0] if lines else 1)
    return tuple(_section(section, citer) for section in raw)


def check_names(sections: list[_RawSection], kind: Kind, report: Report, first_line: int) -> None:
    """Report unknown, repeated, misplaced and missing section names."""
    wanted, expected = SECTIONS[kind], ", ".join(SECTIONS[kind])
    known = [section for section in sections if section.name in wanted]
    for section in sections:
        report.unless(
            section.name in wanted, section.line, f"a {kind} has no section `{section.name}`", f"use {expected}"
        )
    for before, after in pairwise(known):
        in_order = wanted.index(before.name) < wanted.index(after.name)
        report.unless(in_order, after.line, f"section `{after.name}` is out of order", f"the order is {expected}")
    for name in wanted:
        there = name in OPTIONAL_SECTIONS or any(section.name == name for section in known)
        report.unless(there, first_line, f"section `{name}` is missing", f"add `## {name}`")


class _Reader:
    """Groups lines into sections and blocks; knows Markdown, not yet what it says."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._sections: list[_RawSection] = []
        self._fence: tuple[int, str, str, list[str]] | None = None

    def read(self, lines: Iterable[tuple[int, str]]) -> list[_RawSection]:
        for number, line in lines:
            self._take(number, line)
        if self._fence:
            self._report.add(self._fence[0], "this code is never closed", "close it with ```")
        return self._sections

    def _take(self, number: int, line: str) -> None:
        if self._fence:
            self._inside_code(line)
        elif fence := FENCED.match(line):
            self._fence = (number, fence[1], fence[2], [])
        elif heading := HEADING.match(line):
            self._heading(number, heading[1], heading[2])
        elif line.strip():
            self._words(number, line)
        elif block := self._block:
            block.open = False

    @property
    def _block(self) -> _RawBlock | None:
        return self._sections[-1].blocks[-1] if self._sections and self._sections[-1].blocks else None

    def _heading(self, number: int, level: str, name: str) -> None:
        self._report.unless(level == "##", number, f"heading `{level} {name}`", "only `##` sections are allowed")
        self._sections.append(_RawSection(name, number))

    def _words(self, number: int, line: str) -> None:
        if not self._sections:
            self._report.add(number, "text before the first section", "move it under a `##` section")
            return
        style, words = _styled(line)
        block = self._block
        if block and style is Paragraph and (block.open or _continues(block, line)):
            block.words.append(line.strip())
        else:
            self._sections[-1].blocks.append(_RawBlock(style, number, [words]))

    def _inside_code(self, line: str) -> None:
        assert self._fence is not None
        number, indent, info, code = self._fence
        if line.strip() == "```":
            self._fence = None
            self._attach(number, _command(info, "\n".join(code), number, self._report))
        else:
            code.append(line.removeprefix(indent) if line.startswith(indent) else line.lstrip())

    def _attach(self, number: int, command: Command) -> None:
        block = self._block
        if block is None:
            self._report.add(number, "a command without a step above it", "say first what it is for")
        else:
            block.open = False
            block.commands.append(command)


def _styled(line: str) -> tuple[type[Block], str]:
    for pattern, style in STYLES:
        if found := pattern.match(line):
            return style, found[1]
    return Paragraph, line.strip()


def _continues(block: _RawBlock, line: str) -> bool:
    return block.style is not Paragraph and line.startswith("  ")


def _command(info: str, code: str, line: int, report: Report) -> Command:
    language, stack, danger = _fence_info(info, line, report)
    report.unless(code.strip(), line, "an empty command", "write the command or take the fence out")
    return Command(code, language, stack, danger)


def _fence_info(info: str, line: int, report: Report) -> tuple[str, str | None, Danger | None]:
    try:
        words = shlex.split(info)
    except ValueError:
        report.add(line, "unbalanced quotes after ```", 'write loses="…" undo="…"')
        words = info.split()
    plain = [word for word in words if "=" not in word and word != "danger"]
    report.unless(plain, line, "a command without its language", "write ```language stack, as in ```sql postgres")
    stack = _stack(plain[1:], line, report)
    return (plain[0] if plain else ""), stack, _danger(words, line, report)


def _stack(words: list[str], line: int, report: Report) -> str | None:
    for word in words:
        report.unless(word in STACKS, line, f"`{word}` is no stack", f"use one of {' '.join(STACKS)}")
    report.unless(len(words) <= 1, line, "more than one stack for a command", "give each stack its own fence")
    return words[0] if words and words[0] in STACKS else None


def _danger(words: list[str], line: int, report: Report) -> Danger | None:
    said = dict(word.split("=", 1) for word in words if "=" in word)
    if "danger" not in words:
        report.unless(not said, line, "loses or undo without danger", "add the word danger, or take them out")
        return None
    for name in ("loses", "undo"):
        report.unless(said.get(name, "").strip(), line, f"danger without {name}", f'add {name}="…"')
    return Danger(said.get("loses", ""), said.get("undo", ""))


def _section(raw: _RawSection, citer: Citer) -> Section:
    report = citer.report
    report.unless(raw.blocks, raw.line, f"section `{raw.name}` is empty", "write it or take it out")
    if raw.name in STEP_SECTIONS:
        _check_steps(raw, report)
    return Section(raw.name, tuple(_read_block(block, citer, raw.name) for block in raw.blocks))


def _check_steps(raw: _RawSection, report: Report) -> None:
    for block in raw.blocks:
        report.unless(block.style is Step, block.line, f"`{raw.name}` has only numbered steps", "begin this with `1. `")


def _read_block(raw: _RawBlock, citer: Citer, section: str) -> Block:
    text, stacks = _stacks(" ".join(raw.words), raw.line, citer.report)
    cited = citer.read(text, raw.line, f"a {raw.style.__name__.lower()}")
    short = section not in STEP_SECTIONS or len(cited.text) <= STEP_LIMIT
    problem = f"this step has {len(cited.text)} characters, {STEP_LIMIT} are allowed"
    citer.report.unless(short, raw.line, problem, "shorten it or make two steps of it")
    _check_harmless(raw, section, citer.report)
    return raw.style(cited.text, cited.citations, stacks, tuple(raw.commands))


def _check_harmless(raw: _RawBlock, section: str, report: Report) -> None:
    harmless = section != "First checks" or not any(command.danger for command in raw.commands)
    report.unless(harmless, raw.line, "a first check must not change anything", "move it to `Stop the bleeding`")


def _stacks(text: str, line: int, report: Report) -> tuple[str, tuple[str, ...]]:
    found = BRACES.match(text)
    if not found:
        return text, ()
    names = tuple(name.strip() for name in found[1].split(","))
    for name in names:
        report.unless(name in STACKS, line, f"`{name}` is no stack", f"use one of {' '.join(STACKS)}")
    return text[found.end() :], tuple(name for name in names if name in STACKS)
