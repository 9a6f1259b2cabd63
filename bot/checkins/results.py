"""From a round's answers to its summary and to what is remembered of it; in the caller's transaction."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.checkins import store, summary
from bot.checkins.answers import PRACTICE, Answer, Choice, Given, read_back
from bot.checkins.ledger import Outcome
from bot.checkins.model import CheckIn, Invitation, Response, Round, Visibility
from bot.checkins.picture import Week
from bot.checkins.summary import FEWEST_ANONYMOUS, Finding, Summary
from bot.teams import store as team_store
from bot.teams.model import Origin
from bot.teams.profile import Seen, TeamProfile
from bot.teams.service import Teams
from knowledge.model import Library

ROUNDS_BACK = 12
ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class Result:
    """What a round came to."""

    summary: Summary
    findings: Mapping[str, Finding]
    given: Mapping[str, Given]


def given_of(response: Response) -> Given:
    return Given(read_back(response.answers), response.text, tuple(response.read))


def result_of(session: Session, round_: Round, team: TeamProfile, library: Library) -> Result:
    """What the answers so far say."""
    responses = store.responses(session, round_.workspace_id, round_.id)
    given = {response.person: given_of(response) for response in responses}
    anonymous = round_.visibility == Visibility.ANONYMOUS
    found = summary.findings(given, anonymous=anonymous)
    severities = {entry.id: entry.severity or 1 for entry in library}
    standings = summary.compared(found, _before(session, round_, team), severities)
    done = store.settled_fixes(session, team.workspace_id, team.id)
    invitations = store.invitations(session, round_.workspace_id, round_.id)
    return Result(
        Summary(
            standings=standings,
            fixes=summary.next_fixes(library, team.phase, standings, done),
            answered=tuple(given),
            missing=tuple(row.person for row in invitations if _is_missing(row, given)),
            not_asked={row.person: row.reason or "" for row in invitations if _was_not_asked(row, given)},
            edited=tuple(response.person for response in responses if response.edited_at),
            comments={person: one.text for person, one in given.items() if one.text},
        ),
        found,
        given,
    )


def _is_missing(row: Invitation, given: Mapping[str, Given]) -> bool:
    return row.person not in given and row.outcome in (Outcome.ASKED, Outcome.SENT)


def _was_not_asked(row: Invitation, given: Mapping[str, Given]) -> bool:
    return row.person not in given and row.outcome in (Outcome.SKIPPED, Outcome.FAILED)


def _before(session: Session, round_: Round, team: TeamProfile) -> dict[str, Choice]:
    """The level of each symptom when it was last heard of; open observations from elsewhere count as now and then."""
    earlier = [
        r for r in store.rounds(session, round_.workspace_id, round_.check_in_id, ROUNDS_BACK) if r.day < round_.day
    ]
    levels: dict[str, Choice] = {}
    for one in reversed(earlier):
        levels.update({symptom: Choice(level) for symptom, level in one.levels.items()})
    seen = team_store.observations(session, team.workspace_id, team.id, None, open_only=True)
    return {**{row.symptom: Choice.SOMETIMES for row in seen if not row.key.startswith(_key(round_))}, **levels}


def weeks(session: Session, round_: Round) -> list[Week]:
    """What the last rounds up to this one found, oldest first."""
    known = store.rounds(session, round_.workspace_id, round_.check_in_id, ROUNDS_BACK)
    return [
        Week(one.period, {symptom: Choice(level) for symptom, level in one.levels.items()})
        for one in reversed(known)
        if one.day <= round_.day and one.closed_at is not None
    ]


def remember(
    session: Session, teams: Teams, check_in: CheckIn, round_: Round, library: Library, result: Result, now: datetime
) -> None:
    """Keeps what was answered: the team's observations, what was asked last when, and the practices."""
    round_.levels = summary.levels(result.findings)
    _observe(session, teams, round_, library, result, now)
    anonymous = round_.visibility == Visibility.ANONYMOUS
    answered = {name for one in result.given.values() for name, answer in one.answers.items() if not answer.is_empty}
    check_in.answered = {**check_in.answered, **dict.fromkeys(answered, round_.day.isoformat())}
    check_in.practices = {
        **check_in.practices,
        **_practices(round_, result.given, fewest=FEWEST_ANONYMOUS if anonymous else 1),
    }


def _observe(session: Session, teams: Teams, round_: Round, library: Library, result: Result, now: datetime) -> None:
    gone = [finding.symptom for finding in result.findings.values() if not finding.level.strength]
    where = (round_.workspace_id, round_.team_id)
    teams.close_observations(session, *where, gone, by=ANONYMOUS, at=now)
    for finding in result.findings.values():
        if finding.level.strength:
            teams.observe(session, *where, _seen(round_, library, finding, result.given, now))


def _seen(round_: Round, library: Library, finding: Finding, given: Mapping[str, Given], now: datetime) -> Seen:
    told = [_answer(given[person], finding.symptom) for person in finding.people]
    worst = max((answer.severity or 0 for answer in told), default=0)
    return Seen(
        key=f"{_key(round_)}{finding.symptom}",
        symptom=finding.symptom,
        seen_at=now,
        severity=worst or _usual_severity(library, finding),
        origin=Origin.CHECK_IN,
        by=finding.people[0] if finding.people else ANONYMOUS,
        note="; ".join(answer.note for answer in told if answer.note) or None,
    )


def _key(round_: Round) -> str:
    return f"checkin:{round_.id}:"


def _answer(given: Given, symptom: str) -> Answer:
    return given.answers.get(f"symptom:{symptom}", Answer())


def _usual_severity(library: Library, finding: Finding) -> int:
    entry = library.get(finding.symptom)
    severity = (entry.severity if entry else None) or 3
    return severity if finding.level is Choice.OFTEN else max(1, severity - 1)


def _practices(round_: Round, given: Mapping[str, Given], fewest: int) -> dict[str, dict[str, object]]:
    """Fix id → how many said yes and no."""
    said: dict[str, Counter[str]] = {}
    for one in given.values():
        for name, answer in one.answers.items():
            if name.startswith(f"{PRACTICE}:") and answer.choice in (Choice.YES, Choice.NO):
                said.setdefault(name.partition(":")[2], Counter())[answer.choice] += 1
    return {
        fix: {"yes": counts[Choice.YES], "no": counts[Choice.NO], "on": round_.day.isoformat()}
        for fix, counts in said.items()
        if counts.total() >= fewest
    }


def without_names(told: Summary) -> Summary:
    """The summary as it may be seen by people who are not to know who said what."""
    standings = tuple(replace(standing, finding=replace(standing.finding, people=())) for standing in told.standings)
    return replace(told, standings=standings, comments=None)
