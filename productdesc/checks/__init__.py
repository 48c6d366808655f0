"""Checks: what a model wrote, against what is known; pure functions on text and facts.

`check` is all that the pipeline calls; `compose` fills a required field with nothing left.
To add a kind of claim: a row in `policy.py` and its words in `lexicon.py`.
"""

from .compose import compose
from .drafts import Checked, Draft, check
from .kinds import Settled, settled_kind
from .policy import POLICY, RULES, Limits, Policy, Rule

__all__ = [
    "POLICY",
    "RULES",
    "Checked",
    "Draft",
    "Limits",
    "Policy",
    "Rule",
    "Settled",
    "check",
    "compose",
    "settled_kind",
]
