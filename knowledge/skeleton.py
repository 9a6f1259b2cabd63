"""A new entry to be filled in: every field and section of its kind, with what belongs there; pure."""

from __future__ import annotations

from collections.abc import Mapping

from knowledge.fields import RULES
from knowledge.model import AREAS, OPTIONAL_SECTIONS, SECTIONS, Effort, Kind, Phase

HINTS: Mapping[str, str] = {
    "title": "title: # at most 80 characters: the advice or the problem, not the topic",
    "areas": f"areas: [] # one to three of: {', '.join(AREAS)}",
    "phases": f"phases: [] # where this is right to act on: {', '.join(Phase)}",
    "symptoms": "symptoms: [] # taxonomy ids that should lead here, see docs/guidance.md",
    "asked_as": "asked_as: # 12 to 150 lines, as people really put it\n  -",
    "first": "first: # the one thing to do first, at most 280 characters, then its source: [kazi-2025]",
    "why": "why: # at most 200 characters, [source]",
    "by_phase": "by_phase: # what differs where, at most 200 characters each, [source]\n"
    + "\n".join(f"  {phase}:" for phase in Phase),
    "not_yet": "not_yet: # what to leave alone and the measurable trigger, at most 180 characters, [source]",
    "sources": 'sources:\n  - {id: kazi-2025, section: ""}',
    "plan": "plan: [] # ids of fixes in order",
    "leave_alone": "leave_alone: [] # ids of fixes and decisions",
    "severity": "severity: # 1 annoying … 5 customers are hurt right now",
    "signs": "signs: # 8 to 150 short phrases\n  -",
    "check_in": "check_in: {question: , follow_up: }",
    "causes": "causes: # 4 to 8, the most common first\n  -",
    "tell_apart": "tell_apart:\n  - {from: , look: }",
    "effort": f"effort: # {', '.join(Effort)}",
    "practice": "practice: {question: , weight: 1}",
}


def skeleton_of(kind: Kind, entry_id: str) -> str:
    """The text of a file that `advisor guidance check` leads through, fault by fault, until it is whole."""
    required = [name for name, rule in RULES.items() if kind in rule.required and name in HINTS]
    front = "\n".join([f"id: {entry_id}", f"kind: {kind}", *(HINTS[name] for name in required)])
    sections = [name for name in SECTIONS[kind] if name not in OPTIONAL_SECTIONS]
    return f"---\n{front}\n---\n" + "\n".join(f"## {name}\n" for name in sections)
