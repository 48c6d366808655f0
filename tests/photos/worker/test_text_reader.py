"""The text reader: what it reads, what it does not believe, how its process lives."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from doubles.fences.packs import pack
from PIL import Image

from productdesc import cancel
from productdesc.errors import CancelError, EngineError, PhotoError
from productdesc.photos import ReadLimits, TextReader
from productdesc.photos.worker.child_pool import Keeping
from productdesc.photos.worker.child_process import Work

pytest.importorskip("rapidocr", reason="needs the extra ocr")

LYING = Work(
    program="doubles.fences.lying_reader",
    packages=("doubles",),
    noun="text reader",
    doing="reading",
    python_option="nothing",
)
LIES = 14
SLOW, LONG, ODD = 100, 101, 102


@pytest.fixture
def liar() -> Iterator[TextReader]:
    with TextReader(work=LYING) as reader:
        yield reader


@pytest.fixture(scope="module")
def reader() -> Iterator[TextReader]:
    with TextReader() as reader:
        yield reader


def says(lie: int) -> Image.Image:
    """A photo that has the double tell this lie; it is read in its own size."""
    return Image.new("RGB", (64, 64), (lie, 0, 0))


def children(of: Callable[[], object]) -> list[psutil.Process]:
    """The processes that something started and left running."""
    before = set(psutil.Process().children())
    of()
    return [*(set(psutil.Process().children()) - before)]


def told(process: psutil.Process) -> str:
    """What its command line says."""
    return " ".join(process.cmdline())


def gone(process: psutil.Process) -> bool:
    """Whether it ends within half a minute."""
    for _ in range(3000):
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.01)
    return False


# ---- real reading ----------------------------------------------------------------------


def test_the_lines_of_a_pack_come_with_score_and_place(reader: TextReader) -> None:
    lines = reader.read(pack("ORGANIC OAT MILK", "500 g"))
    assert [line.text for line in lines] == ["ORGANIC OAT MILK", "500 g"]
    for line in lines:
        assert 0.9 < line.score <= 1 and line.photo == 1
        left, top, right, bottom = line.box
        assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1
    assert lines[0].box[3] < lines[1].box[1]  # one stands above the other
    assert lines[0].place == "top"


def test_a_photo_without_text_has_no_lines(reader: TextReader) -> None:
    assert reader.read(Image.new("RGB", (320, 320), "white")) == ()


def test_the_widest_photo_and_a_page_full_of_text_fit_into_the_memory(
    reader: TextReader,
) -> None:
    page = pack(*["Organic oat milk without added sugar"] * 24, side=2048, size=44)
    assert len(reader.read(page)) >= 20
    assert len(reader.read(page.resize((2048, 60)))) < 20


def test_several_threads_take_turns(reader: TextReader) -> None:
    packs = {name: pack(name) for name in ("ACME", "OAT MILK", "BREAD", "CHEESE")}
    with ThreadPoolExecutor(4) as threads:
        read = [*threads.map(reader.read, packs.values())]
    assert [lines[0].text for lines in read] == list(packs)


def test_too_little_memory_is_this_photos_error(reader: TextReader) -> None:
    with TextReader(limits=ReadLimits(memory_bytes=300 * 2**20)) as small:
        page = pack(*["Organic oat milk"] * 20, side=1280, size=40)
        with pytest.raises(PhotoError, match=r"needs too much memory \(limit 300 MiB\)"):
            small.read(page)


def test_its_process_holds_no_file_and_no_connection(reader: TextReader) -> None:
    """onnxruntime would keep what it ran in a file of its maker's, and send it."""
    reader.read(pack("ACME"))
    readers = [one for one in psutil.Process().children() if "ocr_program" in told(one)]
    assert readers
    for one in readers:
        assert one.open_files() == [] and one.net_connections() == []


# ---- an answer is not believed -----------------------------------------------------------


def test_a_line_that_fits_is_taken(liar: TextReader) -> None:
    [line] = liar.read(says(0))
    # the photo is enlarged, so that its 64 px are 128 there
    assert (line.text, line.box) == ("Acme", (0.062, 0.062, 0.469, 0.234))


@pytest.mark.parametrize("lie", range(1, LIES))
def test_what_is_no_list_of_lines_is_refused(liar: TextReader, lie: int) -> None:
    with pytest.raises(PhotoError, match="an answer that does not fit"):
        liar.read(says(lie))


def test_an_answer_of_a_terabyte_ends_the_process(liar: TextReader) -> None:
    with pytest.raises(PhotoError, match="broke off"):
        liar.read(says(LONG))
    assert liar.read(says(0))


def test_escapes_are_taken_out_and_figures_held_within_their_range(
    liar: TextReader,
) -> None:
    [line] = liar.read(says(ODD))
    assert line.text.startswith("Ac[2Jme") and len(line.text) == 300
    assert line.text.isprintable()
    assert (line.score, line.box) == (1.0, (0, 0, 1, 1))


# ---- its process -----------------------------------------------------------------------


def test_a_process_that_was_killed_is_replaced(liar: TextReader) -> None:
    [process] = children(lambda: liar.read(says(0)))
    process.kill()
    process.wait()
    assert liar.read(says(0))


def test_a_photo_that_takes_too_long_is_ended(liar: TextReader) -> None:
    limits = ReadLimits(wall_seconds=0.5)
    with (
        TextReader(work=LYING, limits=limits) as reader,
        pytest.raises(PhotoError, match=r"more than 0\.5 s; the text reader was ended"),
    ):
        reader.read(says(SLOW))


def test_a_cancelled_call_ends_what_is_read(liar: TextReader) -> None:
    token = cancel.CancelToken()
    threading.Timer(0.3, token.cancel, (CancelError("enough"),)).start()
    began = time.monotonic()
    with cancel.using(token), pytest.raises(CancelError):
        liar.read(says(SLOW))
    assert time.monotonic() - began < 30


def test_an_idle_process_ends_and_comes_back() -> None:
    keeping = Keeping(processes=1, idle_seconds=0.2)
    with TextReader(work=LYING, keeping=keeping) as reader:
        [process] = children(lambda: reader.read(says(0)))
        assert gone(process)
        assert reader.read(says(0))


def test_a_process_that_is_used_does_not_end_as_idle() -> None:
    keeping = Keeping(processes=1, idle_seconds=5.0)
    with TextReader(work=LYING, keeping=keeping) as reader:
        [process] = children(lambda: reader.read(says(0)))
        for _ in range(5):
            reader.read(says(0))
        assert process.is_running()


def test_closing_ends_the_process() -> None:
    reader = TextReader(work=LYING)
    [process] = children(lambda: reader.read(says(0)))
    reader.close()
    assert gone(process)


WITHOUT = """
import sys
sys.modules["rapidocr"] = None
import productdesc
from productdesc.errors import EngineError
from productdesc.photos import TextReader
engine = productdesc.ScriptedEngine()
for ask in (TextReader, lambda: productdesc.describe(b"", engine, ocr=True)):
    try:
        ask()
    except EngineError as e:
        print(e)
"""


def test_without_the_extra_an_error_says_what_to_install() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True
    )
    says = 'reading text on packs needs rapidocr: pip install "productdesc[ocr]"'
    assert done.stdout.splitlines() == [says, says]


def test_an_interpreter_that_cannot_import_it_is_named() -> None:
    work = LYING._replace(program="doubles.fences.no_such_program")
    with TextReader(work=work) as reader, pytest.raises(EngineError, match="could not be"):
        reader.read(says(0))
