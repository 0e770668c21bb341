"""People, departments, job roles and who holds them."""

from roles.models.department import Department
from roles.models.role import Holding, Role
from roles.models.user import Access, Theme, User

__all__ = ["Access", "Department", "Holding", "Role", "Theme", "User"]
