"""Words mistyped by one slip of the finger → the words that the guidance uses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

# Short words are one slip away from too many others; names, paths and numbers are no words.
WORD = re.compile(r"(?<![\w./@#-])[A-Za-z]{5,}(?![\w./@-])")
COMMON = 3


class Spelling:
    """Corrects what it does not know and what is one slip from something common: `dissk`, `migratoin`."""

    def __init__(self, texts: Iterable[str], known: Iterable[str] = ()) -> None:
        """Learn the words of `texts`; those of `known` stay as they are, but nothing is corrected to them."""
        counts = Counter(word.lower() for text in texts for word in WORD.findall(text))
        self._common = {word: count for word, count in counts.items() if count >= COMMON}
        self._known = counts.keys() | {word.lower() for text in known for word in WORD.findall(text)}

    def corrected(self, text: str) -> str:
        """The text with its slips corrected, in lower case where something was."""
        return WORD.sub(lambda found: self._corrected(found.group()), text)

    def _corrected(self, word: str) -> str:
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        if word.lower() in self._known:
            return word
        near = process.extract(word.lower(), self._common.keys(), scorer=OSA.distance, score_cutoff=1, limit=None)
        return max((common for common, *_ in near), key=self._common.__getitem__, default=word)
