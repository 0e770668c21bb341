"""How the firm's documents look: asked when one is made, changed by administrators."""

import base64
import io
from collections.abc import Mapping
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from audit import names, trail
from roles.errors import NotValid
from roles.models import Firm, User
from roles.permissions import can_administer
from sopdesk.lib.contrast import COLOUR, ENOUGH_FOR_TEXT, contrast_on_white
from sopdesk.lib.errors import NotPermitted
from sopdesk.lib.images import BadImage, CleanImage, read_image
from sopdesk.lib.merging import settle

MAX_LOGO_BYTES = 300_000
"""Every document carries the logo."""


def the_firm() -> Firm:
    """The firm as it was set up, or one without a name."""
    return Firm.objects.first() or Firm(pk=1)


def logo_url(firm: Firm) -> str:
    """The logo as a `data:` address, "" when there is none."""
    if not firm.logo:
        return ""
    return f"data:{firm.logo_type};base64,{base64.b64encode(bytes(firm.logo)).decode()}"


def change_firm(
    *,
    actor: User | None,
    fields: Mapping[str, object],
    logo: bytes | None = None,
    base: Mapping[str, str] | None = None,
) -> Firm:
    """Change name, colour (`fields`: name, accent) and logo of the firm; documents that are stored stay as they are.

    logo: the bytes of a picture, b"" for none, None to leave it.
    base: what the sender's page showed, for `sopdesk.lib.merging`; the logo counts by its SHA-256.

    Raises NotPermitted, BothChanged, NotValid for a colour that is too light to be read on white or for something that
    is no picture.
    """
    if actor is not None and not can_administer(actor):
        raise NotPermitted(_("Only administrators change how the firm's documents look."))
    picture = _picture(logo) if logo else None
    offered = {"name": " ".join(str(fields["name"]).split())} if "name" in fields else {}
    if "accent" in fields:
        offered["accent"] = _readable(str(fields["accent"]).strip().lower())
    if logo is not None:
        offered["logo"] = picture.sha256 if picture else ""
    with transaction.atomic():
        Firm.objects.get_or_create(pk=1)
        firm = Firm.objects.select_for_update(no_key=True).get(pk=1)
        stored = {"name": firm.name, "accent": firm.accent, "logo": firm.logo_sha256}
        stored = {name: stored[name] for name in offered}
        settled = settle(offered=offered, stored=stored, base=base, saved_by=partial(trail.saver_of, firm))
        changed = {name: value for name, value in settled.items() if value != stored[name]}
        if not changed:
            return firm
        firm.name = str(changed.get("name", firm.name))
        firm.accent = str(changed.get("accent", firm.accent))
        if "logo" in changed:
            firm.logo = picture.data if picture else b""
            firm.logo_type = picture.content_type if picture else ""
            firm.logo_sha256 = picture.sha256 if picture else ""
        firm.full_clean(exclude={"id"})
        firm.save(update_fields=["name", "accent", "logo", "logo_type", "logo_sha256"])
        data = {name: {"old": stored[name], "new": value} for name, value in sorted(changed.items())}
        trail.record(names.FIRM_CHANGE, actor=actor, subject=firm, data=data)
        return firm


def _readable(accent: str) -> str:
    if not COLOUR.fullmatch(accent):
        raise NotValid({"accent": [_("Choose a colour such as #0a5a75.")]})
    ratio = contrast_on_white(accent)
    if ratio < ENOUGH_FOR_TEXT:
        raise NotValid(
            {
                "accent": [
                    _("This colour is too light to be read on white: its contrast is %(ratio).1f, and 4.5 is needed. "
                      "Choose a darker one.") % {"ratio": ratio}
                ]
            }
        )  # fmt: skip
    return accent


def _picture(data: bytes) -> CleanImage:
    try:
        picture = read_image(io.BytesIO(data))
    except BadImage as error:
        raise NotValid({"logo": error.messages}) from error
    if len(picture.data) > MAX_LOGO_BYTES:
        raise NotValid(
            {
                "logo": [
                    _("This picture is too large for a logo: every document carries it. 600 pixels across are enough.")
                ]
            }
        )
    return picture
