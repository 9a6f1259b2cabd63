"""Everyday lines and what tells trouble from them."""

from pathlib import Path

import numpy as np
import pytest

from knowledge.base import GUIDANCE
from knowledge.everyday import load_everyday, sounds_like_trouble, tone_of
from knowledge.faults import LibraryFaults


def test_folders_add_their_lines(tmp_path: Path) -> None:
    (tmp_path / "everyday.yaml").write_text("lines:\n  - all quiet\n  - watered the plants\n", encoding="utf-8")

    lines = load_everyday(GUIDANCE, tmp_path)

    assert len(load_everyday(GUIDANCE)) >= 250
    assert lines.count("all quiet") == 1
    assert lines[-1] == "watered the plants"


def test_a_file_without_lines_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "everyday.yaml").write_text("questions: []\n", encoding="utf-8")

    with pytest.raises(LibraryFaults, match="no `lines`"):
        load_everyday(tmp_path)


def test_trouble_is_told_from_everyday_lines() -> None:
    troubles = np.array([[1.0, 0.0], [0.8, 0.6]] * 200, dtype=np.float32)
    everyday = np.array([[0.0, 1.0], [-0.6, 0.8]] * 50, dtype=np.float32)
    tone = tone_of(troubles, everyday)

    assert sounds_like_trouble(np.array([1.0, 0.0], dtype=np.float32), tone)
    assert not sounds_like_trouble(np.array([-1.0, 0.0], dtype=np.float32), tone)


def test_without_everyday_lines_everything_may_be_trouble() -> None:
    tone = tone_of(np.ones((2, 2), dtype=np.float32), np.zeros((0, 2), dtype=np.float32))

    assert sounds_like_trouble(np.array([-1.0, 0.0], dtype=np.float32), tone)
