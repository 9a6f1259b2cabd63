"""Lines that report no trouble: feature work, plans, learning, all well. A note's clauses are weighed against them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from knowledge.encoder import Vectors
from knowledge.faults import LibraryFaults, Report
from knowledge.located import read_mapping
from knowledge.passages import Passage, Role

EVERYDAY = "everyday.yaml"
SHRINK = 50.0


def load_everyday(*folders: Path) -> tuple[str, ...]:
    """The lines of all folders.

    Raises:
        LibraryFaults: when a file has faults.
    """
    reports: list[Report] = []
    lines = [line for folder in folders for line in _read(folder / EVERYDAY, reports)]
    if faults := [fault for report in reports for fault in report.faults]:
        raise LibraryFaults(faults)
    return tuple(dict.fromkeys(lines))


def passages_of_lines(lines: tuple[str, ...]) -> tuple[Passage, ...]:
    """One passage for each line; they are no part of what questions are searched in."""
    return tuple(Passage("everyday", Role.DECOY, line) for line in lines)


def tone_of(troubles: Vectors, everyday: Vectors) -> Vectors:
    """What tells trouble from everyday lines, (d + 1,): ridge regression on 1 and -1, both sides weighing the same.

    Nearness to one line knows what a clause is about, but hardly whether it is well or not; this direction does.

    Args:
        troubles: unit vectors of what people say in trouble, (n, d).
        everyday: unit vectors of everyday lines, (m, d); without any, nothing is told apart.
    """
    if not len(everyday) or not len(troubles):
        return np.zeros(everyday.shape[1] + 1, dtype=np.float32)
    texts = np.vstack([troubles, everyday]).astype(float)
    texts = np.hstack([texts, np.ones((len(texts), 1))])
    sides = np.repeat([1.0, -1.0], [len(troubles), len(everyday)])
    shares = np.repeat([0.5 / len(troubles), 0.5 / len(everyday)], [len(troubles), len(everyday)]) * len(texts)
    weighed = (texts * shares[:, None]).T
    tone = np.linalg.solve(weighed @ texts + SHRINK * np.eye(texts.shape[1]), weighed @ sides)
    return np.asarray(tone, dtype=np.float32)


def sounds_like_trouble(vector: Vectors, tone: Vectors) -> bool:
    """Whether a text, given as its unit vector (d,), is on the side of trouble; also where nothing is told apart."""
    return float(vector @ tone[:-1] + tone[-1]) >= 0


def _read(path: Path, reports: list[Report]) -> list[str]:
    if not path.is_file():
        return []
    reports.append(report := Report(path.name))
    fields = read_mapping(path.read_text(encoding="utf-8"), report) or {}
    lines = [node.text for node in fields["lines"].items if node.text] if "lines" in fields else []
    report.unless(lines, 1, "no `lines`", "list some under `lines:`")
    return lines
