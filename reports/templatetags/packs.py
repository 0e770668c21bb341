"""Whether a page offers the auditor's pack: pages of procedures stand below the app that makes it."""

from django import template

from procedures.models import Procedure
from reports import permissions
from roles.models import User

register = template.Library()


@register.simple_tag
def takes_pack(user: User, procedure: Procedure) -> bool:
    return permissions.takes_pack(user, procedure)
