"""A small convolutional net that learns the kinds first and then teaches the tower.

Convolutions learn from two thousand photos far faster than a transformer does.  It is
trained from scratch on the same training photos, and is not part of the shipped model.
"""

from torch import Tensor, nn
from torch.nn import functional as F


class _Block(nn.Module):
    def __init__(self, inward: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inward, out, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out)
        self.skip: nn.Module = nn.Identity()
        if stride > 1 or inward != out:
            self.skip = nn.Sequential(
                nn.AvgPool2d(stride, ceil_mode=True) if stride > 1 else nn.Identity(),
                nn.Conv2d(inward, out, 1, bias=False),
                nn.BatchNorm2d(out),
            )
        nn.init.zeros_(self.norm2.weight)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        return F.relu(self.skip(x) + y)


class Teacher(nn.Module):
    """(photos, 3, any height, any width) normalised -> logits, (photos, kinds)."""

    def __init__(self, kinds: int, width: int = 32) -> None:
        super().__init__()
        w = width
        self.stem = nn.Sequential(
            nn.Conv2d(3, w, 5, 2, 2, bias=False),
            nn.BatchNorm2d(w),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.body = nn.Sequential(
            _Block(w, w, 1),
            _Block(w, 2 * w, 2),
            _Block(2 * w, 2 * w, 1),
            _Block(2 * w, 4 * w, 2),
            _Block(4 * w, 4 * w, 1),
            _Block(4 * w, 4 * w, 1),
            _Block(4 * w, 8 * w, 2),
            _Block(8 * w, 8 * w, 1),
        )
        self.head = nn.Linear(8 * w, kinds)

    def forward(self, pixels: Tensor) -> Tensor:
        return self.look(pixels)[0]

    def look(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Logits, and the last feature map (photos, 8 * width, rows / 32, columns / 32)."""
        features = self.body(self.stem(pixels))
        means = F.dropout(features.mean((2, 3)), 0.2, self.training)
        return self.head(means), features
