import datetime

from procedures.actions import approval, comments, confirming, drafts, publishing
from procedures.models import SlotKind
from procedures.queries import open_round
from procedures.states import State
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted
from tests.factories import PASSWORD, first_step, make_draft, make_next, make_revision, make_route
from tests.faults.table import ANOTHER, NOTHING, act, call

COUNTED = ("roles_signingguard",)
"""A try to sign is counted before it is known how it ends."""


def signing(revision, person, **kwargs):
    round = open_round(revision)
    return call(round, actor=person, content_hash=round.content_hash, password=PASSWORD, **kwargs)


@act(approval.submit, second=InvalidTransition)
def submit(firm):
    return call(make_draft(firm), actor=firm.author)


@act(approval.recall, second=InvalidTransition)
def recall(firm):
    return call(make_revision(firm, state=State.IN_REVIEW), actor=firm.author, reason="A mistake.")


@act(approval.approve_revision, second=InvalidTransition, apart=COUNTED)
def approve_and_publish(firm):
    published = make_revision(firm)
    return signing(make_next(firm, published.procedure, state=State.IN_REVIEW), firm.approver)


@act(approval.approve_revision, second=NotPermitted, apart=COUNTED)
def approve_the_first_of_two_stages(firm):
    make_route([(SlotKind.HEAD, None)], [(SlotKind.OWNER, None)], risk="high")
    return signing(make_revision(firm, state=State.IN_REVIEW, risk="high"), firm.approver)


@act(approval.approve_revision, second=NotPermitted, apart=COUNTED)
def approve_with_another_signature_missing(firm):
    make_route([(SlotKind.HEAD, None), (SlotKind.OWNER, None)], kind="policy")
    return signing(make_revision(firm, state=State.IN_REVIEW, kind="policy"), firm.approver)


@act(approval.approve_revision, second=InvalidTransition, apart=COUNTED)
def approve_for_later(firm):
    later = datetime.date.today() + datetime.timedelta(days=30)
    return signing(make_revision(firm, state=State.IN_REVIEW, effective_on=later), firm.approver, comment="Fine.")


@act(approval.return_revision, second=InvalidTransition)
def return_revision(firm):
    round = open_round(make_revision(firm, state=State.IN_REVIEW))
    return call(round, actor=firm.approver, content_hash=round.content_hash, reason="The limit is wrong.")


@act(approval.revoke, second=InvalidTransition)
def revoke(firm):
    return call(make_revision(firm, state=State.APPROVED), actor=firm.owner, reason="The law has changed.")


@act(publishing.publish, second=InvalidTransition)
def publish(firm):
    return call(make_revision(firm, state=State.APPROVED), actor=firm.administrator, reason="It is urgent.")


@act(publishing.publish_due, second=NOTHING)
def publish_due(firm):
    return call(make_revision(firm, state=State.APPROVED).effective_on)


@act(publishing.withdraw, second=InvalidTransition)
def withdraw(firm):
    return call(make_revision(firm).procedure, actor=firm.owner, reason="No longer done.")


@act(drafts.discard, second=InvalidTransition)
def discard(firm):
    return call(make_draft(firm), actor=firm.author, reason="Not needed.")


# Comments ----------------------------------------------------------------------------------------------------


def comment_on(revision, person):
    return comments.add_comment(revision, actor=person, body="Why three?")


@act(comments.add_comment, second=ANOTHER)
def add_comment(firm):
    revision = make_revision(firm, state=State.IN_REVIEW)
    return call(revision, actor=firm.approver, body="Why three?", step_uid=first_step(revision).uid)


@act(comments.answer_comment, second=ANOTHER)
def answer_comment(firm):
    comment = comment_on(make_draft(firm), firm.owner)
    comments.resolve_thread(comment, actor=firm.author)
    return call(comment, actor=firm.author, body="Because.")


@act(comments.resolve_thread, second=NOTHING)
def resolve_thread(firm):
    return call(comment_on(make_draft(firm), firm.owner), actor=firm.author)


@act(comments.reopen_thread, second=NOTHING)
def reopen_thread(firm):
    comment = comment_on(make_draft(firm), firm.owner)
    comments.resolve_thread(comment, actor=firm.author)
    return call(comment, actor=firm.owner)


@act(comments.delete_comment, second=Missing)
def delete_comment(firm):
    return call(comment_on(make_draft(firm), firm.owner), actor=firm.owner)


# Still valid -------------------------------------------------------------------------------------------------


@act(confirming.confirm_revision, second=InvalidTransition, apart=("roles_signingguard",))
def confirm_revision(firm):
    revision = make_revision(firm)
    return call(
        revision,
        actor=firm.owner,
        number=1,
        content_hash=revision.content_hash,
        comment="Went through it.",
        password=PASSWORD,
        accepts=1,
    )
