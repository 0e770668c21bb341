"""What the mail to a new person needs."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django import template
from django.conf import settings
from django.urls import reverse

from roles.models import User

register = template.Library()

DAY = 24 * 3600


@register.simple_tag
def password_link(person: User) -> str:
    """The full address under which `person` chooses a password, once.

    It is made when the mail is written and stored nowhere: neither the outbox nor a backup can be used to get in.
    It ends after `PASSWORD_RESET_TIMEOUT`, with the first password, and with a change of the e-mail address.
    """
    key = {"uidb36": user_pk_to_url_str(person), "key": default_token_generator.make_token(person)}
    return settings.BASE_URL + reverse("account_reset_password_from_key", kwargs=key)


@register.simple_tag
def password_link_days() -> int:
    """For how many days such a link works."""
    return settings.PASSWORD_RESET_TIMEOUT // DAY
