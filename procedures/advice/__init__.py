"""Writing advice for procedures: own rules over own word lists, in English and French.

`advise(content)` is the only entrance. How the rules were measured: `manage.py advicequality`.
"""

from procedures.advice.engine import advise, sentence_key
from procedures.advice.findings import Advice, Rule, Suggestion

__all__ = ["Advice", "Rule", "Suggestion", "advise", "sentence_key"]
