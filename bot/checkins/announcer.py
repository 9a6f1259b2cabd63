"""Says what check-ins have to say, through the outbox."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.checkins import messages, store
from bot.checkins.ledger import Row
from bot.checkins.messages import About, Told
from bot.checkins.model import CheckIn, Invitation, Round, State, Visibility
from bot.checkins.picture import Picture
from bot.checkins.results import Result, without_names
from bot.checkins.rounds import Ask
from bot.delivery.service import Outbox, Post
from bot.slack.words import Attachment, Words
from bot.teams.profile import TeamProfile
from knowledge.model import Library


class CheckInAnnouncer:
    """Writes down what is to be said about check-ins.

    Args:
        outbox: where it is written down.
        library: the guidance as it is now, for the titles of symptoms.
    """

    def __init__(self, outbox: Outbox, library: Callable[[], Library]) -> None:
        self._outbox = outbox
        self._library = library

    def invite(self, session: Session, asks: Sequence[Ask]) -> None:
        posts = []
        for ask in asks:
            row = ask.invitation
            row.message_key = f"checkin:invite:{row.round_id}:{row.person}"
            words = messages.invitation(_about(ask.round, ask.team, row.zone), len(row.questions))
            posts.append(Post(words, row.workspace_id, row.message_key, row.person, ask.not_after))
        self._outbox.post_all(session, posts)

    def remind(
        self, session: Session, invitation: Invitation, round_: Round, team: TeamProfile, number: int, until: datetime
    ) -> None:
        self._outbox.post(
            session,
            messages.reminder(_about(round_, team, invitation.zone), number),
            workspace_id=round_.workspace_id,
            key=_reminder_key(round_.id, invitation.person, number),
            target=invitation.person,
            not_after=until,
        )

    def take_back(self, session: Session, invitation: Invitation) -> bool:
        """Takes the ask back if it is not said yet."""
        key = invitation.message_key
        return key is not None and self._outbox.withdraw(session, invitation.workspace_id, key)

    def take_back_reminders(self, session: Session, invitation: Invitation) -> None:
        """Takes back what was to remind the person and is not said yet."""
        for reminder in store.reminders(session, invitation.workspace_id, invitation.id):
            key = _reminder_key(invitation.round_id, invitation.person, reminder.number)
            self._outbox.withdraw(session, invitation.workspace_id, key)

    def tell(
        self,
        session: Session,
        invitation: Invitation,
        round_: Round,
        team: TeamProfile,
        state: State,
        at: datetime | None,
    ) -> str:
        """The person's message about the round becomes this; the key brings it at once."""
        words = messages.direct(_about(round_, team, invitation.zone), state, at)
        where, known = round_.workspace_id, invitation.message_key
        invitation.version += 1
        if known and self._outbox.where(session, where, known) is not None:
            key = f"{known}:{invitation.version}"
            self._outbox.update(session, words, workspace_id=where, key=key, of_key=known)
            return key
        key = f"checkin:told:{round_.id}:{invitation.person}:{invitation.version}"
        self._outbox.post(session, words, workspace_id=where, key=key, target=invitation.person)
        invitation.message_key = key
        return key

    def summarise(self, session: Session, check_in: CheckIn, round_: Round, team: TeamProfile, result: Result) -> None:
        """Posts the summary where it belongs: to all, to the owners in detail, to the observers."""
        told = self._told(session, round_, team, result)
        for key, target, words in _copies(check_in, round_, team, told):
            self._outbox.post(session, words, workspace_id=round_.workspace_id, key=key, target=target)

    def revise(self, session: Session, check_in: CheckIn, round_: Round, team: TeamProfile, result: Result) -> None:
        """Replaces every copy of the summary in place."""
        told = self._told(session, round_, team, result)
        for key, _, words in _copies(check_in, round_, team, told):
            self._outbox.update(
                session, words, workspace_id=round_.workspace_id, key=f"{key}:v{round_.version}", of_key=key
            )

    def show_picture(self, session: Session, round_: Round, team: TeamProfile, picture: Picture) -> str:
        """The picture, in the summary's thread; the key brings it at once."""
        key = f"checkin:picture:{round_.id}"
        self._outbox.upload(
            session,
            Attachment(f"symptoms-{round_.period}-{round_.id}.png", picture.alt_text, picture.png),
            workspace_id=round_.workspace_id,
            key=key,
            target=team.home_channel,
            thread_of=_summary_key(round_),
        )
        return key

    def tell_picture(self, session: Session, round_: Round, team: TeamProfile, picture: Picture) -> None:
        """What the picture shows, in words: Slack does not take it."""
        self._outbox.post(
            session,
            messages.picture_in_words(picture.alt_text),
            workspace_id=round_.workspace_id,
            key=f"checkin:picture-in-words:{round_.id}",
            target=team.home_channel,
            thread_of=_summary_key(round_),
        )

    def nobody_asked(self, session: Session, round_: Round, team: TeamProfile, reasons: Sequence[str]) -> None:
        words = messages.nobody_asked(_about(round_, team, team.timezone), reasons)
        self._to_owners(session, team, words, f"checkin:nobody:{round_.id}")

    def alert(self, session: Session, round_: Round, team: TeamProfile, failed: Sequence[Row]) -> None:
        names = store.names(session, round_.workspace_id, [row.person for row in failed])
        words = messages.alert(_about(round_, team, team.timezone), failed, names)
        self._to_owners(session, team, words, f"checkin:alert:{round_.id}")

    def missed(self, session: Session, check_in: CheckIn, team: TeamProfile, days: Sequence[str]) -> None:
        words = messages.missed(team.name, check_in.name, days)
        self._to_owners(session, team, words, f"checkin:missed:{check_in.id}:{days[-1]}")

    def _to_owners(self, session: Session, team: TeamProfile, words: Words, key: str) -> None:
        for owner in team.owners:
            self._outbox.post(session, words, workspace_id=team.workspace_id, key=f"{key}:{owner}", target=owner)

    def _told(self, session: Session, round_: Round, team: TeamProfile, result: Result) -> Told:
        library, data = self._library(), result.summary
        people = [*data.answered, *data.missing, *data.not_asked]
        return Told(
            about=_about(round_, team, team.timezone),
            team_id=team.id,
            summary=data,
            names=store.names(session, round_.workspace_id, people),
            titles={entry.id: entry.title for entry in library},
            phase=team.phase,
            is_preview=round_.test_for is not None,
            asked=len(data.answered) + len(data.missing),
            anonymous=round_.visibility == Visibility.ANONYMOUS,
        )


def _copies(check_in: CheckIn, round_: Round, team: TeamProfile, told: Told) -> Iterable[tuple[str, str, Words]]:
    """Key, target and words of each copy of the summary."""
    key = _summary_key(round_)
    if round_.test_for is not None:
        yield key, round_.test_for, messages.summary(told)
        return
    hidden = replace(told, summary=without_names(told.summary))
    public = messages.summary(told if round_.visibility == Visibility.NAMED else hidden)
    yield key, team.home_channel, public
    if round_.visibility == Visibility.LEADS:
        yield from ((f"{key}:{owner}", owner, messages.summary(told)) for owner in team.owners)
    yield from ((f"{key}:{person}", person, public) for person in check_in.observers if person not in team.owners)


def _summary_key(round_: Round) -> str:
    return f"checkin:summary:{round_.id}"


def _reminder_key(round_id: int, person: str, number: int) -> str:
    return f"checkin:remind:{round_id}:{person}:{number}"


def _about(round_: Round, team: TeamProfile, zone: str) -> About:
    return About(
        round_id=round_.id,
        team=team.name,
        channel=team.home_channel,
        period="test run" if round_.test_for else round_.period,
        visibility=Visibility(round_.visibility),
        closes_at=round_.closes_at,
        zone=zone,
        is_test=round_.test_for is not None,
    )
