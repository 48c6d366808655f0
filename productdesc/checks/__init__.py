"""Checks: what a model wrote, against what is known; pure functions on text and facts.

`check.check` is all that the pipeline calls; `compose` fills a required field that has
nothing left.
To add a kind of claim: a row in `policy.py` and its words in `words/claims/`.
"""

from .check import CheckedText
from .fallback.compose import compose
from .policy import POLICY, RULES, CheckLimits, Policy, Rule

__all__ = [
    "POLICY",
    "RULES",
    "CheckLimits",
    "CheckedText",
    "Policy",
    "Rule",
    "compose",
]
