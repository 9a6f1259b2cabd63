"""`advisor guidance …`: listing, starting and measuring entries."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.cli.guidance import below_floors, figures_of
from knowledge.base import GUIDANCE
from knowledge.faults import LibraryFaults
from knowledge.golden import Figures, Measured, Miss, NoteFigures
from knowledge.library import load_library
from knowledge.model import Kind

NONE = Figures(0, 0.0, 0.0, 0.0, 0.0, ())


def test_list_prints_one_json_line_for_each_entry_with_its_whole_text() -> None:
    result = CliRunner().invoke(app, ["guidance", "list", "--json"])

    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["id"] for line in lines] == [entry.id for entry in load_library(GUIDANCE)]
    hiring = next(line for line in lines if line["id"] == "first-engineer")
    assert "$80k" in hiring["text"]
    assert "Jaffar Kazi" in hiring["text"]
    assert "Where sources disagree" in hiring["text"]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_new_entry_is_led_through_fault_by_fault(kind: Kind, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["guidance", "new", kind, "--id", "our-own", "--folder", str(tmp_path)])

    assert result.exit_code == 0, result.stderr
    [path] = tmp_path.rglob("our-own.md")
    with pytest.raises(LibraryFaults) as faults:
        load_library(GUIDANCE, tmp_path)
    assert any("`title` is empty" in str(fault) for fault in faults.value.faults)
    assert all(path.name in str(fault) for fault in faults.value.faults)


def test_a_new_entry_never_replaces_one_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "fixes").mkdir()
    (tmp_path / "fixes" / "our-own.md").write_text("ours")

    result = CliRunner().invoke(app, ["guidance", "new", "fix", "--id", "our-own", "--folder", str(tmp_path)])

    assert result.exit_code == 2
    assert (tmp_path / "fixes" / "our-own.md").read_text() == "ours"


@pytest.mark.parametrize(("first", "notes", "faults"), [(0.9, 0.9, 0), (0.5, 0.9, 1), (0.5, 0.5, 2)])
def test_golden_questions_that_fall_below_what_was_reached_are_a_fault(first: float, notes: float, faults: int) -> None:
    measured = Measured(
        split="tune",
        questions=Figures(100, first, 0.97, 0.9, 0.0, ()),
        follow_ups=NONE,
        alerts=NONE,
        off_topic=Figures(40, 0.0, 0.0, 0.0, 0.97, ()),
        against_phase=(),
        notes=NoteFigures(100, notes, notes, notes, 0, ()),
    )

    assert len(below_floors(measured)) == faults


def test_every_kind_of_case_is_told_with_its_figures() -> None:
    measured = Measured(
        split="tune",
        questions=Figures(100, 0.9, 0.97, 0.933, 0.01, ()),
        follow_ups=Figures(9, 1.0, 1.0, 1.0, 0.0, ()),
        alerts=Figures(50, 0.98, 1.0, 0.99, 0.0, ()),
        off_topic=Figures(40, 0.0, 0.0, 0.0, 0.975, ()),
        against_phase=(Miss("q-1", "does not say not yet", (), ("sharding",)),),
        notes=NoteFigures(80, 0.94, 0.9, 0.92, 2, ()),
    )

    assert figures_of(measured) == [
        "tune: 100 questions: recall@1 0.900, recall@3 0.970, MRR 0.933",
        "tune: 9 follow-ups: recall@1 1.000, recall@3 1.000, MRR 1.000",
        "tune: 50 alerts: recall@1 0.980, recall@3 1.000, MRR 0.990",
        "tune: 40 off-topic: declined 0.975; on-topic declined 0.010; against the phase 1",
        "tune: 80 notes: micro F1 0.920 (precision 0.940, recall 0.900), denied reported as present 2",
    ]
