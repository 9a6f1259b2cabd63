"""What people's own words say about symptoms; offered back to them, never taken for granted."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.checkins.answers import Given

CERTAIN = 0.6
MOST = 6


class Report(Protocol):
    """A symptom found in a text; see knowledge.symptoms.Reported."""

    @property
    def symptom(self) -> str: ...

    @property
    def score(self) -> float: ...


def words_of(given: Given) -> str:
    """Everything a person wrote, as one note."""
    notes = [answer.note for answer in given.answers.values() if answer.note]
    return "\n".join([*([given.text] if given.text else []), *notes])


def proposals(given: Given, present: Sequence[Report]) -> tuple[str, ...]:
    """The symptoms to ask back about: read with some certainty, and not reported by the answers already."""
    said: Mapping[str, object] = {name: choice for name, choice in given.symptoms().items() if choice.strength}
    found = [report.symptom for report in present if report.score >= CERTAIN and report.symptom not in said]
    return tuple(dict.fromkeys(found))[:MOST]
