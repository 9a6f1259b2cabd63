"""A team's own questions as files."""

from pathlib import Path

import pytest

from bot.checkins.own import for_team, read_folder
from bot.errors import SettingsError


def test_own_questions_are_read_for_their_teams(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(
        "- id: warehouse\n  question: Was the warehouse slow?\n  unit: minutes\n  teams: [Shop]\n"
        "- id: mood\n  question: How was your week?\n  kind: text\n"
        "- id: queries\n  question: Did reports crawl?\n  symptom: slow-queries\n"
    )

    own = read_folder(tmp_path)

    assert [question.id for question in for_team(own, "Shop")] == ["own:warehouse", "own:mood", "symptom:slow-queries"]
    assert [question.id for question in for_team(own, "Other")] == ["own:mood", "symptom:slow-queries"]
    assert own[1].question.choices == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("- question: Why?\n", "q.yaml:1: `id` is missing"),
        (
            "- id: a\n  question: Why?\n- id: a\n  question: Again?\n",
            "q.yaml:3: the id `own:a` is taken; choose another",
        ),
        ("- id: a\n  question: Why?\n  kind: often\n", "q.yaml:1: `kind` is 'often'; use one of scale, yes-no, text"),
        ("- id: a\n  question: Why?\n  symptom: slowness\n", "q.yaml:1: `symptom` is 'slowness', which is none of"),
        ("- id: a\n  question: Why?\n  asks: b\n", "q.yaml:1: there is no field `asks`"),
        ("- id: a\n  question: " + "x" * 151, "q.yaml:1: `question` has 151 characters, at most 150 fit"),
        ("id: a\n", "q.yaml:1: write a list of questions"),
        ("- just words\n", "q.yaml:1: each question is a set of fields"),
        ("- id: [\n", "q.yaml:2: this is not YAML"),
    ],
)
def test_each_fault_is_said_with_its_line(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "q.yaml").write_text(text)

    with pytest.raises(SettingsError) as refused:
        read_folder(tmp_path)

    assert refused.value.faults[0].startswith(fault)
