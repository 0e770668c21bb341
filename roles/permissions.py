"""Who administers people, departments and roles, and who may read about them (design.md section 6).

Administrators change, auditors read; to everybody else these pages do not exist.
"""

from django.utils.translation import gettext as _

from roles.models import Access, Department, Holding, Role, User
from sopdesk.lib.errors import Missing, NotPermitted


def can_administer(user: User) -> bool:
    """Whether `user` may change people, departments and roles."""
    return user.is_active and user.access == Access.ADMINISTRATOR


def sees_people(user: User) -> bool:
    """Whether `user` may read about people, departments and roles."""
    return user.is_active and user.access in (Access.ADMINISTRATOR, Access.AUDITOR)


def check_sees_people(user: User) -> None:
    """Raise Missing unless `user` may read these pages."""
    if not sees_people(user):
        raise Missing()


def check_administers(user: User) -> None:
    """Raise Missing for those who may not even read these pages, NotPermitted for those who may only read them."""
    check_sees_people(user)
    if not can_administer(user):
        raise NotPermitted(_("Only administrators change people, departments and roles."))


def get_person_for(user: User, pk: int) -> User:
    """The person with the number `pk`, department loaded. Raises Missing."""
    check_sees_people(user)
    person = User.objects.select_related("department").filter(pk=pk).first()
    if person is None:
        raise Missing(_("There is no such person."))
    return person


def get_department_for(user: User, pk: int) -> Department:
    """The department with the number `pk`, head loaded. Raises Missing."""
    check_sees_people(user)
    department = Department.objects.select_related("head").filter(pk=pk).first()
    if department is None:
        raise Missing(_("There is no such department."))
    return department


def get_role_for(user: User, pk: int) -> Role:
    """The role with the number `pk`, department loaded. Raises Missing."""
    check_sees_people(user)
    role = Role.objects.select_related("department").filter(pk=pk).first()
    if role is None:
        raise Missing(_("There is no such role."))
    return role


def get_holding_for(user: User, person_pk: int, pk: int) -> Holding:
    """The holding `pk` of the person `person_pk`, person and role loaded. Raises Missing."""
    check_sees_people(user)
    holding = Holding.objects.select_related("user", "role").filter(pk=pk, user_id=person_pk).first()
    if holding is None:
        raise Missing(_("There is no such holding."))
    return holding
