"""Guidance for growing systems: a library without Slack and without a database; importing it is cheap."""

from knowledge.answer import Answer, cite
from knowledge.base import GUIDANCE, Answers, KnowledgeBase, NotLoaded
from knowledge.encoder import Encoder, SentenceTransformerEncoder, WrongModel
from knowledge.faults import Fault, LibraryFaults
from knowledge.library import load_library, read_library
from knowledge.model import AREAS, KINDS, STACKS, SYMPTOMS, Effort, Entry, Kind, Library, Phase
from knowledge.question import Intent, Question
from knowledge.symptoms import Reported, SymptomReading
from knowledge.triage import Recognised, Suspect

__all__ = [
    "AREAS",
    "GUIDANCE",
    "KINDS",
    "STACKS",
    "SYMPTOMS",
    "Answer",
    "Answers",
    "Effort",
    "Encoder",
    "Entry",
    "Fault",
    "Intent",
    "Kind",
    "KnowledgeBase",
    "Library",
    "LibraryFaults",
    "NotLoaded",
    "Phase",
    "Question",
    "Recognised",
    "Reported",
    "SentenceTransformerEncoder",
    "Suspect",
    "SymptomReading",
    "WrongModel",
    "cite",
    "load_library",
    "read_library",
]
