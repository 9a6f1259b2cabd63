"""YAML and Markdown with line numbers: the parts of a guidance file before they mean anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from knowledge.faults import Report

FENCE = "---"
LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Node:
    """A YAML value with its 1-based line; scalars stay strings, so that `0-100` or `no` mean what they say."""

    value: str | tuple[Node, ...] | Mapping[str, Node]
    line: int

    @property
    def text(self) -> str:
        """The scalar with its whitespace folded, or "" when this is a list or mapping."""
        return " ".join(self.value.split()) if isinstance(self.value, str) else ""

    @property
    def raw(self) -> str:
        """The scalar as it is, or "" when this is a list or mapping."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def items(self) -> tuple[Node, ...]:
        """The list's items, or nothing when this is no list."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def fields(self) -> Mapping[str, Node]:
        """The mapping's fields, or nothing when this is no mapping."""
        return self.value if isinstance(self.value, Mapping) else {}


@dataclass(frozen=True, slots=True)
class Page:
    """A guidance file in two parts: its front matter and the numbered lines of its body."""

    front: Mapping[str, Node]
    body: tuple[tuple[int, str], ...]


def read_page(text: str, report: Report) -> Page | None:
    """Split a file into front matter and body; reports and returns None when there is no readable front matter."""
    lines = text.replace("\r\n", "\n").split("\n")
    end = next((number for number, line in enumerate(lines) if number and line.rstrip() == FENCE), None)
    if lines[0].rstrip() != FENCE or end is None:
        report.add(1, "no front matter", "begin the file with --- and close the front matter with ---")
        return None
    front = read_mapping("\n".join(lines[1:end]), report, offset=1)
    body = tuple(enumerate(lines[end + 1 :], start=end + 2))
    return None if front is None else Page(front, body)


def read_mapping(text: str, report: Report, offset: int = 0) -> Mapping[str, Node] | None:
    """Parse YAML that must be a mapping; reports and returns None otherwise. `offset` is the lines before it."""
    try:
        node = yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError as error:
        report.add(*_yaml_fault(error, offset))
        return None
    if not isinstance(node, yaml.MappingNode):
        report.add(1 + offset, "no fields here", "write `field: value` lines")
        return None
    return _Locator(text.split("\n"), report, offset).fields(node)


def _yaml_fault(error: yaml.YAMLError, offset: int) -> tuple[int, str, str]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    remedy = "quote values that contain ': ', ' #' or begin with a special character"
    return (mark.line + 1 + offset if mark else 1 + offset), f"not valid YAML: {problem}", remedy


class _Locator:
    """Turns the parser's nodes into ours and reports what YAML would swallow silently."""

    def __init__(self, lines: Sequence[str], report: Report, offset: int) -> None:
        self._lines, self._report, self._offset = lines, report, offset

    def node(self, node: yaml.Node) -> Node:
        line = node.start_mark.line + 1 + self._offset
        if isinstance(node, yaml.MappingNode):
            return Node(self.fields(node), line)
        if isinstance(node, yaml.SequenceNode):
            return Node(tuple(self.node(item) for item in node.value), line)
        self._check_comment(node)
        return Node(str(node.value), line)

    def fields(self, node: yaml.MappingNode) -> dict[str, Node]:
        fields: dict[str, Node] = {}
        for key, value in node.value:
            line, name = key.start_mark.line + 1 + self._offset, str(key.value)
            self._report.unless(name not in fields, line, f"`{name}` is given twice", "keep one of the two")
            fields[name] = self.node(value)
        return fields

    def _check_comment(self, node: yaml.Node) -> None:
        end = node.end_mark
        rest = self._lines[end.line][end.column :] if end.line < len(self._lines) else ""
        plain = bool(node.value) and not getattr(node, "style", None)  # None or "", as the loader has it
        cut = plain and rest.lstrip().startswith("#")
        remedy = "quote the value when # belongs to it; comments go on lines of their own"
        self._report.unless(not cut, end.line + 1 + self._offset, "YAML drops the rest of this line", remedy)
