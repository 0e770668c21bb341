from procedures.models import Revision
from runs.actions import remarks
from runs.models import Answer
from sopdesk.lib.errors import Conflict
from tests.factories import first_step, make_next, make_revision
from tests.faults.table import NOTHING, act, call


def said(firm):
    revision = Revision.objects.get(pk=make_revision(firm).pk)
    return remarks.add_remark(
        revision, actor=firm.staff, kind="unclear", text="Which day?", step=first_step(revision).uid
    )  # fmt: skip


@act(remarks.add_remark, second=NOTHING)
def add_remark(firm):
    revision = Revision.objects.get(pk=make_revision(firm).pk)
    step = first_step(revision).uid
    return call(revision, actor=firm.staff, kind="unclear", text="Which day?", step=step)


@act(remarks.answer_remark, second=Conflict)
def answer_remark(firm):
    remark = said(firm)
    return [
        call(remark, actor=firm.owner, version=1, answer=Answer.DECLINED, text="It is the last one."),
        call(remark, actor=firm.author, version=1, answer=Answer.PROMISED),
    ]


@act(remarks.postpone_remark, second=Conflict)
def postpone_remark(firm):
    remark = said(firm)
    make_next(firm, remark.procedure, state="draft")
    remarks.answer_remark(remark, actor=firm.author, version=1, answer=Answer.PROMISED)
    return call(remark, actor=firm.author, version=2)
