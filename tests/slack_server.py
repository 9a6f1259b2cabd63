"""A local HTTP Slack: records every call, checks every message and view against Slack's limits, fails when told to."""

import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from tests.limits import violations

BOT = "U0ADVISOR"
WORKSPACE = "T0TEST"


@dataclass(frozen=True)
class Call:
    """One Web API call as it arrived."""

    method: str
    body: Mapping[str, Any]


@dataclass
class Failure:
    """What Slack answers instead of doing it; `done` says it does it all the same and only the answer is lost."""

    status: int = 200
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    done: bool = False


class SlackServer:
    """Slack on a free port; use as a context manager."""

    def __init__(self) -> None:
        self.calls_made: list[Call] = []
        self.messages: list[dict[str, Any]] = []
        self.violations: list[str] = []
        self.unknown: set[str] = set()
        self.users: dict[str, dict[str, Any]] = {}
        self.members: dict[str, list[str]] = {}
        self.answers: dict[str, Mapping[str, Any]] = {}
        self._failures: dict[str, deque[Failure]] = {}
        self._lock = threading.Lock()
        self._count = 0
        self._files: dict[str, dict[str, Any]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> "SlackServer":
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/api/"

    @property
    def response_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/respond"

    def calls(self, method: str) -> list[Mapping[str, Any]]:
        """Bodies of the calls of one method, in order; `respond` for what went to a response_url."""
        return [call.body for call in self.calls_made if call.method == method]

    def fail(self, method: str, *failures: Failure) -> None:
        """The next calls of `method` are answered so, one after the other."""
        self._failures.setdefault(method, deque()).extend(failures)

    def busy(self, method: str, times: int = 1, retry_after: int = 3) -> None:
        error = {"ok": False, "error": "ratelimited"}
        self.fail(method, *[Failure(429, error, {"Retry-After": str(retry_after)}) for _ in range(times)])

    def handle(self, method: str, body: dict[str, Any]) -> tuple[int, Mapping[str, Any], Mapping[str, str]]:
        with self._lock:
            self.calls_made.append(Call(method, body))
            self.violations += [f"{method}: {fault}" for fault in violations(method, body)]
            failure = self._failures[method].popleft() if self._failures.get(method) else None
            if failure is not None and not failure.done:
                return failure.status, failure.body, failure.headers
            if method in self.unknown:
                return 200, {"ok": False, "error": "unknown_method"}, {}
            answer = self._do(method, body)
            return (failure.status, failure.body, failure.headers) if failure else (200, answer, {})

    def _do(self, method: str, body: dict[str, Any]) -> Mapping[str, Any]:
        if method in self.answers:
            return self.answers[method]
        do = getattr(self, "_" + method.replace(".", "_"), None)
        return {"ok": True, **(do(body) if do else {})}

    def _auth_test(self, body: dict[str, Any]) -> dict[str, Any]:
        return {
            "team_id": WORKSPACE,
            "user_id": BOT,
            "bot_id": "B0ADVISOR",
            "team": "Test",
            "user": "advisor",
            "url": "",
        }

    def _chat_postMessage(self, body: dict[str, Any]) -> dict[str, Any]:
        self._count += 1
        ts = f"1800000000.{self._count:06d}"
        self.messages.append({**body, "ts": ts})
        return {"channel": body["channel"], "ts": ts, "message": {"ts": ts, "text": body.get("text", "")}}

    def _chat_update(self, body: dict[str, Any]) -> dict[str, Any]:
        for message in self.messages:
            if (message["channel"], message["ts"]) == (body["channel"], body["ts"]):
                message.update(body)
        return {"channel": body["channel"], "ts": body["ts"], "text": body.get("text", "")}

    def _chat_postEphemeral(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"message_ts": "1700000000.000001"}

    def _files_getUploadURLExternal(self, body: dict[str, Any]) -> dict[str, Any]:
        self._count += 1
        file = {"id": f"F{self._count}", "name": body["filename"], "alt_txt": body.get("alt_txt")}
        self._files[file["id"]] = file
        return {"upload_url": f"{self.url}upload?file={file['id']}", "file_id": file["id"]}

    def keep_file(self, file_id: str, content: str) -> None:
        """What was uploaded, for those that can be read."""
        with self._lock:
            self._files[file_id]["content"] = content

    def _files_completeUploadExternal(self, body: dict[str, Any]) -> dict[str, Any]:
        files = [self._files[file["id"]] for file in body["files"]]
        shared = {"channel": body.get("channel_id"), "thread_ts": body.get("thread_ts"), "text": "", "files": files}
        self._chat_postMessage(shared)
        return {"files": files}

    def _conversations_open(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"channel": {"id": "D" + str(body["users"])[1:]}}

    def _conversations_history(self, body: dict[str, Any]) -> dict[str, Any]:
        found = [m for m in self.messages if m["channel"] == body["channel"] and not m.get("thread_ts")]
        return {"messages": list(reversed(found)), "has_more": False}

    def _conversations_replies(self, body: dict[str, Any]) -> dict[str, Any]:
        found = [m for m in self.messages if body["ts"] in (m.get("thread_ts"), m["ts"])]
        return {"messages": found, "has_more": False}

    def _conversations_members(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"members": self.members.get(str(body["channel"]), [])}

    def _usergroups_list(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"usergroups": []}

    def _users_info(self, body: dict[str, Any]) -> dict[str, Any]:
        person = body["user"]
        known = {"id": person, "name": person.lower(), "tz": "Europe/Berlin", "is_bot": False, "deleted": False}
        return {"user": {**known, "profile": {"real_name": person}, **self.users.get(person, {})}}

    def _views_open(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"view": {"id": "V1", "hash": "h1"}}


def _handler(slack: SlackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
            method = self.path.removeprefix("/api/").strip("/").split("?")[0]
            if method == "upload":
                slack.keep_file(self.path.rpartition("=")[2], raw)
            status, answer, headers = slack.handle(method, _parsed(raw, self.headers.get("Content-Type") or ""))
            payload = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


def _parsed(raw: str, content_type: str) -> dict[str, Any]:
    if "json" in content_type:
        return dict(json.loads(raw or "{}"))
    return {name: _value(values[0]) for name, values in parse_qs(raw, keep_blank_values=True).items()}


def _value(text: str) -> Any:
    if text[:1] in "[{":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
