"""`[source]` markers: taken out of a text and resolved to citations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from knowledge.faults import Report
from knowledge.model import Citation, Cited

MARKER = re.compile(r"\[([A-Za-z0-9][A-Za-z0-9._-]*)\](?!\()")
CLOSING = re.compile(r"(?:\s*\[[A-Za-z0-9][A-Za-z0-9._-]*\])+[.;]?\s*$")
CODE = re.compile(r"(`[^`]*`)")


@dataclass(slots=True)
class Citer:
    """Resolves the markers of one file and remembers which sources were used."""

    names: Mapping[str, Citation]
    report: Report
    used: set[str] = field(default_factory=set)

    def read(self, text: str, line: int, what: str) -> Cited:
        """Take the markers out of `text`; reports a missing or unknown source at its end."""
        closing = CLOSING.search(text)
        if not closing:
            self.report.add(line, f"{what} does not end with its source", "end it with [source-id], or take it out")
        else:
            self._check(MARKER.findall(closing.group()), line)
        return self._cited(text, closing.start() if closing else len(text))

    def _check(self, names: list[str], line: int) -> None:
        for name in names:
            known = ", ".join(self.names) or "none"
            remedy = f"list it under `sources` or use one that is ({known})"
            self.report.unless(name in self.names, line, f"source [{name}] is not listed in this file", remedy)

    def _cited(self, text: str, end: int) -> Cited:
        names = [name for name in _markers(text) if name in self.names]
        self.used.update(names)
        kept = "".join(part if part.startswith("`") else self._strip(part) for part in CODE.split(text[:end]))
        return Cited(kept.strip(), tuple(self.names[name] for name in dict.fromkeys(names)))

    def _strip(self, text: str) -> str:
        return re.sub(r"\s*" + MARKER.pattern, lambda found: "" if found[1] in self.names else found[0], text)


def _markers(text: str) -> list[str]:
    return [name for part in CODE.split(text) if not part.startswith("`") for name in MARKER.findall(part)]
