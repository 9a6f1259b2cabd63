"""The words of a message, also of alerts whose words are in attachments and blocks; pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.slack.text import plain

LONGEST = 6000


def words_of(message: Mapping[str, Any]) -> str:
    """Everything that can be read in a message, each line once."""
    lines = dict.fromkeys(
        line.strip() for part in _parts(message) for line in plain(str(part)).splitlines() if line.strip()
    )
    return "\n".join(lines)[:LONGEST]


def _parts(message: Mapping[str, Any]) -> Iterator[str]:
    yield message.get("text") or ""
    for attachment in message.get("attachments") or []:
        for name in ("pretext", "title", "text"):
            yield attachment.get(name) or ""
        yield from (f"{field.get('title', '')}: {field.get('value', '')}" for field in attachment.get("fields") or [])
        yield from _blocks(attachment)
        if not any(attachment.get(name) for name in ("title", "text", "blocks")):
            yield attachment.get("fallback") or ""
    yield from _blocks(message)


def _blocks(message: Mapping[str, Any]) -> Iterator[str]:
    for block in message.get("blocks") or []:
        if block.get("type") in ("section", "header"):
            yield (block.get("text") or {}).get("text") or ""
            yield from (field.get("text") or "" for field in block.get("fields") or [])
