"""A team's own questions: YAML files in a folder, checked with one readable line per fault."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.checkins.answers import OWN, SCALE, SYMPTOM, YES_NO, Choice, Question
from bot.errors import SettingsError
from knowledge.model import SYMPTOMS

MATTERS = 20
KINDS: Mapping[str, tuple[Choice, ...]] = {"scale": SCALE, "yes-no": YES_NO, "text": ()}
FIELDS = frozenset({"id", "question", "kind", "follow_up", "unit", "symptom", "teams"})
LONGEST = 150


@dataclass(frozen=True)
class OwnQuestion:
    """A question of one's own, for the teams of these names, or for all."""

    question: Question
    teams: tuple[str, ...] = ()


def for_team(questions: Iterable[OwnQuestion], team: str) -> list[Question]:
    return [own.question for own in questions if not own.teams or team in own.teams]


def read_folder(folder: Path) -> list[OwnQuestion]:
    """Every question in the folder's `*.yaml` files.

    Raises:
        SettingsError: one line for each fault, with file, line and what to do.
    """
    faults: list[str] = []
    found: dict[str, OwnQuestion] = {}
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        for line, fields in _items(path, faults):
            own, problems = _question(fields)
            problems += (
                [f"the id `{own.question.id}` is taken; choose another"] if own and own.question.id in found else []
            )
            faults += [f"{path.name}:{line}: {problem}" for problem in problems]
            if own and not problems:
                found[own.question.id] = own
    if faults:
        raise SettingsError(faults)
    return list(found.values())


def _items(path: Path, faults: list[str]) -> Sequence[tuple[int, dict[str, Any]]]:
    """The file's questions with the lines on which they begin."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        faults.append(
            f"{path.name}:{mark.line + 1 if mark else 1}: this is not YAML: {getattr(error, 'problem', error)}"
        )
        return []
    if not isinstance(node, yaml.SequenceNode):
        faults.append(f"{path.name}:1: write a list of questions, each beginning with `- id:`")
        return []
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    pairs = list(zip(node.value, loaded, strict=True))
    wrong = [item.start_mark.line + 1 for item, fields in pairs if not isinstance(fields, dict)]
    faults += [f"{path.name}:{line}: each question is a set of fields, as `id: …` and `question: …`" for line in wrong]
    return [(item.start_mark.line + 1, fields) for item, fields in pairs if isinstance(fields, dict)]


def _question(fields: Mapping[str, Any]) -> tuple[OwnQuestion | None, list[str]]:
    problems = [*_unknown(fields), *_missing(fields), *_too_long(fields), *_wrong(fields)]
    if problems:
        return None, problems
    symptom, teams = fields.get("symptom"), fields.get("teams") or []
    question = Question(
        id=f"{SYMPTOM}:{symptom}" if symptom else f"{OWN}:{fields['id']}",
        text=str(fields["question"]),
        choices=KINDS[fields.get("kind", "scale")],
        follow_up=fields.get("follow_up"),
        unit=fields.get("unit"),
        matters=MATTERS,
    )
    return OwnQuestion(question, tuple(str(team) for team in ([teams] if isinstance(teams, str) else teams))), []


def _unknown(fields: Mapping[str, Any]) -> list[str]:
    known = ", ".join(sorted(FIELDS))
    return [f"there is no field `{name}`; use one of {known}" for name in fields if name not in FIELDS]


def _missing(fields: Mapping[str, Any]) -> list[str]:
    return [f"`{name}` is missing" for name in ("id", "question") if not fields.get(name)]


def _too_long(fields: Mapping[str, Any]) -> list[str]:
    return [
        f"`{name}` has {len(str(fields[name]))} characters, at most {LONGEST} fit"
        for name in ("id", "question", "follow_up", "unit")
        if len(str(fields.get(name) or "")) > LONGEST
    ]


def _wrong(fields: Mapping[str, Any]) -> list[str]:
    problems = []
    if fields.get("kind", "scale") not in KINDS:
        problems.append(f"`kind` is {fields['kind']!r}; use one of {', '.join(KINDS)}")
    symptom = fields.get("symptom")
    if symptom and symptom not in SYMPTOMS:
        problems.append(f"`symptom` is {symptom!r}, which is none of {', '.join(SYMPTOMS)}")
    if symptom and fields.get("kind", "scale") != "scale":
        problems.append("a question about a `symptom` has `kind: scale`, so that its answers can be compared")
    return problems
