"""Reads what a person filled in: block ids equal the fields' names, so no mapping is needed."""

from collections.abc import Mapping
from typing import Any

Filled = Mapping[str, Any]


def read(view: Mapping[str, Any]) -> dict[str, Any]:
    """Field name → what is in it: a string, a list of strings, or None where nothing is.

    Args:
        view: the `view` of a submission; each input block has one element.
    """
    values = (view.get("state") or {}).get("values") or {}
    return {block_id: _value(next(iter(elements.values()), {})) for block_id, elements in values.items()}


def _value(element: Mapping[str, Any]) -> Any:
    if "selected_options" in element:
        # None is what the local trial sends for boxes nobody touched; [] is what Slack sends for boxes all cleared.
        options = element["selected_options"]
        return None if options is None else [option["value"] for option in options]
    if "selected_option" in element:
        return (element["selected_option"] or {}).get("value")
    for name, found in element.items():
        if name.startswith("selected_"):
            return found
    text = element.get("value")
    return text.strip() or None if isinstance(text, str) else text


def private(view: Mapping[str, Any]) -> str:
    """What the bot itself put on the form."""
    return str(view.get("private_metadata") or "")
