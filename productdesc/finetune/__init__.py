"""Fine-tuning: a LoRA adapter from a shop's own copy, tried on held-out products.

    base = finetune.BaseModel.find("Qwen/Qwen2-VL-2B-Instruct")
    finetune.make_data(lessons, base, Path("data"))
    finetune.train(Path("data"), base, Path("adapter"))

`make_data` runs the pipeline itself, so that what is taught is what is asked at inference.
`train` needs the extra `productdesc[finetune]`; nothing else here loads torch.
"""

from __future__ import annotations

from .data.base_model import BaseModel
from .data.data_folder import LeftOut, TuningData, read_data
from .data.lesson import EDITED_WEIGHT, Lesson, published_lesson
from .data.make_data import DataOptions, make_data
from .data.split import Shares
from .data.write_data import DataSummary
from .options import TrainOptions
from .training_run import TrainSummary, train

__all__ = [
    "EDITED_WEIGHT",
    "BaseModel",
    "DataOptions",
    "DataSummary",
    "LeftOut",
    "Lesson",
    "Shares",
    "TrainOptions",
    "TrainSummary",
    "TuningData",
    "make_data",
    "published_lesson",
    "read_data",
    "train",
]
