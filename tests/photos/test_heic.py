"""HEIC: phones' photos load by the extra, whatever they hold; without it they are named."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from doubles.files.heif_boxes import grid
from PIL import Image, ImageDraw, ImageOps

from productdesc.errors import PhotoError
from productdesc.photos import Decoder, PhotoLimits, load

FOLDER = Path(__file__).parents[1] / "data" / "heic"
FILES = sorted(FOLDER.glob("*.heic"))
UNHURRIED = PhotoLimits(cpu_seconds=60, wall_seconds=300)

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's process table")


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder(processes=1) as decoder:
        yield decoder


def picture(width: int = 120, height: int = 80) -> Image.Image:
    """What the files were made of."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    ImageDraw.Draw(image).rectangle((4, 4, width // 3, height // 3), fill=(220, 20, 30))
    return image


def unlike(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of a channel, of 255."""
    assert (one.mode, one.size) == (other.mode, other.size)
    pairs = zip(one.tobytes(), other.tobytes(), strict=True)
    return sum(abs(a - b) for a, b in pairs) / len(one.tobytes())


def test_a_phones_photo_loads_as_every_other_does() -> None:
    photo = load(FOLDER / "plain.heic")
    assert (photo.format, photo.original_width, photo.original_height) == ("HEIC", 120, 80)
    assert unlike(photo.image, picture()) < 3
    assert photo.image.info == {}


def test_ten_bits_become_eight() -> None:
    assert unlike(load(FOLDER / "ten_bit.heic").image, picture()) < 3


def test_what_is_transparent_becomes_white() -> None:
    image = load(FOLDER / "alpha.heic").image
    assert image.getpixel((100, 40)) == (255, 255, 255)
    assert unlike(image.crop((0, 0, 56, 80)), picture().crop((0, 0, 56, 80))) < 3


def test_of_several_pictures_the_primary_one_is_taken() -> None:
    assert unlike(load(FOLDER / "burst.heic").image, picture()) < 3


@pytest.mark.parametrize("orientation", [3, 5, 6, 8])
def test_a_turned_photo_is_set_upright_once(orientation: int) -> None:
    given = picture()
    given.getexif()[0x0112] = orientation
    upright = ImageOps.exif_transpose(given)
    photo = load(FOLDER / f"turned_{orientation}.heic")
    assert (photo.original_width, photo.original_height) == upright.size
    assert unlike(photo.image, upright) < 3


def test_the_tiles_of_a_phones_photo_become_one_picture() -> None:
    image = load(grid(2, 2, 1000, 900)).image
    tile = load(FOLDER / "tile.heic").image
    assert image.size == (1000, 900)
    assert unlike(image.crop((512, 0, 1000, 512)), tile.crop((0, 0, 488, 512))) < 1
    turned = load(grid(2, 2, 1000, 900, turns=1)).image
    assert unlike(turned, image.transpose(Image.Transpose.ROTATE_90)) < 1


@linux
def test_a_phones_48_million_pixels_load_within_the_default_memory(
    decoder: Decoder,
) -> None:
    before = set(psutil.Process().children())
    limits = UNHURRIED
    photo = load(grid(16, 12, 8064, 6048, turns=3), decoder=decoder, limits=limits)
    assert (photo.original_width, photo.original_height) == (6048, 8064)
    assert photo.image.size == (1536, 2048)
    for process in set(psutil.Process().children()) - before:
        peak = Path(f"/proc/{process.pid}/status").read_text().split("VmPeak:")[1]
        assert int(peak.split()[0]) * 1024 <= limits.memory_bytes


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (grid(20, 16, 10_000, 8_000), "80000000 pixels. exceeds limit of 50000000"),
        (grid(16, 13, 8064, 6300), "50803200 pixels. exceeds limit of 50000000"),
        (grid(1, 1, 512, 40), "a side is under 56 px"),
        (grid(2, 2, 1000, 900, claimed=(800, 600)), "does not have the size"),
        (grid(2, 2, 60_000, 60_000, claimed=(800, 600)), "too much memory"),
        (grid(3, 3, 1400, 1400)[:-900], "cannot be decoded|incomplete"),
    ],
)
def test_a_photo_beyond_a_limit_or_with_a_lie_in_it_is_refused_with_the_reason(
    decoder: Decoder, data: bytes, reason: str
) -> None:
    with pytest.raises(PhotoError, match=reason):
        load(data, decoder=decoder, limits=UNHURRIED)
    assert load(FOLDER / "plain.heic", decoder=decoder).format == "HEIC"


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Cut short, with bytes changed, with a length that lies, or with bytes between."""
    changed = bytearray(data)
    at = chance.randrange(12, len(data))
    match chance.randrange(4):
        case 0:
            return bytes(changed[:at])
        case 1:
            for _ in range(chance.randrange(1, 12)):
                changed[chance.randrange(12, len(data))] = chance.randrange(256)
        case 2:
            changed[at : at + 4] = chance.choice((0xFFFFFFFF, 0x7FFFFFFF, 0, 1)).to_bytes(4)
        case _:
            changed[at:at] = chance.randbytes(chance.randrange(1, 40))
    return bytes(changed)


def test_a_damaged_photo_is_a_photo_or_a_reason_and_the_next_one_loads(
    decoder: Decoder,
) -> None:
    chance = random.Random(19)
    sources = [*(path.read_bytes() for path in FILES), grid(2, 2, 700, 600)]
    ended = {"photo": 0, "reason": 0}
    for _ in range(400):
        try:
            load(damaged(chance.choice(sources), chance), decoder=decoder)
            ended["photo"] += 1
        except PhotoError as e:
            assert len(str(e)) > 40
            ended["reason"] += 1
    assert min(ended.values()) > 50, ended
    assert load(FOLDER / "plain.heic", decoder=decoder).format == "HEIC"


WITHOUT_THE_EXTRA = """
import sys
from pathlib import Path
sys.modules["pi_heif"] = None  # as where it is not installed
from productdesc.errors import PhotoError
from productdesc.photos import load
try:
    load(Path(sys.argv[1]))
except PhotoError as e:
    print(e)
"""


def test_without_the_extra_the_message_names_the_format_and_the_command(
    root: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_EXTRA, str(FOLDER / "plain.heic")],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "a HEIC photo" in done.stdout
    assert 'pip install "productdesc[heic]"' in done.stdout


def test_a_stub_of_a_photo_is_named_by_its_format() -> None:
    faults = Path(__file__).parents[1] / "data" / "faults" / "o08_heic_folder"
    for path in sorted(faults.iterdir()):
        with pytest.raises(PhotoError) as caught:
            load(path)
        assert "HEIC" in str(caught.value).replace(path.name, "")
        assert "damaged or incomplete" in str(caught.value)
