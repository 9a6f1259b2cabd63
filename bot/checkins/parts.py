"""The parts of check-ins, built around what they share with the rest of the bot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.checkins.advice import Advice
from bot.checkins.announcer import CheckInAnnouncer
from bot.checkins.answering import Answering
from bot.checkins.audience import Audience
from bot.checkins.invitations import Invitations
from bot.checkins.manage import Management
from bot.checkins.opening import Guidance, Opener
from bot.checkins.overview import Overview
from bot.checkins.own import OwnQuestion
from bot.checkins.preferences import Preferences
from bot.checkins.proof import Proof
from bot.checkins.questionnaire import Questionnaires
from bot.checkins.rounds import Rounds
from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.service import Outbox
from bot.scheduler import Duty
from bot.teams.people import People
from bot.teams.service import Teams


@dataclass(frozen=True)
class Parts:
    """What people do, what owners do, what the beat does, and what proves it."""

    questionnaires: Questionnaires
    answering: Answering
    invitations: Invitations
    preferences: Preferences
    overview: Overview
    advice: Advice
    management: Management
    rounds: Rounds
    proof: Proof

    def duties(self) -> list[Duty]:
        return [
            Duty("check-ins", 5, self.rounds.beat),
            Duty("check-ins-settle", 10, self.proof.settle),
            Duty("check-ins-audit", 60, self.proof.audit),
            Duty("check-ins-stuck", 300, self.proof.stuck),
            Duty("check-ins-follow", 60, self.proof.follow),
            Duty("check-ins-pictures", 10, self.proof.draw_due),
        ]


def build_parts(
    sessions: Sessions,
    teams: Teams,
    people: People,
    guidance: Guidance,
    own: Sequence[OwnQuestion],
    outbox: Outbox,
    deliver: Callable[[str, str], str | None],
    clock: Clock,
) -> Parts:
    """Plain constructor calls, in order; used by the bot and by its simulation alike."""
    announcer = CheckInAnnouncer(outbox, lambda: guidance.library)
    audience, opener = Audience(teams, people), Opener(guidance, own)
    invitations = Invitations(sessions, announcer, deliver, clock)
    rounds = Rounds(sessions, teams, audience, guidance, opener, announcer, clock)
    return Parts(
        questionnaires=Questionnaires(sessions, teams, audience, opener, clock),
        answering=Answering(sessions, teams, guidance, invitations, announcer, deliver, clock),
        invitations=invitations,
        preferences=Preferences(sessions, teams, invitations, deliver, clock),
        overview=Overview(sessions, teams, clock),
        advice=Advice(teams, guidance),
        management=Management(sessions, teams, rounds, opener, announcer, outbox, deliver, clock),
        rounds=rounds,
        proof=Proof(sessions, teams, audience, guidance, opener, announcer, deliver, clock),
    )
