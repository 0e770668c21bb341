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
from procedures.models.changeset import ChangeSet, ChangeSetItem
from procedures.models.confirmation import Confirmation
from procedures.models.deviation import Deviation, DeviationCause, DeviationState
from procedures.models.emergency import MAX_EMERGENCY_DAYS, EmergencyIssue
from procedures.models.files import Attachment, Rendition, RenditionKind, StoredFile
from procedures.models.linkcheck import ExternalLink, LinkCheck
from procedures.models.manual import Manual, ManualItem, ManualState
from procedures.models.parts import (
    Benchmark,
    CodeLink,
    Direction,
    Letter,
    Record,
    Responsibility,
    StandardKind,
    StandardPart,
    Tool,
)
from procedures.models.personal import Favourite, Opening, Watch
from procedures.models.procedure import Audience, Category, Kind, Procedure, Risk
from procedures.models.reviewing import ReviewLook, RoundGuest, RoundText
from procedures.models.revision import Frequency, Revision, Significance
from procedures.models.search import (
    IgnoredSearch,
    Outcome,
    SearchDelete,
    SearchMeaning,
    SearchRecord,
    SearchRole,
    SearchTerm,
    Synonym,
    SynonymGroup,
)
from procedures.models.sharing import LinkEnd, ShareLink, ShareOpening
from procedures.models.starting import ImportedDocument, InventoryTask, Origin, ProcedureTemplate
from procedures.models.step import DueUnit, Evidence, Step, StepKind
from procedures.models.writing import Comment, Diagram, EditingPresence, GlossaryTerm, KeptAdvice

__all__ = [
    "ExternalLink",
    "LinkCheck",
    "MAX_EMERGENCY_DAYS",
    "Attachment",
    "Audience",
    "Benchmark",
    "Category",
    "ChangeSet",
    "ChangeSetItem",
    "CodeLink",
    "Comment",
    "Confirmation",
    "Decision",
    "Deviation",
    "DeviationCause",
    "DeviationState",
    "Diagram",
    "Direction",
    "DueUnit",
    "EditingPresence",
    "EmergencyIssue",
    "Evidence",
    "Favourite",
    "Frequency",
    "GlossaryTerm",
    "IgnoredSearch",
    "ImportedDocument",
    "InventoryTask",
    "KeptAdvice",
    "Kind",
    "Letter",
    "LinkEnd",
    "Meaning",
    "Opening",
    "Manual",
    "ManualItem",
    "ManualState",
    "Origin",
    "Outcome",
    "Procedure",
    "ProcedureTemplate",
    "Record",
    "Rendition",
    "RenditionKind",
    "Responsibility",
    "ReviewLook",
    "Revision",
    "Risk",
    "Round",
    "RoundGuest",
    "RoundOutcome",
    "RoundSlot",
    "RoundStage",
    "RoundText",
    "Route",
    "RouteSlot",
    "RouteStage",
    "SearchDelete",
    "SearchRecord",
    "SearchMeaning",
    "SearchRole",
    "SearchTerm",
    "ShareLink",
    "ShareOpening",
    "Significance",
    "SlotKind",
    "StageRule",
    "StandardKind",
    "StandardPart",
    "Step",
    "StepKind",
    "StoredFile",
    "Synonym",
    "SynonymGroup",
    "Tool",
    "Verdict",
    "Watch",
]
