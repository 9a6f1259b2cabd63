"""Examples of what the advisor does not answer, and the friendly line with which it declines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.faults import LibraryFaults, Report
from knowledge.located import Node, read_mapping
from knowledge.passages import Passage, Role

OFF_TOPIC = "off_topic.yaml"
REPLY_LIMIT = 200


@dataclass(frozen=True, slots=True)
class OffTopic:
    """A group of questions to decline: its reply, and examples to recognise it by."""

    group: str
    reply: str
    questions: tuple[str, ...]


def load_off_topic(*folders: Path) -> Mapping[str, OffTopic]:
    """The groups by name; a later folder replaces a group of the same name.

    Raises:
        LibraryFaults: when a file has faults.
    """
    reports: list[Report] = []
    groups = {group.group: group for folder in folders for group in _read(folder / OFF_TOPIC, reports)}
    if faults := [fault for report in reports for fault in report.faults]:
        raise LibraryFaults(faults)
    return groups


def passages_of_groups(groups: Iterable[OffTopic]) -> tuple[Passage, ...]:
    """One passage for each example question."""
    return tuple(Passage(group.group, Role.DECOY, question) for group in groups for question in group.questions)


def _read(path: Path, reports: list[Report]) -> list[OffTopic]:
    if not path.is_file():
        return []
    reports.append(report := Report(path.name))
    fields = read_mapping(path.read_text(encoding="utf-8"), report) or {}
    return [_group(name, node, report) for name, node in fields.items()]


def _group(name: str, node: Node, report: Report) -> OffTopic:
    reply, questions = node.fields.get("reply"), node.fields.get("questions")
    short = reply is not None and 0 < len(reply.text) <= REPLY_LIMIT
    report.unless(short, node.line, f"`{name}` has no reply of one line", "add `reply:` with at most 200 characters")
    report.unless(questions and questions.items, node.line, f"`{name}` has no `questions`", "list some examples")
    texts = tuple(item.text for item in questions.items) if questions else ()
    return OffTopic(name, reply.text if reply else "", texts)
