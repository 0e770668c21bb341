"""Procedures, their revisions and steps, and the approval of a revision."""

from procedures.models.approval import (
    Decision,
    Meaning,
    Round,
    RoundOutcome,
    RoundSlot,
    RoundStage,
    Route,
    RouteSlot,
    RouteStage,
    SlotKind,
    StageRule,
    Verdict,
)
from procedures.models.files import Attachment, Rendition, RenditionKind, StoredFile
from procedures.models.parts import Benchmark, Direction, Letter, Record, Responsibility, Tool
from procedures.models.procedure import Audience, Category, Kind, Procedure, Risk
from procedures.models.revision import Frequency, Revision, Significance
from procedures.models.search import SearchDelete, SearchRole, SearchTerm, Synonym
from procedures.models.step import Step, StepKind

__all__ = [
    "Attachment",
    "Audience",
    "Benchmark",
    "Category",
    "Decision",
    "Direction",
    "Frequency",
    "Kind",
    "Letter",
    "Meaning",
    "Procedure",
    "Record",
    "Rendition",
    "RenditionKind",
    "Responsibility",
    "Revision",
    "Risk",
    "Round",
    "RoundOutcome",
    "RoundSlot",
    "RoundStage",
    "Route",
    "RouteSlot",
    "RouteStage",
    "SearchDelete",
    "SearchRole",
    "SearchTerm",
    "Significance",
    "SlotKind",
    "StageRule",
    "Step",
    "StepKind",
    "StoredFile",
    "Synonym",
    "Tool",
    "Verdict",
]
