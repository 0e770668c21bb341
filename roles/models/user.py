"""People who log in."""

import datetime

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


class Access(models.TextChoices):
    READER = "reader", _("Reader")
    AUTHOR = "author", _("Author")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")


class Theme(models.TextChoices):
    SYSTEM = "", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class WatchMail(models.TextChoices):
    """How somebody is mailed about what they watch."""

    AT_ONCE = "at_once", _("At once, a mail for each")
    DAILY = "daily", _("Once a day, all in one mail")


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Create a person without an entry in the trail; `roles.actions.add_person` is what pages call."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.password_is_own = bool(fields.get("password_is_own"))
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Create the first administrator (`manage.py createsuperuser`)."""
        return self.create_user(email, password, access=Access.ADMINISTRATOR, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Never deleted once they have acted: deactivated instead, so that signatures keep their name."""

    email = models.EmailField(
        _("e-mail"), unique=True, error_messages={"unique": _("Somebody has this e-mail address already.")}
    )
    full_name = models.CharField(_("name"), max_length=120)
    department = models.ForeignKey(
        "roles.Department", verbose_name=_("department"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="members",
    )  # fmt: skip
    access = models.CharField(_("access"), max_length=13, choices=Access, default=Access.READER)
    language = models.CharField(
        _("language"), max_length=5, choices=[("en", _("English")), ("fr", _("French"))], default="en"
    )
    theme = models.CharField(_("appearance"), max_length=5, choices=Theme, default=Theme.SYSTEM, blank=True)
    keys_enabled = models.BooleanField(_("single-letter keys"), default=True)
    watch_mail = models.CharField(
        _("mails about what you watch"), max_length=7, choices=WatchMail, default=WatchMail.AT_ONCE
    )
    is_active = models.BooleanField(_("active"), default=True)
    access_ends = models.DateField(
        _("access ends"),
        null=True,
        blank=True,
        help_text=_("The last day on which the person can sign in, for auditors from outside for example."),
    )
    # Chosen under a link or on the page for it; one that somebody else has set cannot sign.
    password_is_own = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords(excluded_fields=["password", "password_is_own", "last_login"])
    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        ordering = ["full_name", "email"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="roles_user_email_unique",
                violation_error_message=_("Somebody has this e-mail address already."),
            ),
            models.CheckConstraint(condition=models.Q(access__in=Access.values), name="roles_user_access_known"),
            models.CheckConstraint(
                condition=models.Q(access_ends=None) | ~models.Q(access=Access.ADMINISTRATOR),
                name="roles_user_administrators_stay",
                violation_error_message=_("The access of an administrator has no end: deactivate them instead."),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def set_password(self, raw_password: str | None) -> None:
        """Store another password. It counts as set by somebody else until `roles.adapters` says that it is not."""
        super().set_password(raw_password)
        self.password_is_own = False

    def has_access(self, day: datetime.date) -> bool:
        """Whether this person may sign in and act on `day`."""
        return self.is_active and (self.access_ends is None or day <= self.access_ends)

    @property
    def is_administrator(self) -> bool:
        return self.access == Access.ADMINISTRATOR

    @property
    def is_author(self) -> bool:
        return self.access == Access.AUTHOR


def display_name(user: User) -> str:
    """The name under which allauth's pages greet a person."""
    return str(user)
