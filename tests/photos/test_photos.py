"""Photo intake: every kind of source, every documented step on its pixels."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import socket
import subprocess
import sys
import threading
import warnings
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageCms, ImageDraw, ImageOps

from productdesc.errors import PhotoError
from productdesc.net import Policy
from productdesc.photos import FORMATS, PhotoLimits, load
from productdesc.records import Photo


def picture(width: int = 120, height: int = 80, mode: str = "RGB") -> Image.Image:
    """A gradient with a red box in its upper left corner, so that turns show."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    ImageDraw.Draw(image).rectangle((4, 4, width // 3, height // 3), fill=(220, 20, 30))
    return image.convert(mode)


def encoded(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def same(one: Image.Image, other: Image.Image, *, by: int = 0) -> bool:
    """Whether two images have one mode and size and no channel is further off than `by`."""
    if (one.mode, one.size) != (other.mode, other.size):
        return False
    histogram = ImageChops.difference(one, other).histogram()
    return not any(n for i, n in enumerate(histogram) if i % 256 > by)


# --- Sources -----------------------------------------------------------------------------


def test_a_path_bytes_and_an_image_object_give_the_same_pixels(tmp_path: Path) -> None:
    data = encoded(picture())
    path = tmp_path / "shoe.png"
    path.write_bytes(data)
    photos = [load(path), load(data), load(bytearray(data)), load(Image.open(path))]
    for photo in photos:
        assert same(photo.image, picture())
        assert (photo.original_width, photo.original_height) == (120, 80)
        assert photo.format == "PNG"
    assert photos[0].name == str(path)
    assert photos[0].sha256 == photos[1].sha256 == hashlib.sha256(data).hexdigest()


def test_a_photo_comes_back_as_it_is() -> None:
    photo = load(encoded(picture()))
    assert load(photo) is photo


def test_the_given_image_object_is_never_the_result_and_never_changed() -> None:
    given = picture()
    photo = load(given)
    given.paste((0, 0, 0), (0, 0, 50, 50))
    assert same(photo.image, picture())


@pytest.mark.parametrize(
    "text",
    ["shoe.jpg", "/etc/passwd", "file:///etc/passwd", "data:image/png;base64,AAAA", ""],
)
def test_a_text_never_opens_a_file(text: str) -> None:
    with pytest.raises(PhotoError, match=r"pathlib\.Path"):
        load(text)


def test_plain_http_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(PhotoError, match="is not https"):
        load("http://shop.example.com/shoe.jpg")


@pytest.mark.parametrize("source", [None, 3, 2.5, ["a.jpg"], object()])
def test_any_other_type_is_a_type_error(source: object) -> None:
    with pytest.raises(TypeError, match=r"pathlib\.Path"):
        load(source)


def test_an_unknown_format_name_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="TIFF"):
        load(b"x", formats=("TIFF",))


# --- Local files -------------------------------------------------------------------------


def test_what_is_not_a_regular_file_is_refused_by_its_kind(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="folder"):
        load(tmp_path)
    with pytest.raises(PhotoError, match="no such file"):
        load(tmp_path / "missing.jpg")
    with pytest.raises(PhotoError, match="not readable"):
        load(Path("a\0b.jpg"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_fifo_a_device_and_a_socket_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(PhotoError, match="FIFO"):
        load(tmp_path / "pipe.jpg")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "pipe.jpg")
    with pytest.raises(PhotoError, match="FIFO"):
        load(tmp_path / "link.jpg")
    with pytest.raises(PhotoError, match="device"):
        load(Path("/dev/zero"))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        with pytest.raises(PhotoError, match="socket"):
            load(tmp_path / "s")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="links need rights on Windows")
def test_a_link_to_a_photo_is_followed_and_a_loop_of_links_is_refused(
    tmp_path: Path,
) -> None:
    (tmp_path / "shoe.png").write_bytes(encoded(picture()))
    (tmp_path / "link.png").symlink_to("shoe.png")
    assert same(load(tmp_path / "link.png").image, picture())
    (tmp_path / "round.png").symlink_to("round.png")
    with pytest.raises(PhotoError, match="not readable"):
        load(tmp_path / "round.png")


def test_empty_and_oversized_sources_are_refused_with_their_size(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").write_bytes(b"")
    for source in (tmp_path / "empty.jpg", b""):
        with pytest.raises(PhotoError, match=r"empty \(0 bytes\)"):
            load(source)
    (tmp_path / "long.jpg").write_bytes(bytes(1001))
    for source in (tmp_path / "long.jpg", bytes(1001)):
        with pytest.raises(PhotoError, match="1001 bytes; 1000 is the limit"):
            load(source, limits=PhotoLimits(max_bytes=1000))


# --- Formats -----------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["BMP", "TIFF", "ICO", "PPM", "PCX", "TGA", "DDS"])
def test_formats_off_the_list_are_refused(format: str) -> None:
    with pytest.raises(PhotoError, match="not a photo in JPEG, PNG, WEBP, GIF, AVIF"):
        load(encoded(picture(), format))


@pytest.mark.parametrize("format", [f for f in FORMATS if f != "HEIC"])
def test_formats_on_the_list_load_by_their_bytes_alone(format: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.ending"
    path.write_bytes(encoded(picture(), format))
    photo = load(path)
    assert photo.format == format
    assert same(photo.image, Image.open(path).convert("RGB"))


def test_a_format_can_be_taken_off_the_list() -> None:
    with pytest.raises(PhotoError, match="not a photo in JPEG or PNG"):
        load(encoded(picture(), "GIF"), formats=("JPEG", "PNG"))


def test_of_a_moving_picture_the_first_frame_is_taken() -> None:
    frames = [picture(), picture().rotate(180)]
    for format in ("GIF", "PNG", "WEBP"):
        options = {"lossless": True} if format == "WEBP" else {}
        data = encoded(
            frames[0], format, save_all=True, append_images=frames[1:], **options
        )
        assert same(load(data).image, Image.open(io.BytesIO(data)).convert("RGB"))


# --- Pixels ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"]
)
def test_every_mode_becomes_the_rgb_that_pillow_makes_of_it(mode: str) -> None:
    image = picture().convert("P").convert("PA") if mode == "PA" else picture(mode=mode)
    assert same(load(image).image, image.convert("RGB"))


def test_of_sixteen_bit_grey_the_high_byte_is_taken() -> None:
    grey = Image.new("I;16", (60, 60))
    for y in range(60):
        for x in range(60):
            grey.putpixel((x, y), (x * 256 + 255) if x < 59 else 65535)
    photo = load(encoded(grey))
    assert [photo.image.getpixel((x, 5)) for x in (0, 1, 58, 59)] == [
        (0, 0, 0),
        (1, 1, 1),
        (58, 58, 58),
        (255, 255, 255),
    ]


def test_what_is_transparent_becomes_white() -> None:
    clear = picture(mode="RGBA")
    clear.putalpha(0)
    half = Image.new("RGBA", (60, 60), (0, 0, 0, 128))
    palette = picture().quantize(8)
    corner = palette.getpixel((10, 10))
    for image, point, colour in [
        (encoded(clear), (50, 50), 255),
        (encoded(half), (5, 5), 127),
        (encoded(palette, "PNG", transparency=corner), (10, 10), 255),
        (encoded(palette, "GIF", transparency=corner), (10, 10), 255),
        (encoded(Image.new("RGB", (60, 60)), "PNG", transparency=(0, 0, 0)), (5, 5), 255),
        (encoded(Image.new("L", (60, 60), 7), "PNG", transparency=7), (5, 5), 255),
        (encoded(clear.convert("LA")), (50, 50), 255),
    ]:
        assert load(image).image.getpixel(point) == (colour,) * 3


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(9))
def test_a_turned_photo_is_set_upright(format: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(picture(), format, exif=exif)
    opened = Image.open(io.BytesIO(data))
    wanted = ImageOps.exif_transpose(opened).convert("RGB")
    photo = load(data)
    assert same(photo.image, wanted)
    assert (photo.original_width, photo.original_height) == wanted.size
    assert same(load(Image.open(io.BytesIO(data))).image, wanted)


@pytest.mark.parametrize("exif", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"junk"])
def test_broken_exif_is_left_aside(exif: bytes) -> None:
    photo = load(encoded(picture(), "JPEG", exif=exif))
    assert (photo.original_width, photo.original_height) == (120, 80)


def swapped_profile() -> bytes:
    """sRGB with its red and green primaries swapped, under another name."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = data.replace(b"rXYZ", b"?XYZ").replace(b"gXYZ", b"rXYZ")
    data = data.replace(b"?XYZ", b"gXYZ")
    return data.replace("sRGB".encode("utf-16-be"), "Swap".encode("utf-16-be"))


def test_a_colour_profile_is_converted_to_srgb_and_a_broken_one_left_aside() -> None:
    image = picture()
    profile = ImageCms.ImageCmsProfile(io.BytesIO(swapped_profile()))
    wanted = ImageCms.profileToProfile(
        image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert wanted is not None
    assert not same(wanted, image, by=5)
    assert same(load(encoded(image, "PNG", icc_profile=swapped_profile())).image, wanted)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert same(load(encoded(image, "PNG", icc_profile=srgb)).image, image)
    assert same(load(encoded(image, "PNG", icc_profile=b"junk" * 50)).image, image)


def test_a_long_photo_is_shrunk_and_its_original_size_kept() -> None:
    image = picture(1200, 400)
    photo = load(encoded(image), limits=PhotoLimits(kept_side=300))
    assert photo.image.size == (300, 100)
    assert (photo.original_width, photo.original_height) == (1200, 400)
    assert same(photo.image, image.resize((300, 100), Image.Resampling.LANCZOS), by=4)


def test_a_large_jpeg_that_is_decoded_small_still_looks_the_same() -> None:
    image = picture(2400, 1600)
    data = encoded(image, "JPEG", quality=95)
    photo = load(data, limits=PhotoLimits(kept_side=500))
    assert photo.image.size == (500, 333)
    assert (photo.original_width, photo.original_height) == (2400, 1600)
    whole = Image.open(io.BytesIO(data)).resize((500, 333), Image.Resampling.LANCZOS)
    difference = ImageChops.difference(photo.image, whole).convert("L")
    assert sum(i * n for i, n in enumerate(difference.histogram())) / (500 * 333) < 1


FAULTS = Path(__file__).parents[1] / "data" / "faults"


def test_a_phones_48_million_pixels_are_decoded_at_a_quarter_and_load() -> None:
    photo = load(FAULTS / "o19_48_megapixels.jpg")
    assert (photo.original_width, photo.original_height) == (8064, 6048)
    assert photo.image.size == (2016, 1512)


def large_jpeg(width: int, height: int, **options: Any) -> bytes:
    return encoded(Image.linear_gradient("L").resize((width, height)), "JPEG", **options)


@pytest.mark.parametrize(
    ("data", "limits", "reason"),
    [
        (large_jpeg(15_000, 13_500), {}, "202500000 pixels. exceeds limit of 200000000"),
        (
            large_jpeg(7200, 7200, progressive=True),
            {},
            r"51\.8 million pixels; 50\.0 is the limit",
        ),
        (
            large_jpeg(4000, 3000),
            {"max_pixels": 2_999_999},
            r"2000x1500 px: 3\.0 million pixels; 3\.0 is the limit",
        ),
        (
            large_jpeg(2000, 2000),
            {"max_pixels": 3_000_000},
            r"2000x2000 px: 4\.0 million pixels; 3\.0 is the limit",
        ),
    ],
)
def test_a_jpeg_is_judged_by_what_is_decoded_and_by_what_its_header_costs(
    data: bytes, limits: dict[str, int], reason: str
) -> None:
    with pytest.raises(PhotoError, match=reason):
        load(data, limits=PhotoLimits(**limits))


def test_a_progressive_jpeg_of_48_million_pixels_loads() -> None:
    data = large_jpeg(8064, 6048, progressive=True)
    limits = PhotoLimits(cpu_seconds=60, wall_seconds=300)
    assert load(data, limits=limits).image.size == (2016, 1512)


def moving(frames: list[Image.Image], format: str) -> bytes:
    options = {"lossless": True} if format == "WEBP" else {"quality": 100}
    options = {} if format in ("GIF", "PNG") else options
    return encoded(frames[0], format, save_all=True, append_images=frames[1:], **options)


BLANK = Image.new("RGB", (120, 80), "white")
FAINT = Image.blend(BLANK, picture(), 0.2)


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize(
    ("frames", "taken"),
    [
        ([BLANK, FAINT, picture(), picture().rotate(180)], 3),
        ([BLANK, FAINT, BLANK.copy()], 2),
        ([picture(), BLANK], 0),
    ],
    ids=["clear", "faint", "first"],
)
def test_of_an_animation_that_begins_blank_the_first_clear_frame_is_taken(
    format: str, frames: list[Image.Image], taken: int
) -> None:
    photo = load(moving(frames, format))
    assert photo.frame == taken
    shown = photo.image.convert("L").getextrema()
    wanted = frames[max(0, taken - 1)].convert("L").getextrema()
    assert all(abs(a - b) < 12 for a, b in zip(shown, wanted, strict=True))  # type: ignore[operator]


def test_a_blank_still_picture_and_a_blank_animation_are_told_apart() -> None:
    assert load(encoded(BLANK, "GIF")).frame == 0
    blanks = [Image.new("RGB", (120, 80), (250, 250, 240 + n)) for n in range(4)]
    assert load(moving(blanks, "GIF")).frame == 1


def test_only_so_many_frames_are_looked_at_and_a_broken_one_ends_the_looking() -> None:
    blanks = [Image.new("RGB", (120, 80), (240 + n % 9, 250, 250)) for n in range(30)]
    assert load(moving([*blanks, picture()], "GIF")).frame == 1
    whole = moving([BLANK, FAINT, picture()], "GIF")
    lengths = range(400, len(whole), 150)
    assert {load(whole[:length]).frame for length in lengths} == {0, 2}


def test_nothing_but_pixels_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "canary-8731"
    data = encoded(picture(), "JPEG", exif=exif, comment=b"canary-8731") + b"PK canary-8731"
    photo = load(data)
    assert b"canary" not in photo.image.tobytes()
    assert photo.image.info == {}


# --- Sizes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        ((55, 200), "55x200 px: a side is under 56 px"),
        ((200, 55), "200x55 px: a side is under 56 px"),
        ((56, 2100), "38 times as long as wide"),
    ],
)
def test_too_small_and_too_thin_photos_are_refused(
    size: tuple[int, int], reason: str
) -> None:
    for source in (encoded(picture(*size)), picture(*size)):
        with pytest.raises(PhotoError, match=reason):
            load(source)


def test_a_photo_at_the_limits_loads_with_both_sides_at_least_a_patch() -> None:
    assert load(encoded(picture(56, 56))).image.size == (56, 56)
    assert min(load(encoded(picture(80, 2880))).image.size) >= 56


def header_only_png(width: int, height: int) -> bytes:
    """The head of a PNG that claims a size and holds no pixels."""
    data = bytearray(encoded(Image.new("1", (60, 60))))
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        ((7000, 7000), "49.0 million pixels|exceeds limit of 40000000"),
        ((60000, 60000), "exceeds limit of 40000000"),
        ((20001, 1000), "a side is over 20000 px"),
    ],
)
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int], reason: str) -> None:
    with pytest.raises(PhotoError, match=reason):
        load(header_only_png(*size))


def test_a_truncated_photo_is_refused_not_filled_with_grey() -> None:
    for format in ("JPEG", "PNG", "WEBP"):
        data = encoded(picture(400, 300), format)
        with pytest.raises(PhotoError, match="cannot be decoded"):
            load(data[: len(data) // 2])


def test_an_error_names_the_source_the_reason_and_what_the_bytes_look_like(
    tmp_path: Path,
) -> None:
    path = tmp_path / "error-page.jpg"
    path.write_bytes(b"<html><body>Not found</body></html>")
    with pytest.raises(PhotoError) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert "its 35 bytes begin with b'<html><body>'" in str(caught.value)


# --- Many at once ------------------------------------------------------------------------


def test_eight_threads_load_at_once_and_each_gets_its_own_photo() -> None:
    colours = [(i * 30, 255 - i * 30, 99) for i in range(8)]
    wrong: list[tuple[int, int, int]] = []

    def work(colour: tuple[int, int, int]) -> None:
        for _ in range(6):
            photo = load(encoded(Image.new("RGB", (60, 60), colour)))
            if photo.image.getpixel((30, 30)) != colour:
                wrong.append(colour)

    threads = [threading.Thread(target=work, args=(c,)) for c in colours]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_importing_photos_loads_neither_pillow_nor_httpx(root: Path) -> None:
    program = "import sys, productdesc.photos as p; p.load; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {"PIL", "httpx", "tenacity", "numpy", "torch"} & set(done.stdout.split())


# --- The collection of bad inputs --------------------------------------------------------


def is_blank(image: Image.Image) -> bool:
    return all(low == high for low, high in image.convert("RGB").getextrema())  # type: ignore[misc]


def reference(path: Path) -> Image.Image:
    """The documented steps for a photo of at most 2048 px, written out plainly."""
    image: Image.Image = Image.open(path)
    image.load()
    profile = image.info.get("icc_profile")
    with contextlib.suppress(SyntaxError, ValueError, OSError):
        image = ImageOps.exif_transpose(image)
    if image.mode == "I;16":
        image = image.point(lambda v: v / 256).convert("L")
    alpha = None
    if image.has_transparency_data:
        image = image if image.mode == "LA" else image.convert("RGBA")
        alpha = image.getchannel("A")
        image = image.convert("L" if image.mode == "LA" else "RGB")
    elif image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" not in ImageCms.getProfileDescription(source):
                target = ImageCms.createProfile("sRGB")
                image = (
                    ImageCms.profileToProfile(image, source, target, outputMode="RGB")
                    or image
                )
        except (ImageCms.PyCMSError, OSError):
            pass
    image = image.convert("RGB")
    if alpha is not None:
        image = Image.composite(image, Image.new("RGB", image.size, "white"), alpha)
    return image


def test_every_bad_input_ends_in_a_photo_or_a_reason(shared: Path) -> None:
    folder = shared / "bad-inputs" / "images"
    rows = [json.loads(line) for line in (folder / "outcomes.jsonl").open()]
    assert len(rows) == 1417
    unlike, lost, ended = [], [], {"photo": 0, "error": 0}
    limits = PhotoLimits()
    for row in rows:
        path = folder / row["file"]
        photo: Photo | None = None
        try:
            photo = load(path)
            ended["photo"] += 1
        except PhotoError as e:
            ended["error"] += 1
            assert str(path) in str(e)
            assert len(str(e)) > len(str(path)) + 10
            # its own limits did not have to end the decoder for any of them
            assert "took more than" not in str(e)
            assert "too much memory" not in str(e)
            assert "broke off" not in str(e)
        sides = row.get("size") or [0, 0]
        should_load = (
            row["outcome"] == "ok"
            and row["format"] in ("JPEG", "MPO", "PNG", "WEBP")
            and min(sides) >= limits.min_side
            and sides[0] * sides[1] <= limits.max_pixels
        )
        if should_load and photo is None:
            lost.append(row["file"])
        elif should_load and photo:
            with warnings.catch_warnings(action="ignore"):  # Pillow's, of broken files
                wanted = reference(path)
            # of an animation whose first frame is blank another one is taken
            fades_in = row.get("frames", 1) > 1 and is_blank(wanted)
            if not (same(photo.image, wanted) or fades_in):
                unlike.append(row["file"])
    assert lost == []
    assert unlike == []
    assert sum(ended.values()) == 1417
    assert ended["photo"] > 200


def test_the_page_about_photos_states_the_limits_as_they_are(root: Path) -> None:
    page = (root / "docs" / "photos-and-security.md").read_text("utf-8")
    _, _, limits_on = page.partition("## Limits of a photo")
    before, _, after = limits_on.partition("### Limits of reading")  # of another reader
    limits_on = before + after.partition("\n## ")[2]
    stated = dict(re.findall(r"^\| `(\w+)` \| ([^|]*?) \|", limits_on, re.MULTILINE))
    for limits in (PhotoLimits(), Policy()):
        for name, value in limits._asdict().items():
            if isinstance(value, bool):
                assert stated.pop(name) == str(value)
            elif isinstance(value, int | float):
                assert float(stated.pop(name).split()[0]) == value, name
    assert stated.pop("schemes") == " ".join(Policy().schemes)
    assert stated.pop("ports") == ", ".join(map(str, sorted(Policy().ports)))
    assert set(stated) == {"allowed_hosts", "allowed_networks"}
