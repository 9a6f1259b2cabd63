"""`advisor guidance …`: whether the guidance is right, what it says, how to start an entry."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.output import AsJson, opened_knowledge, out, print_json, refuse
from bot.settings import read_settings
from knowledge.answer import compose
from knowledge.golden import Figures, Measured, Miss, measure
from knowledge.model import Citation, Entry, Kind

guidance = typer.Typer(no_args_is_help=True, help="What the advisor knows.")

Folder = Annotated[Path | None, typer.Argument(help="your own guidance; GUIDANCE_FOLDER if left out", exists=True)]
FLOORS = {"first": 0.85, "in_three": 0.95, "off_topic": 0.95, "notes": 0.85}


@guidance.command()
def check(folder: Folder = None, held_out: Annotated[bool, typer.Option(help="measure those too")] = False) -> None:
    """Tell what is wrong with ours and your own guidance, a line each; then run the golden questions."""
    from bot.assembly import guidance_folders
    from knowledge.library import load_library

    settings = read_settings()
    settings = settings if folder is None else settings.model_copy(update={"guidance_folder": folder})
    folders = guidance_folders(settings)
    entries = len(load_library(*folders))
    out.print(f"{entries} entries in {' and '.join(map(str, folders))}, no faults", highlight=False, soft_wrap=True)
    with opened_knowledge(settings) as knowledge:
        measured = measure(knowledge, "tune")
        _print_lines([*figures_of(measured), *(f"  {miss}" for miss in _misses(measured))])
        if held_out:
            _print_lines(figures_of(measure(knowledge, "held_out")))
    if faults := below_floors(measured):
        refuse(faults)


def below_floors(measured: Measured) -> list[str]:
    """What of the golden questions fell below what was reached; empty when all is well."""
    reached = {
        "first": measured.questions.first,
        "in_three": measured.questions.in_three,
        "off_topic": measured.off_topic.declined,
        "notes": measured.notes.f1,
    }
    return [
        f"golden questions: {name} is {reached[name]:.3f}, below {floor}; the misses above say where"
        for name, floor in FLOORS.items()
        if reached[name] < floor
    ]


def figures_of(measured: Measured) -> list[str]:
    """What was measured on a split, a line for each kind of case."""
    questions, notes = measured.questions, measured.notes
    return [
        _figures(measured.split, "questions", questions),
        _figures(measured.split, "follow-ups", measured.follow_ups),
        _figures(measured.split, "alerts", measured.alerts),
        f"{measured.split}: {measured.off_topic.cases} off-topic: declined {measured.off_topic.declined:.3f}; "
        f"on-topic declined {questions.declined:.3f}; against the phase {len(measured.against_phase)}",
        f"{measured.split}: {notes.cases} notes: micro F1 {notes.f1:.3f} (precision {notes.precision:.3f}, recall "
        f"{notes.recall:.3f}), denied reported as present {notes.denied_as_present}",
    ]


def _print_lines(lines: Sequence[str]) -> None:
    out.print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)


def _figures(split: str, what: str, figures: Figures) -> str:
    return (
        f"{split}: {figures.cases} {what}: recall@1 {figures.first:.3f}, recall@3 {figures.in_three:.3f}, "
        f"MRR {figures.mrr:.3f}"
    )


def _misses(measured: Measured) -> list[Miss]:
    return [
        *measured.questions.misses,
        *measured.follow_ups.misses,
        *measured.alerts.misses,
        *measured.off_topic.misses,
        *measured.against_phase,
        *measured.notes.misses,
    ]


@guidance.command(name="list")
def list_entries(as_json: AsJson = False) -> None:
    """List every entry; with --json one line of JSON each, with its whole text."""
    from bot.assembly import guidance_folders
    from knowledge.library import load_library

    library = load_library(*guidance_folders(read_settings()))
    titles = {entry.id: entry.title for entry in library}
    for entry in library:
        if as_json:
            print_json(entry_as_json(entry, titles))
        else:
            out.print(f"{entry.kind:10} {entry.id:34} {entry.title}", highlight=False, markup=False, soft_wrap=True)


def entry_as_json(entry: Entry, titles: Mapping[str, str]) -> dict[str, Any]:
    """What an entry is to a program: its fields and its whole text; `titles` are those of all entries."""
    return {
        "id": entry.id,
        "kind": entry.kind,
        "title": entry.title,
        "areas": list(entry.areas),
        "phases": list(entry.phases),
        "not_before": entry.not_before,
        "symptoms": list(entry.symptoms),
        "asked_as": list(entry.asked_as),
        "text": "\n\n".join([compose(entry, 1.0, None, (), titles).text, *_elsewhere(entry)]),
        "sources": [_source(citation) for citation in entry.citations],
    }


def _elsewhere(entry: Entry) -> list[str]:
    """What an answer says only at some sizes, and what only check-ins and triage say."""
    return [
        *(f"{phase.range}: {said.text}" for phase, said in sorted(entry.by_phase.items())),
        *([f"Instead: {entry.instead.text}"] if entry.instead else []),
        *(f"Cause: {cause}" for cause in entry.causes),
        *(f"Not {apart.other}: {apart.look}" for apart in entry.tell_apart),
        *([f"{entry.check_in.question} {entry.check_in.follow_up}"] if entry.check_in else []),
    ]


def _source(citation: Citation) -> dict[str, str]:
    source = citation.source
    return {"title": source.title, "author": source.author, "date": str(source.date), "section": citation.section}


@guidance.command()
def new(
    kind: Annotated[Kind, typer.Argument(help="what kind of entry")],
    entry_id: Annotated[str, typer.Option("--id", help="lower-case words with hyphens")] = "new-entry",
    folder: Annotated[Path, typer.Option(help="where to put it")] = Path("guidance"),
) -> None:
    """Start an entry: a file with every field and section of its kind, to be filled in."""
    from knowledge.skeleton import skeleton_of

    path = folder / kind.folder / f"{entry_id}.md"
    if path.exists():
        refuse([f"{path} is there already; choose another --id"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(skeleton_of(kind, entry_id), encoding="utf-8")
    out.print(f"{path} – fill it in (docs/guidance.md says how), then: advisor guidance check {folder}", soft_wrap=True)
