"""What axe is asked: contrast of what looks new, everything else of everything."""

from tests.browser import axe

PALE = "color: rgb(190, 190, 190); background: rgb(255, 255, 255)"


def test_what_looks_as_before_is_not_measured_again_and_what_changes_its_look_is(visit_as):
    visitor = visit_as(None)
    visitor.visit("/accounts/login/")
    page = visitor.page
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<p id=\"told\"></p>')")
    told = page.locator("#told")
    assert axe.violations(page) == [], "nothing is written there yet"
    told.evaluate("(told, style) => { told.style.cssText = style }", PALE)
    assert axe.violations(page) == []
    told.evaluate("(told) => { told.hidden = true; told.textContent = 'Too pale to read' }")
    assert axe.violations(page) == []
    told.evaluate("(told) => { told.hidden = false }")
    for _turn in range(2):  # what was found is not taken for measured
        [[rule, [element]]] = axe.violations(page)
        assert (rule, "told" in element) == ("color-contrast", True)
    told.evaluate("(told) => { told.style.color = 'rgb(60, 60, 60)' }")
    assert axe.violations(page) == []
    told.evaluate("(told) => { told.parentElement.style.backgroundColor = 'rgb(0, 0, 0)' }")
    told.evaluate("(told) => { told.style.backgroundColor = 'transparent' }")
    assert [rule for rule, _elements in axe.violations(page)] == ["color-contrast"]


def test_all_other_rules_are_asked_about_what_looks_as_before(visit_as):
    visitor = visit_as(None)
    visitor.visit("/accounts/login/")
    visitor.page.locator("html").evaluate("(html) => html.removeAttribute('lang')")
    assert [rule for rule, _elements in axe.violations(visitor.page)] == ["html-has-lang"]
