"""The composition root: plain constructor calls, in order; the only place where everything meets."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, OperationalError

from bot.checkins.asides import Asides
from bot.checkins.cards import CheckInCard
from bot.checkins.listeners import Listeners as CheckInListeners
from bot.checkins.own import OwnQuestion, read_folder
from bot.checkins.parts import Parts, build_parts
from bot.clock import Clock, system_clock
from bot.database import Sessions, migrate, open_engine, open_sessions
from bot.delivery.postman import Postman
from bot.delivery.service import Inbox, Outbox
from bot.errors import SettingsError, SlackRefused, SlackTrouble
from bot.home.card import Card
from bot.home.composer import Homes
from bot.home.listeners import Listeners as HomeListeners
from bot.home.publisher import HomePublisher
from bot.questions.announcer import QuestionAnnouncer
from bot.questions.listeners import Listeners as QuestionListeners
from bot.questions.service import Limits, Questions
from bot.scheduler import Beat, Duty
from bot.settings import Settings
from bot.slack.app import WORKERS, ContextKeepingExecutor, build_app
from bot.slack.client import SlackVoice, slack_errors, web_client
from bot.slack.commands import Commands
from bot.slack.directory import SlackDirectory
from bot.slack.events import Events
from bot.teams.admin import Admin
from bot.teams.announcer import TeamAnnouncer
from bot.teams.cards import ObservationsCard, PhaseCard, SettingsCard
from bot.teams.listeners import Listeners as TeamListeners
from bot.teams.people import People
from bot.teams.phases import Phases
from bot.teams.service import Teams
from bot.teams.setup import TeamSetup
from bot.triage import parts as triage
from bot.triage.cards import IncidentCard
from bot.triage.listeners import Listeners as TriageListeners
from knowledge.base import GUIDANCE, KnowledgeBase
from knowledge.encoder import Encoder

log = logging.getLogger(__name__)

SENDERS = 8


@dataclass(frozen=True)
class Advisor:
    """Everything built, nothing started."""

    app: App
    commands: Commands
    duties: Sequence[Duty]
    inbox: Inbox
    outbox: Outbox
    postman: Postman
    sessions: Sessions
    questions: Questions
    teams: Teams
    check_ins: Parts


def guidance_folders(settings: Settings) -> list[Path]:
    """Ours, then the team's own, which extends or replaces it."""
    own = settings.guidance_folder
    if own is not None and not own.is_dir():
        raise SettingsError([f"GUIDANCE_FOLDER: there is no folder {own}"])
    return [GUIDANCE, *([own] if own else [])]


def own_questions(settings: Settings) -> list[OwnQuestion]:
    """The teams' own questions for check-ins."""
    folder = settings.questions_folder
    if folder is None:
        return []
    if not folder.is_dir():
        raise SettingsError([f"QUESTIONS_FOLDER: there is no folder {folder}"])
    return read_folder(folder)


def open_knowledge(settings: Settings, progress: Callable[[str], None] = lambda step: None) -> KnowledgeBase:
    """The guidance, its model and its index; built anew only where it changed."""
    progress("loading the embedding model")
    encoder = _encoder(settings, progress)
    progress("opening the index of the guidance")
    return KnowledgeBase.open(guidance_folders(settings), settings.index_folder, encoder)


def opening_knowledge(settings: Settings, progress: Callable[[str], None] = lambda step: None) -> KnowledgeBase:
    """The guidance at once; `load()` adds its model and its index, until then known error texts are recognised."""
    return KnowledgeBase.opening(
        guidance_folders(settings), settings.index_folder, lambda: _encoder(settings, progress)
    )


def _encoder(settings: Settings, progress: Callable[[str], None]) -> Encoder:
    from knowledge.encoder import SentenceTransformerEncoder

    def tell(done: int, of: int) -> None:
        progress(f"building the index of the guidance, once: {100 * done // of} %")

    try:
        return SentenceTransformerEncoder(settings.embedding_model, tell)
    except (OSError, ValueError) as error:
        raise SettingsError([f"EMBEDDING_MODEL: there is no model {settings.embedding_model} here"]) from error


def open_database(settings: Settings) -> Engine:
    """The database, brought to the newest schema.

    Raises:
        SettingsError: it cannot be opened; the address is not told, it may hold a password.
    """
    try:
        engine = open_engine(settings.database_url, connections=WORKERS + SENDERS + 2)
        migrate(engine)
    except (ArgumentError, OperationalError, ImportError, OSError) as error:
        kind = type(error).__name__
        raise SettingsError(
            [f"DATABASE_URL: cannot be opened ({kind}); check the address, and that it runs"]
        ) from error
    return engine


def build(
    settings: Settings,
    client: WebClient,
    knowledge_base: KnowledgeBase,
    engine: Engine,
    *,
    clock: Clock = system_clock,
    executor_for: Callable[[Inbox], Executor] = ContextKeepingExecutor,
    senders: Executor | None = None,
) -> Advisor:
    """Builds the bot around one Slack client.

    Args:
        settings: how it runs.
        client: Slack's Web API with the bot's token.
        knowledge_base: what it knows.
        engine: where it remembers.
        clock: what time it is.
        executor_for: where listeners run.
        senders: where messages to different channels are sent side by side.
    """
    sessions = open_sessions(engine)
    inbox, outbox = Inbox(sessions, clock), Outbox(sessions, clock)
    voice = SlackVoice(client)
    postman = Postman(outbox, lambda workspace_id: voice, senders)
    app = build_app(client, inbox, executor_for(inbox))
    commands, events = Commands(), Events()

    people = People(sessions, SlackDirectory(lambda workspace_id: client), clock)
    teams = Teams(sessions, people, clock)
    team_announcer = TeamAnnouncer(outbox)
    phases = Phases(teams, lambda: knowledge_base.library, sessions, team_announcer, postman.bring, clock)
    setup = TeamSetup(teams, phases, sessions, team_announcer, postman.bring, clock)
    admin = Admin(teams, sessions, team_announcer, clock)
    parts = build_parts(sessions, teams, people, knowledge_base, own_questions(settings), outbox, postman.bring, clock)
    incidents = triage.build_parts(
        sessions, teams, knowledge_base, outbox, postman.bring, clock, settings.triage_help_group
    )
    cards: list[Card] = [
        IncidentCard(sessions),
        PhaseCard(phases),
        ObservationsCard(teams),
        CheckInCard(parts.overview, parts.preferences),
        SettingsCard(),
    ]
    homes = Homes(teams, cards, HomePublisher(lambda workspace_id: client), commands.help)

    questions = Questions(
        knowledge_base,
        teams,
        setup,
        sessions,
        QuestionAnnouncer(outbox),
        postman.bring,
        clock,
        Limits(settings.questions_per_person_hour, settings.questions_per_workspace_hour),
    )
    QuestionListeners(questions, answer_bots=settings.answer_bots).register(app, commands, events)
    HomeListeners(homes).register(app)
    TeamListeners(teams, people, setup, phases, admin, homes.show, clock).register(app, commands)
    asides = Asides(outbox, sessions, postman.bring)
    CheckInListeners(parts, asides, teams, people, homes.show, clock).register(app, commands)
    TriageListeners(incidents, settings.triage_emoji).register(app, commands, events)
    commands.register(app)
    events.register(app)

    def work_abandoned_events() -> None:
        if not knowledge_base.loaded:  # what waits for it would only be tried in vain
            return
        for body in inbox.abandoned():
            app.dispatch(BoltRequest(body=body, mode="socket_mode"))

    duties = [
        Duty("deliver", 1, postman.deliver),
        Duty("abandoned-events", 30, work_abandoned_events),
        Duty("rosters", 60, people.refresh_rosters),
        Duty("pins", 600, phases.ask_again),
        *parts.duties(),
        *incidents.duties(),
        Duty("forget-events", 3600, lambda: inbox.forget(timedelta(days=7))),
    ]
    return Advisor(app, commands, duties, inbox, outbox, postman, sessions, questions, teams, parts)


def check_tokens(client: WebClient, app_token: str) -> None:
    """Asks Slack whether it takes both tokens.

    Raises:
        SettingsError: one line for each that it refuses, or that Slack cannot be reached.
    """
    faults = [
        *_fault("SLACK_BOT_TOKEN", lambda: client.auth_test()),
        *_fault("SLACK_APP_TOKEN", lambda: client.apps_connections_open(app_token=app_token)),
    ]
    if faults:
        raise SettingsError(faults)


def _fault(name: str, call: Callable[[], object]) -> list[str]:
    try:
        with slack_errors():
            call()
    except SlackRefused as refusal:
        return [f"{name}: Slack does not take it ({refusal.code})"]
    except SlackTrouble:
        return [f"{name}: Slack could not be reached; check the network and SLACK_API_URL"]
    return []


class Running:
    """The bot at work: connected to Slack by Socket Mode, its beat going, until it is stopped."""

    def __init__(
        self, settings: Settings, knowledge_base: KnowledgeBase, bot_token: str, app_token: str, url: str
    ) -> None:
        self._client = web_client(bot_token, url)
        self._engine = open_database(settings)
        self._senders = ThreadPoolExecutor(SENDERS, thread_name_prefix="sender")
        self.advisor = build(settings, self._client, knowledge_base, self._engine, senders=self._senders)
        self._beat = Beat(self.advisor.duties)
        self._socket = SocketModeHandler(self.advisor.app, app_token, web_client=web_client(app_token, url))

    def start(self) -> None:
        self._socket.connect()  # type: ignore[no-untyped-call]
        self._beat.start()

    def stop(self) -> None:
        """Lets nothing new in, finishes what is under way, closes everything, in this order."""
        self._socket.close()  # type: ignore[no-untyped-call]
        self._beat.stop()
        executor = self.advisor.app.listener_runner.listener_executor
        executor.shutdown(wait=True)
        self._senders.shutdown(wait=True)
        self._engine.dispose()
