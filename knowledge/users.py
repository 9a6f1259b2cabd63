"""How many users a text states: "~35k users", "two thousand customers", "a few hundred sign-ups"; pure."""

from __future__ import annotations

import math
import re

ONES: dict[str, float] = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90, "half a": 0.5, "a half": 0.5, "quarter of a": 0.25, "couple": 2, "few": 3, "several": 5,
    "handful": 5, "dozen": 12, "dozens": 40, "tens": 30, "hundreds": 300, "thousands": 3_000, "millions": 3_000_000,
}  # fmt: skip
SCALES: dict[str, float] = {
    "hundred": 100, "hundreds": 100, "thousand": 1_000, "thousands": 1_000, "k": 1_000, "grand": 1_000,
    "m": 1_000_000, "mn": 1_000_000, "mio": 1_000_000, "mil": 1_000_000, "mill": 1_000_000,
    "million": 1_000_000, "millions": 1_000_000, "bn": 1_000_000_000, "billion": 1_000_000_000,
}  # fmt: skip

_WORDS = "|".join(sorted(ONES, key=len, reverse=True))
_SCALE = "|".join(sorted(SCALES, key=len, reverse=True))
_DIGITS = r"\d{1,3}(?:[,.' ]\d{3})+(?!\d)|\d+(?:[.,]\d+)?"
_NAMED = rf"(?:{_WORDS}|hundred|thousand|million)"
_SPELLED = rf"\b(?:{_NAMED}\b(?:\s|-)(?:of\s|and\s|an?\s)?){{0,5}}{_NAMED}\b"
_AMOUNT = rf"(?:(?:{_DIGITS})\s?(?:(?:{_SCALE})\b)?|{_SPELLED})"
_KINDS = (
    "registered|active|monthly|daily|weekly|paying|paid|total|beta|real|signed[- ]up|free|happy|actual|unique|new"
    "|individual|end|existing|early|b2c|internal|live|human|pilot|trial|test|friendly|current|regular"
)
# Whoever pays for it or tries it is a user, whatever the trade calls them: "40 paying clinics", "30 pilot schools".
_TAKING_PART = r"(?:paying|paid|registered|pilot|beta|trial)\s[a-z]+s"
_PEOPLE = (
    r"users?(?!\s(?:tables?|stor|roles?|groups?|types?|tests?|interface))|customers?|accounts?|sign-?ups?|members?"
    r"|maus?|daus?|waus?|subscribers?|clients?|players?|students?"
    r"|shoppers?|merchants?|registrations?|people\s(?:using|on|signed|registered|use|have an account)|user-?base"
    r"|testers|bidders|pupils|seats|installs|actives"
    rf"|registered(?=\W*(?:[,.;:!?]|$))|{_TAKING_PART}"
)
# Those who build it, and its parts, use it too: "three teams use it", "all eleven of us use the same password".
_OURSELVES = (
    r"(?:us|devs|developers|engineers|programmers|teams|squads|departments|colleagues|coworkers|analysts|admins|agents"
    r"|services|servers|apps|jobs|workers|pods|processes|screens|pages|integrators|systems|scripts|others"
    r"|seconds|minutes|hours|days|weeks|months|years|times)\s"
)
_USING = (
    rf"(?!{_OURSELVES})"
    r"[a-z]+s\s(?:use|uses|using|work with|rely on|depend on|log in|pay|installed|signed up|in beta"
    r"|on (?:it|board|the platform))"
)
_NOUN = rf"\+?\s?(?:of\s)?(?:our\s|the\s)?(?:(?:{_KINDS})[\s,]{{1,2}}){{0,3}}(?:{_PEOPLE}|{_USING})\b"
# "and" and "-" also stand inside one number: "two hundred and fifty", "twenty-five thousand".
_TO = r"(?:-(?=\s?\d)|–|—|to|(?(between)and|(?!)))"
_RANGE = rf"(?P<between>\bbetween\s)?(?<![:\d])(?P<low>{_AMOUNT})\s?{_TO}\s?(?P<high>{_AMOUNT})"

COUNTED = re.compile(rf"(?:(?P<range>{_RANGE})|(?P<one>{_AMOUNT})){_NOUN}", re.IGNORECASE)
CALLED = re.compile(
    rf"(?:user\s?-?base|users|customers|accounts|maus?|daus?|sign-?ups|user count|number of users|registered)"
    rf"(?:\s(?:is|are|of|at|around|about|roughly|now|currently|count|stands)|\s?[:=~≈]|\s?\()+\s?(?P<one>{_DIGITS})"
    rf"\s?(?P<scale>(?:{_SCALE})\b)?(?!\s?(?:%|percent|ms|s\b|sec|min|req|rps|gb|mb|times|x\b))",
    re.IGNORECASE,
)
REACHED = re.compile(
    rf"\b(?:we(?:'re|’re| are| have)?(?: just| now| currently)* (?:at|on|have|got|hit|passed|crossed|reached|got to"
    r"|grew to)"
    r"|just (?:hit|passed|crossed|reached)|now at|now we(?:'re|’re| are)"
    r"|\bwe(?:'re|’re| are)(?=\s~?\d[\d.,]*\s?(?:k|m|thousand|million)\b))\s"
    r"(?:about |around |roughly |almost |nearly |~)?"
    rf"(?P<one>(?:{_DIGITS})\s?(?:k|m|thousand|million)\b|\d{{1,3}}(?:,\d{{3}})+|\d{{3,}})"
    rf"\+?(?=\s*(?:[,.;:!?)]|$|and\b|now\b|today\b|so\b|but\b))(?![,.]\d)",
    re.IGNORECASE,
)
FUTURE = re.compile(
    r"(?:\b(?:until|till|before|once(?! we (?:passed|crossed|hit|reached))|expect\w*|plan\w*|prepar\w+|reach"
    r"|target\w*|goal\w*|aim\w*|towards?|eventually|someday|handle|support|design\w*|ready|optimi[sz]\w+ for"
    r"|hold|beyond|re-?architect\w*|architecture for|takes? (?:us|it) to|imagin\w+|hop\w+|forecast\w*|project\w+"
    r"|serve|if|scal\w+"
    r"|launch(?:ing)? to|grow to|get to|want|add\w*|next|another|every|per|each|sustain|survive|had"
    r"|when we (?:hit|have|get|reach|are at|pass|cross))\b[^.;!?,]{0,22}|\bwithout\s)$",
    re.IGNORECASE,
)
NOT_STATED = re.compile(
    r"^\s*(?:have\s|has\s|are\s|were\s|who\s|that\s|also\s|just\s|today\s|already\s)*(?:complain|report|say|said|told"
    r"|tell|mention|ask|can't|can’t|cannot|couldn|get\b|got|see\b|saw|affect|impact|los[te]|churn|email|wrote|hit\b|cancel"
    r"|at once|at the same time|simultaneous|concurrent|in parallel|online at|at a time|per\b|a (?:day|week|minute)"
    r"|to\s~?\d|a second|an hour|/\s?(?:d|h|m|s|w)|each\b|every\b|daily\b|by (?:next|the end|end|q\d|year)|next\b"
    r"|in the first|within|left\b|records?\b|rows?\b|are gone\b"
    r"|out of\b|of (?:them|whom|which)\b|charged|billed|blocked|locked|taken over|tried|named"
    r"|fit\b|could\b|bought|shout"
    r"|(?:a |the |our )?(?:zoom|call|bridge|rota|project|team)\b)",
    re.IGNORECASE,
)
CONCURRENT = re.compile(r"\b(?:concurrent|simultaneous|parallel)\b", re.IGNORECASE)
OVER = re.compile(r"\b(?:over|more than|above|past|beyond|exceed\w*|passed|crossed)\s(?:the\s)?$", re.IGNORECASE)
PAST = re.compile(r"\b(?:passed|crossed)\b", re.IGNORECASE)  # `REACHED` takes the verb in, so it is not before it
UNDER = re.compile(r"\b(?:under|less than|fewer than|below|not even|up to)\s$", re.IGNORECASE)
NOBODY = re.compile(
    r"\b(?:no|zero|0|without(?: any)?) (?:real |actual |paying )?(?:users|customers)\b(?: yet)?|\bpre[- ]?launch\b"
    r"|\b(?:haven't|have not|not yet) launched|\bbefore (?:the |our )?launch\b|\bnot launched yet",
    re.IGNORECASE,
)
EVERYBODY = 10_000_000_000
GREW = re.compile(r"\bfrom\s(?:about |around |roughly |~)?$", re.IGNORECASE)
OURS = re.compile(
    r"\b(?:our|we have|we've got|(?:product|app|site|saas|shop|tool) with)\s(?:about |around |roughly |current |~)?$",
    re.IGNORECASE,
)
# "One customer demands…" and "two accounts were taken over" count nobody, "we have two customers" does.
ONLY = re.compile(r"\b(?:only|just|have|got|exactly|with|first|at)\s$", re.IGNORECASE)
SOME = 10
ALONE = re.compile(r"(?:^|[,.;:(!?–-])\s*(?:for |at |with |my |our |the )?$", re.IGNORECASE)
# Of several numbers the one that is said to be today's counts.
TODAY = re.compile(
    r"\b(?:now|today|currently|we have|we've got|we(?:'re|’re| are) at)\s(?:about |around |~)?$", re.IGNORECASE
)
WORD = re.compile(r"half a|a half|quarter of a|[a-z]+")
PLAIN = re.compile(rf"^({_DIGITS})\s?({_SCALE})?$", re.IGNORECASE)


def users_stated(text: str) -> int | None:
    """The number of users that the text says the product has now, or None when it does not say."""
    for pattern in (COUNTED, CALLED, REACHED):
        stated = [(users, found) for found in pattern.finditer(text) if (users := _users(found, text)) is not None]
        if stated:
            return next((users for users, found in stated if TODAY.search(text[: found.start()])), stated[0][0])
    return 0 if NOBODY.search(text) else None


def amount(text: str) -> float | None:
    """The number that digits or words stand for: "1.5M" → 1,500,000, "a few hundred" → 300; None for no number."""
    text = " ".join(text.lower().replace("-", " ").split()).removesuffix(" of")
    if plain := PLAIN.match(text):
        return _digits(plain[1]) * SCALES.get(plain[2] or "", 1)
    return _spelled(text)


def _users(found: re.Match[str], text: str) -> int | None:
    before, after = text[: found.start()], text[found.end() :]
    if found.groupdict().get("range") and GREW.search(before):
        return round(amount(found["high"]) or 0)
    future = FUTURE.search(before[-60:]) and not OURS.search(before)
    if future or NOT_STATED.match(after) or CONCURRENT.search(found.group()):
        return None
    number = _number(found)
    if number is None or not 1 <= number <= EVERYBODY or (number < SOME and not _is_all(number, before)):
        return None
    return _shifted(round(number), before, found.group(), text[found.end("one") :] if found["one"] else "")


def _is_all(few: float, before: str) -> bool:
    """Whether so few are all there are, and not just some of them."""
    return bool(ONLY.search(before) or (few > 1 and (OURS.search(before) or ALONE.search(before))))


def _number(found: re.Match[str]) -> float | None:
    parts = found.groupdict()
    if not parts.get("range"):
        return amount(f"{parts['one']} {parts.get('scale') or ''}".strip())
    low, high = amount(parts["low"]), amount(parts["high"])
    if low is None or high is None:
        return high or low
    low = _same_scale(low, high, parts["high"])
    return math.sqrt(max(low, 1) * high)


def _same_scale(low: float, high: float, written: str) -> float:
    scale = next((SCALES[word] for word in re.findall(r"[a-z]+", written.lower()) if word in SCALES), 1)
    return low * scale if low < high / scale and low < 100 <= scale else low


def _shifted(number: int, before: str, found: str, after: str) -> int:
    over = OVER.search(before) or PAST.search(found) or after.startswith("+") or found.endswith("+")
    return number + (1 if over else -1 if UNDER.search(before) and number > 1 else 0)


def _digits(text: str) -> float:
    if re.fullmatch(r"\d{1,3}(?:[,.' ]\d{3})+", text):
        return float(re.sub(r"\D", "", text))
    return float(text.replace(",", "."))


def _spelled(text: str) -> float | None:
    words = [word for word in WORD.findall(text) if word in ONES or word in SCALES]
    total = current = 0.0
    for word in words:
        if word in SCALES and not (word in ONES and current == 0):
            current = (current or 1) * SCALES[word]
        else:
            current += ONES.get(word, 0)
        if SCALES.get(word, 0) >= 1_000:
            total, current = total + current, 0.0
    return total + current if words else None
