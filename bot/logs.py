"""Log lines as JSON: a message for people, an `action` for machines, never what somebody wrote, never a secret."""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="")

OURS = frozenset({"bot", "knowledge"})
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **({"request": request_id.get()} if request_id.get() else {}),
            **{name: value for name, value in vars(record).items() if name not in _STANDARD},
        }
        if record.exc_info:
            line["trace"] = _frames_only(self.formatException(record.exc_info), record)
        return json.dumps(line, default=str, ensure_ascii=False)


def _frames_only(trace: str, record: logging.LogRecord) -> str:
    """The traceback without the exceptions' texts, which may quote a message or a token."""
    frames = [line for line in trace.splitlines() if line.startswith(("  ", "Traceback"))]
    kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
    return "\n".join([*frames, kind])


def set_up(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    handler.addFilter(_is_ours_or_serious)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def _is_ours_or_serious(record: logging.LogRecord) -> bool:
    """Libraries log whole requests, message text and tokens included, at INFO and DEBUG, and set their own levels."""
    if record.name.startswith("slack_sdk.web"):
        return False  # whatever Slack does not do is raised, and said where it is handled
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] in OURS
