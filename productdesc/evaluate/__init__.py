"""Evaluate: how right and how sure a model is, with intervals; see docs/evaluation.md."""

from __future__ import annotations

from .calibration import Calibration
from .comparison import Comparison, Difference, compare
from .evaluation import Evaluation, evaluate
from .intervals import Figure
from .task import Case, Metric, Reply, Sample, Task
from .tasks.catalogue import catalogue_task
from .tasks.confidence import calibration_task
from .tasks.labels import Inputs
from .tasks.vqa import VqaFiles, vqa_task
from .vqa_accuracy import vqa_accuracy

__all__ = [
    "Calibration",
    "Case",
    "Comparison",
    "Difference",
    "Evaluation",
    "Figure",
    "Inputs",
    "Metric",
    "Reply",
    "Sample",
    "Task",
    "VqaFiles",
    "calibration_task",
    "catalogue_task",
    "compare",
    "evaluate",
    "vqa_accuracy",
    "vqa_task",
]
