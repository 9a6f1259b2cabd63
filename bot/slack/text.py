"""Slack's markup of a message as the plain text its author saw."""

import re

_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_LABELLED = re.compile(r"<(?:[@#!][^|>]*|[^|>@#!]+)\|([^>]+)>")
_BARE = re.compile(r"<([^@#!>][^>]*)>")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_SPECIAL = re.compile(r"<[@#!][^>]*>")


def mentioned(text: str) -> list[str]:
    """The people a message addresses, in order."""
    return _MENTION.findall(text)


def plain(text: str) -> str:
    """Without mentions and control characters; links and channels by what was seen of them."""
    text = _CONTROL.sub(" ", text)
    text = _MENTION.sub(" ", text)
    text = _LABELLED.sub(r"\1", text)
    text = _SPECIAL.sub(" ", text)
    text = _BARE.sub(r"\1", text)
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return re.sub(r"[ \t]+", " ", text).strip()
