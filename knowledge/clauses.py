"""A note cut into clauses, and what each says of what it mentions: there, not there, over, or only feared; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

MOST_CLAUSES = 60
REMARK_WORDS = 5
REACH = 5
BARE_WORDS = 4


@dataclass(frozen=True, slots=True)
class Clause:
    """One statement and where it begins in the note.

    Args:
        text: its words.
        start: its position in the note.
        sentence: the position of the sentence that it is part of.
        unsure: it only fears, plans or supposes, or is about other things than the state of the system.
        settled: it, or the remark right after it, says that all is well or well again.
        negated: it says that there is none of it.
        continues: it continues a list begun before it.
        log: it is a line that a machine wrote.
    """

    text: str
    start: int
    sentence: int = 0
    unsure: bool = False
    settled: bool = False
    negated: bool = False
    continues: bool = False
    log: bool = False

    @property
    def denies(self) -> bool:
        """Whether it says that what it mentions is not there, or no longer."""
        return self.settled or self.negated


LINE = re.compile(r"[\n\r]+")
# A smiley ends a sentence as a full stop does.
SENTENCE = re.compile(
    r"(?<=[.!;])\s+|;\s*|\s[-–—•*]+\s|^\s*[-•*]\s+|\s*[\U0001F300-\U0001FAFF\u2600-\u27BF\uFE0F]+\s*", re.MULTILINE
)
# The numbers of a list are no words of it: "1. db is slow 2. ci is red".
NUMBERED = re.compile(r"(?:^|\s)1[.)]\s.*\s2[.)]\s", re.DOTALL)
NUMBER = re.compile(r"(?:^|\s)\d{1,2}[.)]\s+")
PART = re.compile(
    r",(?!\d{3}\b)\s*(?:(?:but|and|so|yet|though|although|however|while|then)\b)?\s*|\s*\b(?:but|however)\b,?\s*"
    r"|\s*\b(?:although|though|otherwise|except that|whereas|(?:apart|aside) (?:from|of) that|(?:other than"
    r"|besides) that)\b,?\s*"
    r"|\s+(?:and|or|nor)\s+|\s+(?=except\b)|\s*(?:->|=>|→)\s*"
    r"|(?<=\?)\s+(?!(?:none|no|nope|zero|nothing|never|all|fine|ok|good|\d+)\b)"
    r"|(?<!\w of)\s+(?=(?:all|everything(?: else)?|the rest)\s+(?:is |was |were |went |ran )?(?:all )?"
    r"(?:good|fine|ok|okay|quiet|calm|well|normal|smooth|green|stable|boring)\b)",
    re.IGNORECASE,
)
LOG_LINE = re.compile(
    r"^\s*(?:\[?\d{4}[-/]\d\d[-/]\d\d|\d\d:\d\d:\d\d|\[?(?:error|fatal|warn(?:ing)?|critical|panic|alert|firing)\b"
    r"|\w+(?:Error|Exception)\b|ERROR \d)",
    re.IGNORECASE,
)
# What no person begins a line with: such a line stays whole, whatever dots and dashes it has.
MACHINE_LINE = re.compile(
    r"^\s*(?:\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d"
    r"|\[?\d\d:\d\d:\d\d|(?:ERROR|FATAL|PANIC|CRITICAL|WARN(?:ING)?|LOG)\b ?[:\[(\d]"
    r"|(?:INFO|DEBUG|NOTICE)\b|[IWEF]\d{4} \d"
    r"|\w+=\S+ \w+=\S|(?:OK|ALARM): \"|\*\* (?:RECOVERY|PROBLEM)\b|Processing /"
    r"|Caused by: |[\w.$]+(?:Error|Exception):|kernel: |\[(?:FIRING|RESOLVED|Triggered|OK|ERROR|error|ALERT)\b[^\]]*\])"
)
UNSURE = re.compile(
    r"\b(?:if|what if|(?:would|could)(?! ?n.t\b| not\b)|might|(?<!in )(?<!since )(?<!until )(?<!till )may|in case"
    r"|worried|afraid"
    r"|fear|risk of|potential\w*|hypothetical\w*|someday|plan(?:ning)? to|want to|going to|next (?:week|sprint|month"
    r"|quarter)"
    r"|prevent\w*|avoid\w*|(?<!than )(?<!as )expect\w*|should we|prepar\w+|simulat\w+|pretend\w*|game ?day"
    r"|(?:fire ?)?drill"
    r"|exercise|tabletop|load tests?|rehears\w+|test(?:ed|ing) (?:the|our|a) (?:fail|restor)|(?:we|i|first) thought"
    r"|suspected"
    r"|looked like|false alarm|so that)\b",
    re.IGNORECASE,
)
# Work on features, plans, learning, questions to others, the office: what it names is no trouble of the system.
ELSEWHERE = re.compile(
    r"^\W*(?:(?:i|we|also|just|finally|still|mostly|currently|today|yesterday|busy|working on|worked on)\W+)*"
    r"(?:(?:am|are|was|were)\s+)?(?:shipp(?:ed|ing)|finish(?:ed|ing)|design(?:ed|ing)|(?:built|building) (?:the|a|an"
    r"|our|out)|wrote|writing"
    r"|read (?:the|a|an|about|up|some|two)|reading|refactor(?:ed|ing)|draft(?:ed|ing)|prototyp\w+|implement\w+"
    r"|interview\w*"
    r"|pair(?:ed|ing) (?:with|on)|attended|took part|learn(?:ing|ed how)|stud(?:ied|ying)|evaluat\w+|discuss\w*"
    r"|translat\w+"
    r"|answered the|migrating|research\w*|add(?:ed|ing)|set(?:ting)? up|replac(?:ed|ing)|introduc(?:ed|ing)"
    r"|configur(?:ed|ing)|show(?:ed|ing)"
    r"|moved|upgraded|cleaned|document(?:ed|ing)|sketch\w*|checked|negotiat\w*|celebrat\w*)\b"
    r"|\b(?:reading|study|book) (?:group|club)|\bchapter\b|\b(?:a|the|this|watched) (?:talk|conference|meetup"
    r"|webinar|workshop|course"
    r"|podcast|blog ?post|article|book)\b|\b(?:re-?design|mock-?ups?|wireframes?|figma|road ?map|rfc|proposal"
    r"|prototype|user stor(?:y|ies)"
    r"|landing page|settings page|screen where|e?mail template|onboarding tour|candidates?|off-?site|questionnaire"
    r"|okrs?|backlog grooming"
    r"|quarterly goals|planning poker|brainstorm\w*|feature requests?)\b|\basked for\b|\b(?:can|may) now\b"
    r"|\bcan (?:take|handle|carry|survive)\b|\bsick leave\b|\b(?:customers|users|people) (?:love|like|enjoy)\b"
    r"|\bq[1-4] (?:idea|goal|plan)"
    r"|\b(?:no decision|decision (?:in|on|next)|considering|thinking (?:about|of)|we (?:discuss|consider|debate"
    r"|compare|evaluate)"
    r"|scheduled for|(?:is|are) planned|planned for|maybe (?:a|an|we|later|some))\b"
    r"|\bwill (?:be )?(?:add|move|migrate|try|start|look|switch|introduce|replace|split|write|send|finish|test"
    r"|discuss|decide|evaluate"
    r"|build|ship|simulate)\w*\b"
    r"|^\W*(?:how|what|which|where|when)\b.{0,30}\b(?:others|other teams|you)\b|\bwho of you\b"
    r"|\b(?:does|has|did) any(?:one|body)\b(?! else)|\bany(?:one|body) (?:here|using|used|tried)\b|\bany (?:tips"
    r"|recommendations|advice)\b"
    r"|\b(?:coffee|espresso|vending) machine|\b(?:printer|lift|elevator|heating|air ?con\w*|fridge|dishwasher"
    r"|parking|microwave)\b"
    r"|\bin the office\b|\boffice (?:wifi|wi-fi|internet|door)\b|\b(?:vacation|holiday|leave|pto) (?:till|until|from"
    r"|next|this)\b",
    re.IGNORECASE,
)
# … unless it says that something gave way.
GAVE_WAY = re.compile(
    r"\b(?:broke|takes|crash\w*|blew up|exploded|fell over|died|had to|rolled back|roll back|went (?:down|wrong|bad"
    r"|sideways)"
    r"|took (?:us|me|them|\w+ (?:\w+ )?(?:down|days|weeks|hours)))\b",
    re.IGNORECASE,
)
RESOLVED = re.compile(
    r"\b(?:fixed|resolved|solved|sorted(?: out)?|gone|went away|back to normal|under control|no longer|any ?more"
    r"|all good|all fine|all clear|cured|(?:is|are) over(?! ?\d)|a thing of the past|has stopped|have stopped"
    r"|stopped (?:happening|getting|having|seeing|being)|no more(?! (?:connections?|space|room|memory|clients|slots"
    r"|disk))|behind us|plugged|retired|worked off|(?:has|have) recovered|drained|cleaned up|(?:is|are|was|were|now"
    r"|finally) history"
    r"|(?:not|n.t|never) (?:return(?:ed)?|(?:come|came) back|reappear\w*|recur\w*|happen(?:ed)? again)"
    r"|we no longer (?:hit|have|see|get)"
    r"|(?:not|n.t|never|nothing|hardly) (?:happen(?:ed)?|occur(?:red)?|materiali[sz]ed?|show(?:ed)? up)|gone for good"
    r"|(?:not|n.t|never)(?: been| really)? an? (?:issue|problem|topic|concern)|free of"
    r"|(?:deadlock|error|incident|outage|flake|bug|trouble|problem|drama|timeout)s?[- ]free"
    r"|replaced by|drained|caught up|died down|calmed down"
    r"|(?:attacks?|bots?|spam|timeouts?|errors?|alerts?|crashes|ooms?|complaints?|deadlocks?|flak(?:es|iness)"
    r"|scraping|drama|problems?"
    r"|troubles?|spikes?|leak) (?:stopped|ceased|ended|disappeared|vanished))\b|\[resolved\]",
    re.IGNORECASE,
)
NOT_RESOLVED = re.compile(
    r"\b(?:not|never|isn't|aren't|wasn't|hasn't|haven't|un)\s*(?:yet |been |really |fully )*"
    r"(?:fixed|resolved|solved|sorted)|n't (?:yet |been |really |fully )*(?:fixed|resolved|solved|sorted)"
    r"|(?<!not )(?<!n't )(?<!never )\b(?:came|come|comes) back\b|\bkeeps?\b(?! up)|\b(?:mostly|almost|nearly|partly"
    r"|half) (?:gone|fixed|resolved|solved)"
    r"|\b(?:not|n.t|never|barely|hardly) (?:\w+ ){0,2}(?:caught up|drained|calmed down)"
    # "the site was gone" is an outage, "nobody can answer them any more" is no relief
    r"|^(?:(?!\b(?:on|in|at|from|to|for|with)\b).){0,30}?"
    r"\b(?:sites?|shop|app|api|servers?|data|orders|bookings|records|rows|files|uploads|knowledge|website|product"
    r"|prod|production|quota|budget|credits|invoices|customers?|master|node|replica|backups?|cache|photos|pictures)\b"
    r" (?:was |were |is |are |just |all |completely )*(?:gone|went away)\b"
    r"|\b(?:we|you|they)(?: are|.re| were) (?:all )?gone\b"
    r"|\bgone (?:above|over|up|past|wild|crazy|bad|wrong|from|between|for (?!good))|\b(?:can.?t|can ?not|nobody"
    r"|no one|won.t|doesn.t"
    r"|don.t) .*\bany ?more\b",
    re.IGNORECASE,
)
_GOOD = (
    r"fine|ok|okay|good|great|smooth(?:ly)?|stable|steady|healthy|green|quiet|calm|normal|solid|clean|flat|boring"
    r"|uneventful|well|perfect(?:ly)?|in order|happy"
    r"|(?:business|all|everything|is|was|are|were|went|ran|runs|works|worked) as usual|same as (?:always|ever|usual"
    r"|before|last)"
    r"|(?:stayed|stays|remained|kept|was|is) (?:silent|up|online|available|reachable|in sync|within|idle|low)"
    r"|behaves?|behaved|automated|one[- ]click|unchanged"
    r"|pass(?:es|ed)? (?:the )?(?:first|every) (?:time|try)"
    r"|(?:works|worked) (?:fine|well|great|again|now|as expected)|better|fast again|plenty|relaxed|sane"
    r"|reliable|reliably|renewed|not yet due|valid|automatically|on time|in time|on schedule|within (?:milli)?seconds"
    r"|within a minute again|under (?:a|one|1) second"
    r"|(?:tests?|checks?|drill|restores?) (?:\w+ )?passed|backups? (?:ran|run|work)|catch(?:es)? everything"
    r"|(?:restores?|backups?|fail-?over|alerts|alerting|alarms|monitoring|autoscal\w+|renewals?) (?:just "
    r"|all )?work(?:s|ed)?"
    r"|(?:knew|noticed|heard|caught|saw)(?: \w+)? before (?:the |our |any )?(?:customers?|users?|clients?|any(?:one"
    r"|body)|support)"
    r"|nicely|peaceful(?:ly)?|calm(?:er|est)|quieter|quietest|easy|easier|in sync|in step|(?:finally|now) in place"
    r"|fewer|before (?:it|they|the old one) (?:ran out|expire[sd]?)|keeps? up|kept up|(?:runs?|ran|renew\w*|works?"
    r"|scales?) by (?:itself|themselves)"
    r"|(?:short|low|small|quick|clean|free|empty|responsive|available|reachable|online|up|cheap|fresh|full speed) again"
    r"|(?:sits|stays|is|are|at|around|about)(?: at| around| about)? ~?[1-3]?\d?\d ?ms|back (?:to|at) (?:zero|0"
    r"|normal|usual|what it was)|(?:not|n.t|never) exceed\w*|(?:only|just) (?:one|two|three"
    r"|\d) errors?|runs? (?:itself|alone)|(?:was|were) no (?:problem|issue)|went through (?:at once|fine)"
    r"|uptime \D{0,8}(?:100|99\.9\d*)|(?:queues?|inbox|backlog|alerts|sentry)\b.{0,20}\bempty"
    r"|(?:two|three|four|five|six|[2-9]) (?:people|of us|devs|developers|engineers|colleagues)(?: who)? (?:can|know"
    r"|understand|are able)"
)
FINE = re.compile(
    rf"\b(?:{_GOOD}|no (?:issues?|problems?|trouble|complaints?|surprises?|drama|incidents?)|without (?:a hitch|issues?"
    r"|problems?|trouble|incidents?)|(?:held|holds|holding) up)\b",
    re.IGNORECASE,
)
NOT_FINE = re.compile(
    r"(?:\b(?:not|never|no longer|isn't|aren't|wasn't|hardly|barely|far from|less than|stopped|needs?|should be"
    r"|could be)|n't)\s+(?:\w+\s+){0,2}"
    rf"(?:{_GOOD})\b|\b(?:fine|ok|good|great|normal|well) (?:until|till|before)\b"
    r"(?! (?:next|at least|the end|\d{4}|\w+ \d{4}|january|spring|summer|autumn|winter))|\bas well\b|\bno (?:better"
    r"|improvement)\b"
    r"|\b(?:times|than|as|x|above|over|beyond)(?: on| in| a| the)* (?:normal|usual)\b"
    r"|\bthen (?:it.?s |it is )?(?:ok|fine|good|normal)\b"
    r"|\bis (?:it|that|this)(?: \w+)? (?:normal|ok|okay|fine|good|healthy)\b"
    r"|\bonly (?:two|three|[2-9]) (?:people|of us)\b"
    r"|\bhealthy? checks?\b|\b(?:work|worked|works) (?:around|late|all)\b|\bworse\b"
    r"|\bgood (?:part|deal|number|hour|day|half)\b",
    re.IGNORECASE,
)
_BY = (
    r"(?:\s+(?:is|are|was|were|went|goes|came|has|have|gone|rate|count|times?|a|bit|much|way|finally|again|also|now"
    r"|by|on"
    r"|queue|inbox))"
)
EASED = re.compile(
    r"\b(?:tickets?|costs?|bill|spend\w*|errors?|latency|p9\d|cpu|load|memory|response times?|queue\w*|backlog|pages"
    rf"|alerts|lag|usage){_BY}{{0,4}}\W+(?:down|lower|dropped|fell|shrank|improved|halved|better|faster)\b"
    r"|\bdown (?:by |another )?~?\d+(?:[.,]\d+)?\s?(?:%|percent\b)|\bdown to ~?\d"
    r"|\b(?:lower|less|fewer|smaller|cheaper|shorter|faster|quicker|calmer|quieter) than (?:last|the|before|usual"
    r"|ever|in)\b"
    r"|\b\d+\s?(?:€|\$|eur|usd|%|k)? (?:less|fewer)\W*$|\b\d+\s?% (?:less|lower|cheaper|fewer)\b|\bhalf (?:the|of"
    r"|as many|as much)\b.{0,40}\b(?:last|before|usual|we had)\b"
    r"|\b(?:cpu|disk|memory|ram|storage|usage|load)\b(?:(?!\b(?:up|grows?|grew|by|rose|jumped|plus|free|left"
    r"|remaining|from)\b)[^%]){0,25}?"
    r"(?<![\d.])[1-6]?\d\s?(?:%|percent\b)(?!\s*(?:free|left|remaining|available|a day|per|more|higher|up))",
    re.IGNORECASE,
)
# "under 60 of 200" is well, "hit rate under 30 %" is not: of some things there should be much.
WITHIN = re.compile(
    r"(?:\b(?:under|below|less than|never (?:more|above|over|beyond)(?: than)?|at most)|<)\s*(?:a |an )?~?\d",
    re.IGNORECASE,
)
FALLS = re.compile(
    r"(?<!down )(?<!offline )(?<!gone )\bfrom (?P<was>\d[\d.]*)\s?(?P<old>[a-z%]+)?\s(?:\w+ )?"
    r"to (?P<now>\d[\d.]*)\s?(?P<new>[a-z%]+)?"
    r"|(?P<now2>\d[\d.]*)\s?(?P<new2>[a-z%]+)?[^.\d]{0,3}(?:\w+ for \w+ ?)?(?:[(,]\s?(?:was|were|vs)"
    r"|(?:\w+ ){0,2}(?:instead of|rather than)) (?P<was2>\d[\d.]*)\s?(?P<old2>[a-z%]+)?",
    re.IGNORECASE,
)
MUCH_IS_GOOD = re.compile(
    r"\bhit rates?\b|\bratio\b|\bapdex\b|\buptime\b|\bcoverage\b|\bconversion\b|\bfree\b|\bleft\b|\bavailable\b"
    r"|\bremaining\b|\brevenue\b",
    re.IGNORECASE,
)
UNITS = {
    "ms": 0.001,
    "s": 1.0,
    "sec": 1.0,
    "secs": 1.0,
    "seconds": 1.0,
    "min": 60.0,
    "minutes": 60.0,
    "h": 3600.0,
    "hours": 3600.0,
}
OVER = re.compile(r"^\W*(?:\S+\W+){0,2}?(?:RESOLVED|Resolved|RECOVERED|Recovered|RECOVERY|CLOSED|OK)(?:\W|$)")
# What a machine writes while all is well.
INFORMS = re.compile(r"\blevel=(?:info|debug|notice)\b|\b(?:INFO|DEBUG|NOTICE)\b|^\W*I\d{4} ")
EXCEPTION = re.compile(r"^\W*(?:except|apart|aside|other than|besides|only)\b", re.IGNORECASE)
NEGATION = re.compile(
    r"\b(?:no|not|zero|without|never|none|nothing|nobody|no one|neither|nor|0|not a single|fewer)\b|n't\b|n’t\b",
    re.IGNORECASE,
)
OPENING_NEGATION = re.compile(
    r"^\W*(?:(?:we|there|i|it|they|this week|so far|luckily|also|still|again)\W+)*"
    r"(?:(?:had|have|saw|were|was|are|is|been|got)\W+)*"
    r"(?:no|zero|without|never|none|nothing|nobody|neither|not any|not a single|not one|haven.?t|hasn.?t|hadn.?t"
    r"|didn.?t|don.?t|0)\b|^[^?:=]{1,30}(?:[?:]\s+|\s?=\s?)(?:none|no|nope|zero|nothing|never|0(?![.,]\d))\b"
    r"|\b(?:we had|there were|there was|count|count is|were|was)\s+(?:none|zero|nil|0)\W*$"
    r"|^\W*(?:(?:it|that|this|so|and)\W+)*(?:(?:is|was|are|were)(?:n.t| not)|not)\s+(?:the|a|an|our|due|because|from"
    r"|any)\b",
    re.IGNORECASE,
)
HAS_VERB = re.compile(
    r"\b(?:is|are|was|were|had|has|have|did|does|went|go|goes|took|takes|got|keeps?|ran|broke|fell|came|\w{2,}ed)\b",
    re.IGNORECASE,
)
FILLERS = re.compile(
    r"\b(?:it'?s?|that'?s|is|are|was|were|all|now|since|again|so|far|very|pretty|quite|really|looks?|still|the|this"
    r"|that"
    r"|went|of|room|for|then|today|with|us|here|everything|anyway|completely|week|out|and|just|been|has|have)\b|\W",
    re.IGNORECASE,
)


def clauses_of(text: str) -> tuple[Clause, ...]:
    """The clauses of a note in order; a log line stays whole."""
    parts = [part for start, sentence in _sentences(text) for part in _parts(start, sentence)]
    parts = [part for part in parts if re.search(r"\w", part.text)][:MOST_CLAUSES]
    return tuple(_with_list(_with_remarks(parts))) if parts else ()


def denies_before(clause: str, position: int) -> bool:
    """Whether a negation stands within the few words before a position of the clause."""
    return bool(NEGATION.search(" ".join(clause[:position].rsplit(":", 1)[-1].split()[-REACH:])))


def names_absence(words: str) -> bool:
    """Whether words are themselves about something lacking: "no index", "nobody noticed"."""
    return bool(NEGATION.search(words))


def _pieces(separator: re.Pattern[str], text: str) -> Iterator[tuple[int, str]]:
    """What stands between the separators, each with its position."""
    start = 0
    for found in separator.finditer(text):
        yield start, text[start : found.start()]
        start = found.end()
    yield start, text[start:]


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    items = NUMBER if NUMBERED.search(text) else LINE
    for start, line in _pieces(LINE, text):
        if MACHINE_LINE.match(line):
            yield start, line
        else:
            for at, item in _pieces(items, line):
                yield from ((start + at + then, sentence) for then, sentence in _pieces(SENTENCE, item))


def _parts(start: int, sentence: str) -> Iterator[Clause]:
    if MACHINE_LINE.match(sentence):
        yield _log_line(sentence, start)
        return
    if LOG_LINE.match(sentence):
        yield _clause(sentence, start, start, joint="")
        return
    end = 0
    for at, words in _pieces(PART, sentence):
        yield _clause(words, start + at, start, joint=sentence[end:at])
        end = at + len(words)


def _log_line(line: str, start: int) -> Clause:
    """A machine fears and denies nothing ("could not write"); it says when all is well again, or merely informs."""
    over, informs = bool(OVER.match(line)), bool(INFORMS.search(line))
    return Clause(text=line.strip(), start=start, sentence=start, unsure=informs, settled=over, log=True)


def _clause(words: str, start: int, sentence: int, joint: str) -> Clause:
    return Clause(
        text=words.strip(),
        start=start,
        sentence=sentence,
        unsure=bool(UNSURE.search(words)) or _is_elsewhere(words),
        settled=_is_well(words),
        negated=bool(OPENING_NEGATION.search(words)),
        continues=bool(joint) and joint.strip(" ,").lower() in ("", "and", "or", "nor"),
    )


def _is_elsewhere(words: str) -> bool:
    return bool(ELSEWHERE.search(words)) and not GAVE_WAY.search(words)


def _is_well(words: str) -> bool:
    """Whether a statement says that all is well or well again."""
    if _resolved(words):
        return True
    fine = FINE.search(words) or EASED.search(words) or _is_little(words)
    return bool(fine) and not NOT_FINE.search(words)


def _is_little(words: str) -> bool:
    """Whether its number stays below a limit or has fallen: "under 60 of 200", "from 1.8s to 300ms"."""
    if MUCH_IS_GOOD.search(words):
        return False
    return bool(WITHIN.search(words)) or _has_fallen(words)


def _has_fallen(words: str) -> bool:
    found = FALLS.search(words)
    if not found:
        return False
    was, now = found["was"] or found["was2"], found["now"] or found["now2"]
    old, new = _unit(found["old"] or found["old2"]), _unit(found["new"] or found["new2"])
    return float(now.strip(".")) * (new or old or 1.0) < float(was.strip(".")) * (old or new or 1.0)


def _unit(word: str | None) -> float | None:
    return UNITS.get((word or "").lower())


def _with_remarks(parts: Sequence[Clause]) -> list[Clause]:
    """A remark like "all good since" or "but it was not" is about the clause before it, unless that is an exception."""
    after = [*parts[1:], Clause("", 0)]
    return [
        replace(part, settled=part.settled or (_is_remark(then) and not EXCEPTION.match(part.text)))
        for part, then in zip(parts, after, strict=True)
    ]


def _is_remark(clause: Clause) -> bool:
    if not clause.settled or len(clause.text.split()) > REMARK_WORDS:
        return False
    rest = FILLERS.sub("", RESOLVED.sub("", FINE.sub("", clause.text)))
    return not rest


def _with_list(parts: Sequence[Clause]) -> Iterator[Clause]:
    """A list that began with "no …", or as a plan, goes on so while its items stay bare."""
    denying = unsure = False
    for part in parts:
        bare = part.continues and len(part.text.split()) <= BARE_WORDS and not HAS_VERB.search(part.text)
        denying, unsure = part.negated or (denying and bare), part.unsure or (unsure and bare)
        yield replace(part, negated=denying, unsure=unsure)


def _resolved(words: str) -> bool:
    return bool(RESOLVED.search(words)) and not NOT_RESOLVED.search(words)
