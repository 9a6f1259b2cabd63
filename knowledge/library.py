"""Folders of Markdown files with front matter → validated entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.body import read_body
from knowledge.citing import Citer
from knowledge.faults import Fault, LibraryFaults, Report
from knowledge.fields import ID, NEEDS_SYMPTOMS, Fields, check_vocabulary
from knowledge.located import Node, Page, read_mapping, read_page
from knowledge.model import SYMPTOMS, Citation, Cited, Entry, Kind, Library, Phase, Source

__all__ = ["Fault", "LibraryFaults", "load_library", "read_library"]

KIND_FOLDERS: Mapping[str, Kind] = {kind.folder: kind for kind in Kind}
SOURCES = "sources.yaml"
NO_SOURCE = Source("", "", "", "")


@dataclass(frozen=True, slots=True)
class _Draft:
    """An entry with what is needed to say where its links and lines are."""

    entry: Entry
    fields: Fields
    report: Report


def load_library(*folders: Path) -> Library:
    """Read every guidance folder; later folders extend earlier ones and replace entries and sources of the same id.

    Raises:
        LibraryFaults: with every fault found, when there is any.
    """
    library, faults = read_library(*folders)
    if faults:
        raise LibraryFaults(faults)
    return library


def read_library(*folders: Path) -> tuple[Library, list[Fault]]:
    """Read what can be read, and every fault; for tools that show both."""
    reports: list[Report] = []
    sources: dict[str, Source] = {}
    drafts: dict[str, _Draft] = {}
    for folder in folders:
        sources.update(_read_sources(folder, reports))
        drafts.update(_read_folder(folder, sources, reports))
    _check_links(drafts, _file_ids(folders))
    _check_repeated_questions(drafts)
    faults = [fault for report in reports for fault in report.faults]
    return Library({entry.id: entry for entry in _in_order(drafts)}, sources), faults


def _in_order(drafts: Mapping[str, _Draft]) -> list[Entry]:
    kinds, phases = list(Kind), [str(phase) for phase in Phase]
    entries = [draft.entry for draft in drafts.values()]
    return sorted(entries, key=lambda e: (kinds.index(e.kind), phases.index(e.id) if e.id in phases else 0, e.id))


def _read_sources(folder: Path, reports: list[Report]) -> dict[str, Source]:
    path = folder / SOURCES
    if not path.is_file():
        return {}
    reports.append(report := Report(SOURCES))
    fields = read_mapping(_text(path, report), report) or {}
    return {name: _source(name, node, report) for name, node in fields.items()}


def _source(name: str, node: Node, report: Report) -> Source:
    for wanted in ("title", "author", "date"):
        given = wanted in node.fields
        report.unless(given, node.line, f"source `{name}` lacks `{wanted}`", f"add `{wanted}:`")
    texts = {key: value.text for key, value in node.fields.items()}
    return Source(name, texts.get("title", ""), texts.get("author", ""), texts.get("date", ""), texts.get("url"))


def _read_folder(folder: Path, sources: Mapping[str, Source], reports: list[Report]) -> dict[str, _Draft]:
    drafts: dict[str, _Draft] = {}
    for path in _files(folder):
        reports.append(report := Report(path.relative_to(folder).as_posix()))
        draft = _read_file(path, sources, report)
        if draft is None:
            continue
        twin = drafts.setdefault(draft.entry.id, draft)
        problem = f"`{draft.entry.id}` is also in {twin.report.file}"
        report.unless(twin is draft, 1, problem, "give each entry of a folder its own id")
    return drafts


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.md") if path.name.lower() != "readme.md")


def _file_ids(folders: Iterable[Path]) -> frozenset[str]:
    return frozenset(path.stem for folder in folders for path in _files(folder))


def _text(path: Path, report: Report) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        report.add(1, f"not UTF-8: {error.reason} at byte {error.start}", "save the file as UTF-8")
        return ""


def _read_file(path: Path, sources: Mapping[str, Source], report: Report) -> _Draft | None:
    page = read_page(_text(path, report), report)
    kind = _kind(page, report) if page else None
    if page is None or kind is None:
        return None
    fields = Fields(page.front, kind, report)
    citations = _citations(fields, sources, report)
    entry = _entry(page, kind, fields, Citer(citations, report))
    _check_place(path, entry, fields, report)
    _check_phases(entry, fields, report)
    return _Draft(entry, fields, report)


def _kind(page: Page, report: Report) -> Kind | None:
    node = page.front.get("kind")
    if node is None:
        report.add(1, "`kind` is missing", f"add one of: {' '.join(Kind)}")
        return None
    known = report.unless(node.text in set(Kind), node.line, f"`{node.text}` is no kind", f"use {' '.join(Kind)}")
    return Kind(node.text) if known else None


def _citations(fields: Fields, sources: Mapping[str, Source], report: Report) -> dict[str, Citation]:
    citations: dict[str, Citation] = {}
    for node in fields.items("sources"):
        citation = _citation(node, sources, report)
        remedy = "give one of them another name with `as:`"
        if report.unless(
            citation.name not in citations, node.line, f"source [{citation.name}] is listed twice", remedy
        ):
            citations[citation.name] = citation
    return citations


def _citation(node: Node, sources: Mapping[str, Source], report: Report) -> Citation:
    said = {key: value.text for key, value in node.fields.items()}
    for wanted in ("id", "section"):
        report.unless(said.get(wanted), node.line, f"a source without `{wanted}`", "write {id: …, section: …}")
    for key in said:
        allowed = key in ("id", "section", "url", "as")
        report.unless(allowed, node.line, f"a source has no `{key}`", "use id, section, url and as")
    known = said.get("id", "") in sources
    report.unless(known, node.line, f"source `{said.get('id', '')}` is not in {SOURCES}", f"add it to {SOURCES}")
    name = said.get("as") or said.get("id", "")
    return Citation(sources.get(said.get("id", ""), NO_SOURCE), said.get("section", ""), said.get("url"), name)


def _entry(page: Page, kind: Kind, fields: Fields, citer: Citer) -> Entry:
    areas, phases, symptoms = check_vocabulary(fields)
    entry = Entry(
        id=fields.text("id", 60),
        kind=kind,
        title=fields.text("title", 80),
        areas=areas,
        phases=phases,
        symptoms=symptoms,
        asked_as=fields.lines("asked_as", 12, 150),
        first=fields.cited("first", 280, citer) or Cited(""),
        why=fields.cited("why", 200, citer) or Cited(""),
        by_phase=fields.by_phase(200, citer),
        not_before=fields.phase("not_before"),
        not_yet=fields.cited("not_yet", 180, citer),
        instead=fields.cited("instead", 200, citer),
        related=fields.ids("related"),
        plan=fields.ids("plan"),
        leave_alone=fields.ids("leave_alone"),
        severity=fields.severity(),
        signs=fields.signs(),
        patterns=fields.patterns(),
        check_in=fields.check_in(),
        causes=fields.lines("causes", 4, 8, 80) if fields.has("causes") else (),
        tell_apart=fields.tell_apart(),
        effort=fields.effort(),
        practice=fields.practice(),
        citations=tuple(citer.names.values()),
        sections=read_body(page.body, kind, citer),
    )
    _check_used(fields, citer)
    return entry


def _check_used(fields: Fields, citer: Citer) -> None:
    for node in fields.items("sources"):
        name = (node.fields.get("as") or node.fields.get("id") or node).text
        remedy = "cite it where it is used, or take it out"
        citer.report.unless(name in citer.used, node.line, f"source [{name}] is listed but never cited", remedy)


def _check_place(path: Path, entry: Entry, fields: Fields, report: Report) -> None:
    line = fields.line("id")
    report.unless(entry.id == path.stem, line, f"id `{entry.id}` is not the file's name", f"call it `{path.stem}`")
    known, problem, remedy = _allowed_id(entry)
    report.unless(known, line, f"id `{entry.id}` {problem}", remedy)
    folder = KIND_FOLDERS.get(path.parent.name, entry.kind)
    remedy = f"move it to {entry.kind.folder}/"
    report.unless(folder is entry.kind, fields.line("kind"), f"a {entry.kind} in {path.parent.name}/", remedy)


def _allowed_id(entry: Entry) -> tuple[bool, str, str]:
    if entry.kind is Kind.PHASE:
        return entry.id in set(Phase), "is no phase", f"use one of: {' '.join(Phase)}"
    if entry.kind is Kind.SYMPTOM:
        return entry.id in SYMPTOMS, "is no symptom", f"use one of: {' '.join(SYMPTOMS)}"
    well_formed = bool(ID.fullmatch(entry.id))
    return well_formed, "is not lower-case words with hyphens", "write it like `add-indexes`"


def _check_phases(entry: Entry, fields: Fields, report: Report) -> None:
    if entry.not_before is not None:
        early = [phase for phase in entry.phases if phase < entry.not_before]
        problem = f"`phases` has {' '.join(early)}, before `not_before`"
        report.unless(not early, fields.line("phases"), problem, "take those phases out or lower `not_before`")
        line = fields.line("not_before")
        report.unless(entry.instead, line, "`not_before` without `instead`", "say what such a team does now instead")
    needed = entry.kind not in NEEDS_SYMPTOMS or entry.symptoms or not fields.has("symptoms")
    report.unless(needed, fields.line("symptoms"), f"a {entry.kind} without symptoms", "name at least one symptom")


def _check_links(drafts: Mapping[str, _Draft], known: frozenset[str]) -> None:
    kinds = {entry_id: draft.entry.kind for entry_id, draft in drafts.items()}
    fixes = frozenset(known - {name for name, kind in kinds.items() if kind is not Kind.FIX})
    advised = frozenset(known - {name for name, kind in kinds.items() if kind not in (Kind.FIX, Kind.DECISION)})
    for draft in drafts.values():
        _check_ids(draft, "related", known, "entry")
        _check_ids(draft, "plan", fixes, "fix")
        _check_ids(draft, "leave_alone", advised, "fix or decision")


def _check_ids(draft: _Draft, name: str, known: frozenset[str], what: str) -> None:
    seen: set[str] = set()
    for node in draft.fields.items(name):
        other = node.text != draft.entry.id and node.text not in seen
        draft.report.unless(other, node.line, f"`{name}` names `{node.text}` again or itself", "take it out")
        fine = node.text in known
        draft.report.unless(fine, node.line, f"`{name}`: there is no {what} `{node.text}`", f"name an existing {what}")
        seen.add(node.text)


def _check_repeated_questions(drafts: Mapping[str, _Draft]) -> None:
    seen: dict[str, str] = {}
    for draft in drafts.values():
        for node in draft.fields.items("asked_as"):
            key = node.text.casefold().rstrip("?!. ")
            fine, owner = key not in seen, seen.setdefault(key, draft.entry.id)
            draft.report.unless(fine, node.line, f"this `asked_as` line is also in {owner}", "word it differently")
