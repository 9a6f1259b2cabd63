"""Whether what somebody says to the bot reads like an incident going on now; pure."""

import re

from knowledge.triage import Recognised

URGENT = re.compile(
    r"\b(?:down|dead|outage|on fire|nothing works|nothing loads|nobody can|no ?one can|unreachable|crash(?:ed|ing)?"
    r"|is gone|help|urgent|asap|sos|right now|just (?:now|started|died|broke)|since \d+ ?(?:min|minutes|h|hours?)"
    r"|\d{1,2} ?(?:am|a\.m\.) (?:and|it)|customers are (?:calling|complaining))\b|!!|\[FIRING|\bALARM\b|\[Triggered\]"
    r"|\b(?:FATAL|CRITICAL|PANIC|ERROR)\b:?",
)
CALM = re.compile(
    r"\b(?:should (?:we|i)|do (?:we|i) need|when (?:should|do|to)|is it (?:time|worth|normal)|what if"
    r"|how (?:do|can) (?:we|i) (?:avoid|prevent|plan|prepare)|next (?:week|month|quarter|year)|best practice"
    r"|compare|versus|vs\.?)\b",
    re.IGNORECASE,
)
SURE = 0.4


def reads_like_incident(text: str, found: Recognised) -> bool:
    """Whether to offer a triage: something is recognised, it is going on now, and it is no question about plans."""
    if not found.suspects or found.suspects[0].score < SURE or CALM.search(text):
        return False
    return bool(URGENT.search(text) or URGENT.search(text.lower()))
