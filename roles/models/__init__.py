"""People, departments, job roles, who holds them, and who is away."""

from roles.models.absence import Absence
from roles.models.department import Department
from roles.models.firm import ACCENT, Firm
from roles.models.role import Holding, Role
from roles.models.signing import SigningGuard, StatementAcceptance
from roles.models.user import Access, Theme, User, WatchMail

__all__ = [
    "ACCENT",
    "Absence",
    "Access",
    "Department",
    "Firm",
    "Holding",
    "Role",
    "SigningGuard",
    "StatementAcceptance",
    "Theme",
    "User",
    "WatchMail",
]
