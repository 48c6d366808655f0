"""Evaluate: how right and how sure a model is, with intervals; see docs/evaluation.md."""

from __future__ import annotations

from .calibration import Calibration
from .comparison import Comparison, Difference, compare, compare_answered
from .detection import (
    DetectionPoint,
    detection_at,
    detection_curve,
    threshold_for_recall,
)
from .evaluation import Evaluation, evaluate
from .intervals import Figure
from .task import Case, Metric, Reply, Sample, Task
from .tasks.catalogue import catalogue_task
from .tasks.chair import Captions, chair_task
from .tasks.compared_prompts import paired_prompts, prompts_task
from .tasks.confidence import calibration_task
from .tasks.labels import Inputs
from .tasks.lies import lies_task
from .tasks.pope import PopeFiles, pope_task
from .tasks.robustness import robustness_task
from .tasks.shopify_catalogue import ShopifyRows, shopify_task
from .tasks.vqa import VqaFiles, vqa_task
from .vqa_accuracy import vqa_accuracy

__all__ = [
    "Calibration",
    "Captions",
    "Case",
    "Comparison",
    "DetectionPoint",
    "Difference",
    "Evaluation",
    "Figure",
    "Inputs",
    "Metric",
    "PopeFiles",
    "Reply",
    "Sample",
    "ShopifyRows",
    "Task",
    "VqaFiles",
    "calibration_task",
    "catalogue_task",
    "chair_task",
    "compare",
    "compare_answered",
    "detection_at",
    "detection_curve",
    "evaluate",
    "lies_task",
    "paired_prompts",
    "pope_task",
    "prompts_task",
    "robustness_task",
    "shopify_task",
    "threshold_for_recall",
    "vqa_accuracy",
    "vqa_task",
]
