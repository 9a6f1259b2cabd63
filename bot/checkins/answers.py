"""What people are asked and what they answer: frozen values, and how they are kept."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

SYMPTOM, PRACTICE, OWN = "symptom", "practice", "own"


class Choice(StrEnum):
    """An answer to a question; the value is what is kept."""

    NO = "no"
    SOMETIMES = "sometimes"
    OFTEN = "often"
    YES = "yes"
    UNKNOWN = "unknown"

    @property
    def strength(self) -> int:
        """How much of a symptom it says there is."""
        return {Choice.SOMETIMES: 1, Choice.OFTEN: 2}.get(self, 0)


LABELS: Mapping[Choice, str] = {
    Choice.NO: "No",
    Choice.SOMETIMES: "Now and then",
    Choice.OFTEN: "Often",
    Choice.YES: "Yes",
    Choice.UNKNOWN: "Don't know",
}
SCALE = (Choice.NO, Choice.SOMETIMES, Choice.OFTEN, Choice.UNKNOWN)
YES_NO = (Choice.YES, Choice.NO, Choice.UNKNOWN)


@dataclass(frozen=True)
class Question:
    """One question of a check-in.

    Attributes:
        id: what it is and about what, as `symptom:slow-queries`; equal ids are the same question over the weeks.
        text: as asked.
        choices: what can be answered; nothing means in one's own words only.
        follow_up: what to ask when the answer is not simply no.
        unit: the number to ask for.
        matters: how much it counts, more is more.
    """

    id: str
    text: str
    choices: tuple[Choice, ...] = SCALE
    follow_up: str | None = None
    unit: str | None = None
    matters: int = 1

    @property
    def kind(self) -> str:
        return self.id.partition(":")[0]

    @property
    def about(self) -> str:
        """The symptom, fix or own question it is about."""
        return self.id.partition(":")[2]


@dataclass(frozen=True)
class Answer:
    """What one person said to one question; everything but the choice is asked only where it says more."""

    choice: Choice | None = None
    note: str | None = None
    since: str | None = None
    severity: int | None = None
    number: float | None = None

    @property
    def is_empty(self) -> bool:
        return self == Answer()


@dataclass(frozen=True)
class Given:
    """Everything one person said in one round.

    Attributes:
        answers: by question id.
        text: what they wrote about the whole.
        read: symptoms found in their words, which they confirmed.
    """

    answers: Mapping[str, Answer] = field(default_factory=dict)
    text: str | None = None
    read: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.text and all(answer.is_empty for answer in self.answers.values())

    def symptoms(self) -> dict[str, Choice]:
        """What the person says about each symptom; one only read in their words counts as "now and then"."""
        said = {
            question.partition(":")[2]: answer.choice
            for question, answer in self.answers.items()
            if question.startswith(f"{SYMPTOM}:") and answer.choice and answer.choice is not Choice.UNKNOWN
        }
        told = {symptom: Choice.SOMETIMES for symptom in self.read if not said.get(symptom, Choice.NO).strength}
        return {**said, **told}


def kept(answers: Mapping[str, Answer]) -> dict[str, dict[str, Any]]:
    """As JSON, without what was not said."""
    return {
        question: {name: value for name, value in asdict(answer).items() if value is not None}
        for question, answer in answers.items()
        if not answer.is_empty
    }


def read_back(stored: Mapping[str, Mapping[str, Any]]) -> dict[str, Answer]:
    return {
        question: Answer(**{**values, "choice": Choice(values["choice"]) if values.get("choice") else None})
        for question, values in stored.items()
    }
