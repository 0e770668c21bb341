"""A walk through signing: what stands in the way, the first signature with statement and code, and how it shows."""

import time

from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import Page, expect

from procedures.models import Decision, RoundStage
from roles.models import StatementAcceptance
from tests.browser.conftest import Visitor
from tests.browser.world import World
from tests.factories import PASSWORD

SECRET = "JBSWY3DPEHPK3PXP"
LONG_ENOUGH = 15  # seconds for a slow machine to send a code while it is good


def code_of_now(page: Page) -> str:
    """The code that the app shows, taken early enough in its thirty seconds."""
    left = app_settings.TOTP_PERIOD - time.time() % app_settings.TOTP_PERIOD
    if left < LONG_ENOUGH:
        page.wait_for_timeout(left * 1000 + 100)
    return format_hotp_value(hotp_value(SECRET, max(yield_hotp_counters_from_time())))


def see_the_signing(visitor: Visitor, world: World) -> None:
    """Led to the app, then statement, password and code in the dialog; the signature on the page, and INVALID."""
    page, review = visitor.page, world.round.get_absolute_url()
    StatementAcceptance.objects.all().delete()
    RoundStage.objects.filter(round=world.round).update(needs_second_factor=True)
    visitor.visit(review)
    expect(page.get_by_text("Set up your app first.")).to_be_visible()
    TOTP.activate(world.firm.approver, SECRET)
    visitor.go(review)
    page.locator('[data-opens="sign-dialog"]').click()
    dialog = page.locator("#sign-dialog")
    dialog.locator("[type=checkbox]").check()
    dialog.locator("[type=password]").fill(PASSWORD)
    dialog.locator("[name=code]").fill("not one")
    dialog.locator(".primary").click()
    expect(page.get_by_text("This code is not right").first).to_be_visible()
    visitor.check()
    dialog.locator("[type=checkbox]").check()
    dialog.locator("[type=password]").fill(PASSWORD)
    dialog.locator("[name=code]").fill(code_of_now(page))
    dialog.locator(".primary").click()
    expect(page.get_by_text("Approved.").first).to_be_visible()
    decision = Decision.objects.get(round=world.round)
    text = f"/procedures/{world.round.revision.procedure.code}/{world.round.revision.number}/"
    visitor.visit(text)
    expect(page.get_by_label("Facts").get_by_text("with password and code from an app")).to_be_visible()
    visitor.visit("/settings/")
    Decision.objects.filter(pk=decision.pk).update(decider_name="Mallory")
    visitor.visit(text)
    expect(page.get_by_text("Signature invalid. Do not work by this text.")).to_be_visible()
