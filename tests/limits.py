"""Slack's limits on messages and views, those that slack_sdk does not check included."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

TEXT = {"section": 3000, "header": 150, "context": 3000, "button": 75, "label": 2000, "option": 75, "title": 24}
ELEMENTS = {"actions": 25, "context": 10}
OPTIONS = {"checkboxes": 10, "radio_buttons": 10, "overflow": 5}
INPUT_IN_MESSAGE = "an input block in a message"


def violations(method: str, body: Mapping[str, Any]) -> list[str]:
    """What Slack would refuse or cut, one line each; empty when all is well."""
    if method in ("chat.postMessage", "chat.update", "chat.postEphemeral", "respond"):
        return list(_message(body))
    if method in ("views.open", "views.update", "views.push", "views.publish"):
        view = body.get("view") or {}
        return list(_view(json.loads(view) if isinstance(view, str) else view))
    return []


def _message(body: Mapping[str, Any]) -> Iterator[str]:
    if not str(body.get("text") or "").strip():
        yield "no fallback text"
    if len(str(body.get("text") or "")) > 4000:
        yield "fallback text over 4,000"
    blocks = body.get("blocks") or []
    if len(blocks) > 50:
        yield f"{len(blocks)} blocks in a message"
    if any(block.get("type") == "input" for block in blocks):
        yield INPUT_IN_MESSAGE
    yield from _blocks(blocks)


def _view(view: Mapping[str, Any]) -> Iterator[str]:
    blocks = view.get("blocks") or []
    if not 0 < len(blocks) <= 100:
        yield f"{len(blocks)} blocks in a view"
    for part in ("title", "submit", "close"):
        if len((view.get(part) or {}).get("text", "")) > TEXT["title"]:
            yield f"{part} over 24"
    if view.get("type") == "modal" and not view.get("submit") and any(b.get("type") == "input" for b in blocks):
        yield "an input modal without submit"
    if len(view.get("private_metadata") or "") > 3000:
        yield "private_metadata over 3,000"
    yield from _blocks(blocks)


def _blocks(blocks: list[Mapping[str, Any]]) -> Iterator[str]:
    for name, times in Counter(block["block_id"] for block in blocks if block.get("block_id")).items():
        if times > 1:
            yield f"block_id {name} stands {times} times"
    for block in blocks:
        yield from _block(block)


def _block(block: Mapping[str, Any]) -> Iterator[str]:
    kind = str(block.get("type"))
    if len(str(block.get("block_id") or "")) > 255:
        yield "block_id over 255"
    yield from _text(block.get("text"), kind, TEXT.get(kind, 3000))
    yield from _text(block.get("label"), "label", TEXT["label"])
    for text in block.get("fields") or []:
        yield from _text(text, "section field", 2000)
    if len(block.get("fields") or []) > 10:
        yield "more than 10 fields"
    if kind == "image" and not block.get("alt_text"):
        yield "an image without alt text"
    yield from _elements(kind, block.get("elements") or [])
    yield from _element(block.get("accessory") or {})
    yield from _element(block.get("element") or {})


def _elements(kind: str, elements: list[Mapping[str, Any]]) -> Iterator[str]:
    if len(elements) > ELEMENTS.get(kind, 100):
        yield f"{len(elements)} elements in {kind}"
    ids = Counter(element["action_id"] for element in elements if element.get("action_id"))
    yield from (f"action_id {name} stands {times} times in a block" for name, times in ids.items() if times > 1)
    for element in elements:
        yield from _element(element)


def _element(element: Mapping[str, Any]) -> Iterator[str]:
    kind = str(element.get("type") or "")
    if kind in ("mrkdwn", "plain_text"):
        yield from _text(element, "context", TEXT["context"])
        return
    if kind == "button":
        yield from _text(element.get("text"), "button", TEXT["button"])
    if len(str(element.get("value") or "")) > 2000:
        yield "value over 2,000"
    if len(str(element.get("action_id") or "")) > 255:
        yield "action_id over 255"
    yield from _text(element.get("placeholder"), "placeholder", 150)
    yield from _options(kind, element.get("options"))


def _options(kind: str, options: list[Mapping[str, Any]] | None) -> Iterator[str]:
    if options is None:
        return
    if not 0 < len(options) <= OPTIONS.get(kind, 100):
        yield f"{len(options)} options in {kind}"
    for option in options:
        yield from _text(option.get("text"), "option", TEXT["option"])
        if len(str(option.get("value") or "")) > 150:
            yield "option value over 150"


def _text(text: Any, what: str, limit: int) -> Iterator[str]:
    if not isinstance(text, Mapping):
        return
    length = len(str(text.get("text") or ""))
    if length == 0:
        yield f"empty text in {what}"
    if length > limit:
        yield f"{length} characters in {what}, at most {limit}"
