"""Photos to patches: the same numbers as transformers' own processor, without it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from doubles.tiny_qwen.qwen3vl import PREPROCESSOR as QWEN3_VL
from PIL import Image
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import (
    Qwen2VLImageProcessorPil,
)

from productdesc.engines.qwen2vl.inputs.image_processor import (
    ImageProcessorConfig,
    image_processor_config,
    photo_grid,
    pixel_values,
    target_size,
)
from productdesc.engines.smart_resize import DEFAULT_MAX_PIXELS
from productdesc.errors import PhotoError
from productdesc.records import Photo

SIZES = ((400, 300), (57, 56), (56, 900), (1000, 30), (29, 31), (2000, 1500), (28, 28))


def photo(image: Image.Image) -> Photo:
    return Photo(image, "test", "0" * 64, "PNG", image.width, image.height)


def noise(width: int, height: int) -> Image.Image:
    rough = np.random.default_rng(width).integers(
        0, 256, (height // 7 + 2, width // 7 + 2, 3), dtype=np.uint8
    )
    return Image.fromarray(rough).resize((width, height), Image.Resampling.BILINEAR)


def difference(image: Image.Image, rule: ImageProcessorConfig) -> float:
    """The largest difference to transformers' processor; grids must be equal."""
    processor = Qwen2VLImageProcessorPil(
        size={"shortest_edge": rule.min_pixels, "longest_edge": rule.max_pixels},
        patch_size=rule.patch_size,
        image_mean=list(rule.mean),
        image_std=list(rule.std),
    )
    theirs = processor([image], return_tensors="np")
    ours = pixel_values(photo(image), rule)
    assert theirs["image_grid_thw"].tolist() == [[1, ours.grid_h, ours.grid_w]]
    assert ours.values.dtype == np.float32
    grid = photo_grid(photo(image), rule)
    assert grid.rows * grid.columns * 4 == len(ours.values)
    return float(np.abs(ours.values - theirs["pixel_values"]).max())


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
def test_patches_equal_those_of_transformers(size: tuple[int, int]) -> None:
    assert difference(noise(*size), ImageProcessorConfig()) < 1e-5
    small = ImageProcessorConfig(min_pixels=28 * 28 * 4, max_pixels=28 * 28 * 20)
    assert difference(noise(*size), small) < 1e-5


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
def test_patches_of_qwen3_vl_equal_those_of_transformers(size: tuple[int, int]) -> None:
    for max_pixels in (DEFAULT_MAX_PIXELS, 32 * 32 * 100):
        rule = image_processor_config(QWEN3_VL, max_pixels=max_pixels)
        assert rule.factor == 32
        assert difference(noise(*size), rule) < 1e-5


def test_patches_of_50_real_photos_equal_those_of_transformers(shared: Path) -> None:
    paths = sorted((shared / "photos").rglob("*.jp*g"))
    paths = paths[:: max(1, len(paths) // 50)][:50]
    assert len(paths) == 50
    rules = (
        ImageProcessorConfig(max_pixels=28 * 28 * 256),
        image_processor_config(QWEN3_VL, max_pixels=32 * 32 * 256),
    )
    worst = 0.0
    for path in paths:
        with Image.open(path) as image:
            pixels = image.convert("RGB")
        worst = max(worst, *(difference(pixels, rule) for rule in rules))
    assert worst < 1e-5


def test_a_checkpoint_of_either_layout_gives_the_same_rule() -> None:
    old = {"min_pixels": 3136, "max_pixels": 200_704, "patch_size": 14, "merge_size": 2}
    new = {"size": {"shortest_edge": 3136, "longest_edge": 200_704}}
    assert image_processor_config(old) == image_processor_config(new)
    assert image_processor_config(old).max_pixels == 200_704


def test_the_published_12_megapixels_are_bounded_unless_asked_for() -> None:
    config = json.loads('{"min_pixels": 3136, "max_pixels": 12845056}')
    assert image_processor_config(config).max_pixels == DEFAULT_MAX_PIXELS
    assert image_processor_config(config, max_pixels=12_845_056).max_pixels == 12_845_056
    assert image_processor_config(config, max_pixels=2_000).min_pixels == 2_000


def test_a_rule_without_room_is_refused_with_its_numbers() -> None:
    with pytest.raises(ValueError, match="min_pixels is 900 and max_pixels 800"):
        ImageProcessorConfig(min_pixels=900, max_pixels=800)


def test_a_photo_as_thin_as_a_thread_is_refused_with_its_size() -> None:
    with pytest.raises(PhotoError, match="20100x100"):
        target_size(20_100, 100, ImageProcessorConfig())
    assert all(side % 28 == 0 for side in target_size(20_000, 100, ImageProcessorConfig()))
