"""Block Kit helpers that know no feature: escaping, splitting, and a check of the limits slack_sdk does not check."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from slack_sdk.models.blocks import Block, ContextBlock, DividerBlock, HeaderBlock, MarkdownTextObject, SectionBlock

SECTION_TEXT = 3000
MESSAGE_BLOCKS = 50
FALLBACK_TEXT = 3900


def escape(text: str) -> str:
    """What a person wrote, such that Slack shows it and does nothing else with it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def header(text: str) -> HeaderBlock:
    return HeaderBlock(text=shorten(text, 150))


def section(text: str, **more: Any) -> SectionBlock:
    return SectionBlock(text=MarkdownTextObject(text=text), **more)


def sections(text: str) -> list[Block]:
    """As many sections as the text needs."""
    return [section(part) for part in split(text, SECTION_TEXT)]


def context(*texts: str) -> ContextBlock:
    return ContextBlock(elements=[MarkdownTextObject(text=shorten(text, 2000)) for text in texts])


def divider() -> DividerBlock:
    return DividerBlock()


def split(text: str, limit: int) -> list[str]:
    """Parts of at most `limit` characters that keep lines, links and code fences whole where any part can hold them."""
    parts: list[str] = []
    current = ""
    for piece in _pieces(text, limit):
        if current and len(current) + len(piece) > limit:
            parts.append(current.rstrip("\n"))
            current = ""
        current += piece
    if current.strip():
        parts.append(current.rstrip("\n"))
    return [part for part in parts if part.strip()]


def _pieces(text: str, limit: int) -> Iterator[str]:
    for piece in re.split(r"(```.*?```\n?)", text, flags=re.S):
        if piece.startswith("```") and len(piece) > limit:
            yield from _split_fence(piece, limit)
        elif piece.startswith("```"):
            yield piece
        else:
            for line in piece.splitlines(keepends=True):
                yield from _split_line(line, limit)


def _split_fence(fence: str, limit: int) -> Iterator[str]:
    body = fence.strip().removeprefix("```").removesuffix("```").strip("\n")
    for part in split(body.replace("```", "'''"), limit - 10):
        yield f"```\n{part}\n```\n"


def _split_line(line: str, limit: int) -> Iterator[str]:
    while len(line) > limit:
        cut = max(line.rfind(" ", 1, limit), line.rfind(">", 1, limit) + 1)
        open_link = line.rfind("<", 0, cut)
        if open_link > 0 and ">" not in line[open_link:cut]:
            cut = open_link
        cut = cut if cut > 0 else limit
        yield line[:cut].rstrip() + "\n"
        line = line[cut:].lstrip()
    yield line


def rendered(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    """The blocks as Slack wants them, at most as many as a message may have."""
    return [block.to_dict() for block in blocks][:MESSAGE_BLOCKS]


def options(pairs: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Select options from (value, label); Slack takes 75 characters of a label."""
    return [{"text": {"type": "plain_text", "text": shorten(label, 75)}, "value": value} for value, label in pairs]
