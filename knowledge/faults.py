"""What can be wrong with guidance, said so that its writer knows what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One mistake in one file: where it is, what it is, how to put it right."""

    file: str
    line: int
    problem: str
    remedy: str

    def __str__(self) -> str:
        """`file:line: problem — remedy`, as compilers print it."""
        return f"{self.file}:{self.line}: {self.problem} — {self.remedy}"


class LibraryFaults(Exception):
    """The guidance has faults; nothing of it was loaded."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the faults in the order of files and lines."""
        self.faults = sorted(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class Report:
    """Collects the faults of one file while it is read."""

    def __init__(self, file: str) -> None:
        """Start without faults; `file` is the name that the faults will carry."""
        self.file = file
        self.faults: list[Fault] = []

    def add(self, line: int, problem: str, remedy: str) -> None:
        """Remember one fault at a 1-based line."""
        self.faults.append(Fault(self.file, line, problem, remedy))

    def unless(self, fine: object, line: int, problem: str, remedy: str) -> bool:
        """Remember the fault unless `fine` holds; returns whether it does."""
        if not fine:
            self.add(line, problem, remedy)
        return bool(fine)
