"""Words mistyped by one slip of the finger → the words that the guidance uses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

# Short words are one slip away from too many others; names ("Flink"), paths and numbers are no words.
WORD = re.compile(r"(?<![\w./@#-])[a-z]{5,}(?![\w./@-])")
COMMON = 3


class Spelling:
    """Corrects what nobody knows and what is one slip from something common: `dissk`, `migratoin`."""

    def __init__(self, texts: Iterable[str], others: Iterable[str], words: Collection[str]) -> None:
        """Learn the words of `texts`; those of `others`, and `words`, stay as they are and nothing becomes them."""
        counts = Counter(_words_of(texts))
        self._common = {word: count for word, count in counts.items() if count >= COMMON}
        self._known = {*counts, *_words_of(others), *words}

    def corrected(self, text: str) -> str:
        """The text with its slips corrected."""
        return WORD.sub(lambda found: self._corrected(found.group()), text)

    def _corrected(self, word: str) -> str:
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        if word in self._known:
            return word
        near = process.extract(word, self._common.keys(), scorer=OSA.distance, score_cutoff=1, limit=None)
        return max((common for common, *_ in near), key=self._common.__getitem__, default=word)


def _words_of(texts: Iterable[str]) -> Iterator[str]:
    return (word for text in texts for word in WORD.findall(text.lower()))
