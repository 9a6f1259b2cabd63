"""What a person's message asks: how many users, which stacks, which intent; pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from knowledge.model import Phase
from knowledge.users import amount, users_stated

HEAD, TAIL = 2_000, 500
THREAD_TURNS = 3


class Intent(StrEnum):
    """What kind of answer is wanted."""

    PLAN = "plan"
    SHOULD = "should"
    NORMAL = "normal"
    SYMPTOM = "symptom"


@dataclass(frozen=True, slots=True)
class Question:
    """A message, read: `text` is clean and bounded, `about` is what to search for (with the thread where it counts)."""

    text: str
    about: str
    users: int | None
    phase: Phase | None
    stacks: tuple[str, ...]
    intent: Intent
    follows_up: bool


STACK_NAMES: Mapping[str, str] = {
    "postgres": r"postgres\w*|psql|pg|pg_\w+|pgbouncer|supabase",
    "mysql": r"mysql\w*|mariadb|innodb|my\.cnf",
    "mongodb": r"mongo\w*|mongod",
    "redis": r"redis|valkey|elasticache",
    "memcached": r"memcached?",
    "elasticsearch": r"elastic\s?search|opensearch",
    "rabbitmq": r"rabbit\s?mq|rabbit",
    "kafka": r"kafka|msk",
    "nginx": r"nginx",
    "haproxy": r"haproxy",
    "linux": r"linux|ubuntu|debian|centos|systemd|journalctl",
    "docker": r"docker\w*|compose",
    "kubernetes": r"kubernetes|k8s|kubectl|eks|gke|aks|helm|pods?",
    "aws": r"aws|ec2|rds|lambda|s3|ecs|fargate|cloudfront|aurora|alb",
    "gcp": r"gcp|google cloud|cloud run|cloud sql|gke",
    "azure": r"azure|aks",
    "cloudflare": r"cloudflare",
    "rails": r"rails|active\s?record|puma|ror",
    "django": r"django|gunicorn",
    "laravel": r"laravel|artisan|eloquent",
    "node": r"node(?:\.?js)?|express|nest\.?js|next\.?js|npm|prisma|pm2",
    "java": r"java|spring(?:\sboot)?|jvm|hikari\w*|tomcat",
    "go": r"golang|(?<=in )go|go (?:service|app|api)",
    "php": r"php(?:-fpm)?|symfony|wordpress",
    "elixir": r"elixir|phoenix|erlang|beam",
    "sidekiq": r"sidekiq",
    "celery": r"celery",
    "bullmq": r"bull\s?mq|bull",
}
STACK_PATTERNS = {
    stack: re.compile(rf"(?<![\w-])(?:{names})(?![\w-])", re.IGNORECASE) for stack, names in STACK_NAMES.items()
}
RIVALS = (("postgres", "mysql", "mongodb"), ("rails", "django", "laravel", "node", "java", "go", "php", "elixir"))

SHOULD = re.compile(
    r"\b(?:should|shall|do|does|must|can) (?:i|we|you|one|it|our team)\b.{0,60}\b(?:need|use|move|switch|add|get"
    r"|go|adopt|hire|split|rewrite|migrate|have|start|buy|build|introduce|worry|bother|already|yet|now)\b"
    r"|\bshould (?:we|i)\b|\bis it time\b|\bworth (?:it|the|adding|moving|doing)\b"
    r"|\b(?:too early|too soon|overkill|premature)\b|\bwhen (?:should|do|to|is)\b|\b\w+ (?:or|vs\.?|versus) \w+\b.*\?",
    re.IGNORECASE,
)
NORMAL = re.compile(
    r"\bis (?:it|this|that|\w+(?: \w+){0,5}) (?:still )?(?:normal|ok|okay|fine|bad|expected|acceptable|usual"
    r"|too (?:much|slow|high))\b|\bnormal (?:at|for|that)\b|\bhow (?:many|much|fast|slow) (?:is|should)\b",
    re.IGNORECASE,
)
PLANNING = re.compile(
    r"\b(?:what|where|which|how|anything|priorit\w+|roadmap|checklist|plan|next|focus|survive|first|top|must.haves?|advice|tips?)\b",
    re.IGNORECASE,
)
_PLAN_TALK = """
a about add advance after all alone also am an and annual any anything anyway app application are around as at
attention aware b2b b2c backend base be been before being best better between big biggest board bootstrapped
bother bottleneck bottlenecks break breaking breaks bring but by can care challenges change changes check
checklist christmas come comes coming company concentrate concrete could counting critical crossing crucial
cto currently customers deal dev developers devs do does doing done doubled down draft each effort else end
energy engineering engineers enough essential essentials even everybody everything expect expected fall far
few first five fix fixed fixing focus folks for founder founders from get gets getting give given go going
good got grew grow growing growth guys had handle happening happens has have haves heading hello here hey hi
hit hitting honestly how i if ignore im important improve improved in infra into invest investing is issue
issues it its just keep key know later least leave left let level like list ll long look looking main make
matter matters maybe me milestone month months more most much must my nearing need needs next no not now of
off ok on one ones only or order ordered our ours out over passing past phase place plan planning platform
please pls plz point points prepare priorities prioritise prioritize priority problem problems product quarter
question quick re reached reaching ready really recommend registered relevant right risks roadmap roughly saas
safely say scale scaling short should side size skip small so solo some somebody someone something soon spend
sprint stage start started starts startup still stuff suggest supposed survive system tackle take tasks team
tech technical technically technologies tell term than thank thanks that the their them then there these they
thing things think this three through time tiny tip tips to today todo together top topic topics touch towards
tripled two typically until untouched upcoming urgent us user users usual usually ve want wants waste watch
way we web week weeks went what whats when where which while will with without work working worry worth would
year yes yesterday yet you your
"""
PLAN_WORDS = frozenset(_PLAN_TALK.split())
AMOUNT_WORDS = re.compile(
    r"[~≈]?\d[\d.,']*\s?(?:k|m|mn)?\+?\b(?:\s?-\s?\d[\d.,]*\s?(?:k|m)?\b)?"
    r"|\b(?:hundreds?|thousands?|millions?|dozens?|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred"
    r"|couple|four|six|seven|eight|nine|ten|fifteen|active|monthly|daily|paying|mau|dau|signups?|accounts?|crossed|passed"
    r"|held|tape|almost|nearly|beta|real|goes wrong)\b",
    re.IGNORECASE,
)
LEANS_ON_THREAD = re.compile(
    r"^(?:and|but|or|so|ok|okay|then|also|what if|what about|how about|what else|why|how long|how much|which one|which"
    r"|even|still|thanks|cool|great|yes|yeah|yep|no|nope|it|that|this|they|he|she|same|done|did|we did|tried|already"
    r"|after|hmm?|sure|right|alright|got it|makes sense|no wait)\b"
    r"|\b(?:it|that|this|these|those|them|they|one|instead|there)\b",
    re.IGNORECASE,
)
SELF_CONTAINED_WORDS = 14
BARE_NUMBER = re.compile(
    r"^(?:(?:and|or|ok|so|what|how|if|about|at|with|for|say|we|have|had|were|reach|hit|get to|go to|grow to)\W+)*"
    r"[~≈]?(\d[\d.,]*\s?(?:k|m|thousand|million)?|(?:a |ten |one |two |five )?(?:hundred|thousand|million))"
    r"\+?\s?(?:users|customers|people)?\s*[?.!]*$",
    re.IGNORECASE,
)


def parse(message: str, thread: Sequence[str] = ()) -> Question:
    """Read a message; `thread` is what the same person asked before in this conversation, oldest first."""
    text = clean(message)
    earlier = tuple(clean(turn) for turn in thread[-THREAD_TURNS:] if turn.strip())
    follows_up = bool(earlier) and leans_on_thread(text)
    users = users_of(text, earlier)
    about = " ".join([*earlier, text]) if follows_up else text
    return Question(
        text=text,
        about=about,
        users=users,
        phase=None if users is None else Phase.of_users(users),
        stacks=stacks_of(text, earlier),
        intent=intent_of(about),
        follows_up=follows_up,
    )


def clean(message: str) -> str:
    """Without control characters and runs of space; of a very long message, its beginning and its end."""
    if len(message) > HEAD + TAIL:
        message = f"{message[:HEAD]}\n{message[-TAIL:]}"
    kept = "".join(char if _visible(char) else " " for char in unicodedata.normalize("NFKC", message))
    lines = (" ".join(line.split()) for line in kept.splitlines())
    return "\n".join(line for line in lines if line)


def users_of(text: str, earlier: Sequence[str] = ()) -> int | None:
    """The number of users stated last in the conversation."""
    if earlier and (bare := BARE_NUMBER.match(text)):
        return round(amount(bare[1]) or 0)
    turns = reversed([*earlier, text])
    return next((users for turn in turns if (users := users_stated(turn)) is not None), None)


def stacks_of(text: str, earlier: Sequence[str] = ()) -> tuple[str, ...]:
    """The technologies named; one named now replaces its rivals named earlier ("and on MySQL?")."""
    now = [stack for stack, pattern in STACK_PATTERNS.items() if pattern.search(text)]
    before = [stack for stack, pattern in STACK_PATTERNS.items() if any(pattern.search(turn) for turn in earlier)]
    kept = [stack for stack in before if stack not in now and not _replaced(stack, now)]
    return (*now, *kept)


def intent_of(text: str) -> Intent:
    """What kind of answer the message wants; a symptom unless it says otherwise."""
    if asks_for_plan(text):
        return Intent.PLAN
    if NORMAL.search(text):
        return Intent.NORMAL
    return Intent.SHOULD if SHOULD.search(text) else Intent.SYMPTOM


def asks_for_plan(text: str) -> bool:
    """Whether the message asks what to do at this size without naming any subject."""
    if not may_ask_for_plan(text):
        return False
    words = re.findall(r"[a-z]+", AMOUNT_WORDS.sub(" ", text.lower().replace("’", "'").replace("'", " ")))
    subjects = [word for word in words if word not in PLAN_WORDS and len(word) > 1]
    return len(words) >= 2 and not subjects


def may_ask_for_plan(text: str) -> bool:
    """Whether a message has any word by which one asks what to do; a story without one is about what it tells."""
    return bool(PLANNING.search(text))


def leans_on_thread(text: str) -> bool:
    """Whether a message needs what was said before to be understood."""
    words = len(text.split())
    return words <= SELF_CONTAINED_WORDS // 2 or (words <= SELF_CONTAINED_WORDS and bool(LEANS_ON_THREAD.search(text)))


def _visible(char: str) -> bool:
    return char == "\n" or not unicodedata.category(char).startswith("C")


def _replaced(stack: str, now: Sequence[str]) -> bool:
    return any(stack in group and any(other in group for other in now) for group in RIVALS)
