"""What people see of an incident: pure functions over slack_sdk's models."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    InteractiveElement,
    Option,
    PlainTextObject,
    StaticSelectElement,
)

from bot.slack.blocks import SECTION_TEXT, context, divider, escape, header, rendered, section, sections, shorten
from bot.slack.words import Words
from bot.triage.board import Board, Candidate, Past, Todo
from bot.triage.coordination import Update
from bot.triage.model import CLOSED, FollowUp, Incident, Severity, State
from bot.triage.timeline import Event, lasted, when
from knowledge.model import Citation, Command
from knowledge.runbook import CHANGED, STAGE_TITLES, UNKNOWN, Stage, Task

SHORTCUT = "triage.this_message"
LONGEST_QUOTE = 300
SEVERITIES = {
    Severity.HURT: "1 – customers are hurt",
    Severity.DEGRADED: "2 – it works badly",
    Severity.ANNOYING: "3 – annoying",
}


class ActionId(StrEnum):
    START = "triage.start"
    BEGIN = "triage.begin"
    DECLINE = "triage.decline"
    TICK = "triage.tick"
    THIS = "triage.this_is_it"
    NOT_THIS = "triage.not_this"
    RATHER = "triage.rather"
    CHANGED = "triage.changed"
    MORE = "triage.more"
    LESS = "triage.less"
    SEVERITY = "triage.severity"
    OWN = "triage.own"
    HAND_OVER = "triage.hand_over"
    HELP = "triage.help"
    UPDATE = "triage.update"
    MITIGATED = "triage.mitigated"
    RESOLVE = "triage.resolve"
    NO_INCIDENT = "triage.no_incident"
    SNOOZE = "triage.snooze"
    STOP_NUDGES = "triage.stop_nudges"
    TIMELINE = "triage.timeline"
    EXPORT = "triage.export"
    PAGE = "triage.page"
    DONE = "triage.done"


def board(shown: Board) -> Words:
    """The one message of an incident that is kept up to date."""
    incident = shown.incident
    blocks: list[Block] = [header(_headline(shown)), context(_facts(incident))]
    if incident.state in CLOSED:
        blocks += _closed(shown)
    else:
        blocks += [*_suspicion(shown), *_memories(shown), *_steps(shown), *_people(incident), *_endings(incident)]
    return Words(shorten(_plain(shown), 3900), rendered(blocks))


def offer(incident: Incident, likely: str) -> Words:
    """Offers a triage, and forces none."""
    text = (
        f"This reads like an incident (likely: *{escape(likely)}*). Shall I open a triage in this thread? "
        "I show the first safe checks, keep the timeline, and execute nothing."
    )
    buttons = [
        _button("Start triage", ActionId.BEGIN, incident.id, style="primary"),
        _button("No, thanks", ActionId.DECLINE, incident.id),
    ]
    return Words(text, rendered([section(text), ActionsBlock(block_id=f"offer:{incident.id}", elements=buttons)]))


def declined() -> Words:
    return _line("All right. `/advisor triage` starts one whenever you want.")


def already(incident: Incident) -> Words:
    """Says that this has its incident already, and where."""
    where = f"in <#{incident.channel}>"
    if incident.thread_ts:
        where = f"<https://slack.com/archives/{incident.channel}/p{incident.thread_ts.replace('.', '')}|here>"
    return _line(f"Incident {incident.id} is about this already: {where}. It is {incident.state}.")


def unreachable(shown: Board, why: str) -> Words:
    """The board, for somebody whose channel is closed to the bot."""
    reason = {
        "not_in_channel": "I am not in that channel; invite me with `/invite`",
        "channel_not_found": "I am not in that channel; invite me with `/invite`",
        "is_archived": "the channel is archived",
    }.get(why, "Slack did not let me post there")
    line = f"I could not open the triage in <#{shown.incident.channel}>: {reason}. Here is what to do first:"
    words = board(shown)
    return Words(f"{line}\n{words.text}", [*rendered([section(line)]), *words.blocks])


def update(incident: Incident, said: Update, by: str) -> Words:
    """How things stand, always in the same form."""
    text = (
        f"*Update on incident {incident.id}* by <@{by}>\n"
        f"*We see:* {escape(said.see)}\n*We do:* {escape(said.do)}\n*We need:* {escape(said.need)}"
    )
    return Words(text, rendered(sections(text)))


def handed_over(shown: Board, by: str, note: str | None) -> Words:
    """Tells the next person where things stand."""
    incident = shown.incident
    done = [task.text for task in shown.tasks if task.id in shown.done]
    left = [task.text for task in shown.shown if task.id not in shown.done][:3]
    lines = [
        f"<@{incident.owner}>, <@{by}> hands incident {incident.id} over to you.",
        f"*Taken for:* {escape(shown.title)}" + (" (confirmed)" if incident.confirmed else " (not confirmed)"),
        f"*Severity:* {_severity(incident)} · *state:* {incident.state} · "
        f"*began:* {_date(incident, incident.opened_at)}",
        *([f"*Note:* {escape(note)}"] if note else []),
        "*Done:* " + ("; ".join(escape(text) for text in done) or "nothing yet"),
        "*Next:* " + ("; ".join(escape(text) for text in left) or "nothing planned"),
    ]
    text = "\n".join(lines)
    return Words(text, rendered(sections(text)))


def call_help(shown: Board, group: str, by: str) -> Words:
    incident = shown.incident
    text = (
        f"<!subteam^{group}> <@{by}> asks for help with incident {incident.id}: *{escape(shown.title)}*, "
        f"severity {_severity(incident)}. Everything so far is in this thread."
    )
    return Words(text, rendered([section(text)]))


def nudge(incident: Incident, *, privately: bool) -> Words:
    """Asks for an owner, or for news."""
    number = f"incident {incident.id}" + (f" in <#{incident.channel}>" if privately else "")
    if incident.owner is None:
        text = f"Nobody owns {number} yet. Who takes the lead? It only means deciding what is tried next."
        first = _button("I take it", ActionId.OWN, incident.id, style="primary")
    else:
        text = f"<@{incident.owner}>, how does {number} stand? Others wait for a line, even without news."
        first = _button("Give an update", ActionId.UPDATE, incident.id, style="primary")
    buttons = [
        first,
        _button("Ask in 30 min", ActionId.SNOOZE, incident.id),
        _button("Stop asking", ActionId.STOP_NUDGES, incident.id),
    ]
    actions = ActionsBlock(block_id=f"nudge:{incident.id}:{incident.nudges}", elements=buttons)
    return Words(text, rendered([section(text), actions]))


def ended(shown: Board) -> Words:
    """Says in the thread that it is over, and offers to keep what was learnt."""
    incident = shown.incident
    if incident.state == State.NO_INCIDENT:
        return _line(f"Closed: not an incident, says <@{incident.closed_by}>. I ask nothing more here.")
    text = (
        f"Incident {incident.id} is resolved, says <@{incident.closed_by}>. "
        + (f"*Cause:* {escape(incident.cause)}. " if incident.cause else "")
        + ("Your next check-in asks about it." if incident.team_id and incident.symptom else "")
    ).strip()
    buttons = [
        _button("Write the post-incident page", ActionId.PAGE, incident.id, style="primary"),
        _button("Export the timeline", ActionId.EXPORT, incident.id),
    ]
    return Words(text, rendered([section(text), ActionsBlock(block_id=f"ended:{incident.id}", elements=buttons)]))


def chase(follow_up: FollowUp) -> Words:
    """Reminds somebody of what they meant to do."""
    text = (
        f"After incident {follow_up.incident_id} you meant to do this by {follow_up.due.isoformat()}: "
        f"*{escape(follow_up.text)}*. Is it done? I ask again in a week."
    )
    button = _button("It is done", ActionId.DONE, follow_up.id, style="primary")
    return Words(text, rendered([section(text), ActionsBlock(block_id=f"chase:{follow_up.id}", elements=[button])]))


def timeline(shown: Board, events: Sequence[Event]) -> Words:
    """What happened so far, for one person."""
    incident = shown.incident
    lines = "\n".join(f"• {_date(incident, event.at)} {_told(event)}" for event in events)
    blocks: list[Block] = [header(f"Incident {incident.id}: {shown.title}"), *sections(lines)[:40]]
    blocks.append(context("Mark a message of the thread with :pushpin: or pin it, and it stands here too."))
    button = _button("Export as Markdown into the thread", ActionId.EXPORT, incident.id)
    blocks.append(ActionsBlock(block_id=f"timeline:{incident.id}", elements=[button]))
    return Words(shorten(lines, 3900), rendered(blocks))


def no_timeline() -> Words:
    return _line("There was no incident in this channel yet. `/advisor triage` starts one.")


def called_for_help(team_name: str, group: str) -> str:
    return f"*{escape(team_name)}* calls <!subteam^{group}> for help from now on."


def aside(text: str) -> Words:
    return _line(text)


def _headline(shown: Board) -> str:
    incident = shown.incident
    mark = {State.RESOLVED: "✅", State.NO_INCIDENT: "☑️", State.MITIGATED: "🟡"}.get(incident.state, "🚨")
    doubt = "" if incident.confirmed or incident.symptom is None else "Likely: "
    return f"{mark} Incident {incident.id} – {doubt}{shown.title}"


def _facts(incident: Incident) -> str:
    owner = f"<@{incident.owner}>" if incident.owner else "nobody yet"
    facts = [
        f"*State:* {incident.state}",
        f"*Severity:* {_severity(incident)}",
        f"*Owner:* {owner}",
        f"began {_date(incident, incident.opened_at)}, reported by <@{incident.opened_by}>",
    ]
    return " · ".join(facts)


def _suspicion(shown: Board) -> list[Block]:
    incident = shown.incident
    quote = "\n".join(f">{line}" for line in escape(shorten(incident.text, LONGEST_QUOTE)).splitlines() if line.strip())
    if incident.symptom is None:
        text = f"{quote}\n{UNKNOWN}" if quote else UNKNOWN
        return [section(text + " Until then, the steps that fit every outage:")]
    why = f"*Why I think so:* {escape(shown.why)}" if shown.why else "Somebody in this thread takes it for this."
    blocks: list[Block] = [section(f"{quote}\n{why}" if quote else why)]
    blocks += [_other(incident, other) for other in shown.others]
    if not incident.confirmed:
        value = f"{incident.id}:{incident.symptom}"
        buttons = [
            _button("This is it", ActionId.THIS, value, style="primary"),
            _button("Not this", ActionId.NOT_THIS, value),
        ]
        blocks.append(ActionsBlock(block_id=f"symptom:{incident.id}", elements=buttons))
    return blocks


def _other(incident: Incident, other: Candidate) -> Block:
    look = f"\n*Tell them apart:* {escape(other.look)}" if other.look else ""
    value = f"{incident.id}:{other.symptom}"
    return section(
        f"_Or:_ *{escape(other.title)}* – {escape(other.because)}{look}",
        block_id=f"other:{other.symptom}",
        accessory=_button("Rather this", ActionId.RATHER, value),
    )


def _memories(shown: Board) -> list[Block]:
    """What the team knew of itself, and what helped before."""
    remembered = [f"You said lately – {escape(line)}" for line in shown.incident.remembered]
    past = [_remembered(one) for one in shown.past]
    return [context("\n".join([*remembered, *past]))] if remembered or past else []


def _remembered(past: Past) -> str:
    cause = f"cause: {escape(past.cause)}" if past.cause else "cause not written down"
    helped = f"; what helped: {escape(past.helped)}" if past.helped else ""
    return f"You had this before (incident {past.id}, {past.day.isoformat()}): {cause}{helped}"


def _steps(shown: Board) -> list[Block]:
    blocks: list[Block] = []
    for stage in Stage:
        tasks = [task for task in shown.shown if task.stage is stage]
        if tasks:
            blocks += [divider(), section(f"*{STAGE_TITLES[stage]}*"), *_stage(shown, tasks)]
    if shown.incident.mitigated_at is not None and shown.causes:
        blocks.append(context("Usual causes: " + "; ".join(escape(cause) for cause in shown.causes)))
    return [*blocks, *_fold(shown)]


def _stage(shown: Board, tasks: Sequence[Task]) -> Iterable[Block]:
    """The steps done in one short block, those left each with its button."""
    done = [task for task in tasks if task.id in shown.done]
    if done:
        yield context("\n".join(_ticked(shown, task) for task in done))
    for task in tasks:
        if task.id not in shown.done:
            yield _step(shown.incident, task)


def _ticked(shown: Board, task: Task) -> str:
    done = shown.done[task.id]
    return f"✅ {_prose(task.text)} – <@{done.by}>, {_date(shown.incident, done.at)}"


def _step(incident: Incident, task: Task) -> Block:
    for_whom = f"_{', '.join(task.stacks)}_ – " if task.stacks else ""
    commands = "".join(_command(command, task) for command in task.commands)
    text = f"{for_whom}{_prose(task.text)}{commands}\n{_sources(task.citations)}"
    asks = CHANGED.search(task.text) is not None
    button = (
        _button("Tell what changed", ActionId.CHANGED, incident.id)
        if asks
        else _button("Done", f"{ActionId.TICK}:{task.id}", incident.id)
    )
    return section(shorten(text, SECTION_TEXT), block_id=f"step:{task.id}", accessory=button)


def _command(command: Command, task: Task) -> str:
    danger = ""
    if command.danger is not None:
        danger = f"\n⚠️ *Dangerous:* loses {escape(command.danger.loses)}. *Undo:* {escape(command.danger.undo)}."
    where = f"\n_on {command.stack}:_" if command.stack and command.stack not in task.stacks else ""
    return f"{danger}{where}\n```{escape(command.code)}```"


def _sources(citations: Sequence[Citation]) -> str:
    named = dict.fromkeys(_source(citation) for citation in citations)
    return f"Source: {'; '.join(named)}" if named else ""


def _source(citation: Citation) -> str:
    url = citation.url or citation.source.url
    name = escape(f"{citation.source.title}, {citation.section}").replace("|", "/").replace("_", " ")
    return f"<{url}|{name}>" if url else name


def _fold(shown: Board) -> list[Block]:
    incident = shown.incident
    if incident.whole:
        button = _button("Fewer steps", ActionId.LESS, incident.id)
    elif shown.hidden:
        button = _button(f"All steps ({shown.hidden} more)", ActionId.MORE, incident.id)
    else:
        return []
    return [ActionsBlock(block_id=f"fold:{incident.id}", elements=[button])]


def _people(incident: Incident) -> list[Block]:
    lead = (
        _button("I take it", ActionId.OWN, incident.id, style="primary")
        if incident.owner is None
        else _button("Hand over", ActionId.HAND_OVER, incident.id)
    )
    elements: list[InteractiveElement] = [
        lead,
        _severity_select(incident),
        _button("Give an update", ActionId.UPDATE, incident.id),
        _button("Call for help", ActionId.HELP, incident.id),
    ]
    return [divider(), ActionsBlock(block_id=f"people:{incident.id}", elements=elements)]


def _severity_select(incident: Incident) -> StaticSelectElement:
    options = [Option(value=f"{incident.id}:{severity.value}", label=name) for severity, name in SEVERITIES.items()]
    now = next((o for o in options if o.value == f"{incident.id}:{incident.severity}"), None)
    return StaticSelectElement(
        action_id=ActionId.SEVERITY, placeholder="How bad is it?", options=options, initial_option=now
    )


def _endings(incident: Incident) -> list[Block]:
    buttons = [
        *([_button("Mitigated", ActionId.MITIGATED, incident.id)] if incident.state == State.OPEN else []),
        _button("Resolve …", ActionId.RESOLVE, incident.id),
        _button("Not an incident", ActionId.NO_INCIDENT, incident.id),
        _button("Timeline", ActionId.TIMELINE, incident.id),
    ]
    return [ActionsBlock(block_id=f"endings:{incident.id}", elements=buttons)]


def _closed(shown: Board) -> list[Block]:
    incident = shown.incident
    lines = [
        f"*Lasted:* {lasted(incident)}",
        *([f"*Impact:* {escape(incident.impact)}"] if incident.impact else []),
        *([f"*Cause:* {escape(incident.cause)}"] if incident.cause else []),
        *([f"*What helped:* {escape(incident.helped)}"] if incident.helped else []),
    ]
    blocks: list[Block] = sections("\n".join(lines))
    blocks += [_todo(todo) for todo in shown.todos]
    buttons = [
        _button("Post-incident page", ActionId.PAGE, incident.id),
        _button("Timeline", ActionId.TIMELINE, incident.id),
    ]
    return [*blocks, ActionsBlock(block_id=f"closed:{incident.id}", elements=buttons)]


def _todo(todo: Todo) -> Block:
    mark = "✅" if todo.done else "⬜"
    text = f"{mark} {escape(shorten(todo.text, 1000))} – <@{todo.owner}>, due {todo.due.isoformat()}"
    if todo.done:
        return section(text, block_id=f"todo:{todo.id}")
    return section(text, block_id=f"todo:{todo.id}", accessory=_button("Done", ActionId.DONE, todo.id))


def _plain(shown: Board) -> str:
    """The board for notifications and screen readers: what it is, why, what first."""
    first = [task for task in shown.shown if task.id not in shown.done][:3]
    steps = "\n".join(f"{number}. {task.text}" for number, task in enumerate(first, 1))
    why = f" ({shown.why})" if shown.why else ""
    return escape(f"{_headline(shown)}{why}\n{steps}")


def _told(event: Event) -> str:
    words = event.text if event.kind else f"“{event.text}”"
    safe = re.sub(r"&lt;@(\w+)&gt;", r"<@\1>", escape(words)) if event.kind else escape(words)
    return f"<@{event.by}>: {safe}" + (" _(edited)_" if event.edited else "")


def _severity(incident: Incident) -> str:
    return SEVERITIES[Severity(incident.severity)] if incident.severity else "not set"


def _date(incident: Incident, at: datetime) -> str:
    return f"{when(at, incident.timezone)} {incident.timezone}"


def _prose(text: str) -> str:
    return re.sub(r"\*\*(.+?)\*\*", r"*\1*", escape(text))


def _line(text: str) -> Words:
    return Words(text, rendered([section(text)]))


def _button(label: str, action: str, value: object, style: str | None = None) -> ButtonElement:
    return ButtonElement(text=PlainTextObject(text=shorten(label, 75)), action_id=action, value=str(value), style=style)
