"""The texts that procedures may begin with, for administrators; auditors look on."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procedures.actions.templates import change_template, replace_template, restore_template, save_as_template
from procedures.forms.starting import NewTemplateForm, TemplateForm
from procedures.permissions import get_latest_for, get_template_for, manages_templates, templates_visible_to
from procedures.permissions import reads_everything as sees_templates
from roles.views.common import done, posted
from sopdesk.lib.errors import Missing, NotPermitted, Refused


@require_safe
def templates(request: HttpRequest) -> HttpResponse:
    if not sees_templates(request.user):
        raise Missing()
    rows = templates_visible_to(request.user).select_related("created_by").defer("content")
    context = {"templates": rows.order_by("-is_active", "language", "name"), "manages": manages_templates(request.user)}
    return render(request, "procedures/templates.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def template(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at a template, rename and describe it, hide it or offer it again."""
    found = get_template_for(request.user, pk)
    manages = manages_templates(request.user)
    if request.method == "POST" and not manages:
        raise NotPermitted(_("Only administrators change templates."))
    form = TemplateForm(posted(request), instance=found)
    if request.method == "POST" and done(
        form, lambda: change_template(found, actor=request.user, fields=form.offered, base=form.began)
    ):
        messages.success(request, _("The template is saved."))
        return redirect("templates")
    context = {"form": form, "template": found, "manages": manages}
    return render(request, "procedures/template.html", context, status=form.status)


@require_POST
def template_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a built-in template its own text back."""
    restored = restore_template(get_template_for(request.user, pk), actor=request.user)
    messages.success(request, _("“%(name)s” has its first text again.") % {"name": restored.name})
    return redirect("template", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def template_new(request: HttpRequest, code: str) -> HttpResponse:
    """Make a template out of a procedure, or put its text in the place of one."""
    source = get_latest_for(request.user, code)
    if not manages_templates(request.user):
        raise NotPermitted(_("Only administrators change templates."))
    form = NewTemplateForm(request.POST or None, initial={"name": source.title[:120]})
    if form.is_valid():
        replaced, name = form.cleaned_data["replaces"], form.cleaned_data["name"]
        try:
            if replaced:
                saved = replace_template(replaced, source, actor=request.user)
            else:
                saved = save_as_template(
                    source, actor=request.user, name=name, description=form.cleaned_data["description"]
                )
        except Refused as error:
            form.add_error("name", error.message)
        else:
            messages.success(request, _("Authors can begin with “%(name)s” now.") % {"name": saved.name})
            return redirect("template", pk=saved.pk)
    context = {"form": form, "revision": source, "procedure": source.procedure}
    return render(request, "procedures/template_new.html", context, status=422 if form.is_bound else 200)
