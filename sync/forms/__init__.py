"""What the answers to a form mean: shown, worked out, judged, missing. Rule: pure, as in the app.

`static/pwa/src/core/forms` is the same in TypeScript; `tests/vectors/forms` holds both to it.
A form is read once, from top to bottom: a condition or a calculation sees only what stands
above it, so nothing can loop, and an answer never changes what is asked above it.
"""

from sync.forms.answers import answer_problem
from sync.forms.check import check_form
from sync.forms.evaluation import evaluate, rest_items
from sync.forms.states import Evaluation, ItemState, Reason, SectionState, Totals

__all__ = [
    "Evaluation",
    "ItemState",
    "Reason",
    "SectionState",
    "Totals",
    "answer_problem",
    "check_form",
    "evaluate",
    "rest_items",
]
