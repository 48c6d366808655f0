"""The decoder process: its limits hold, it dies alone, and it leaves nothing behind."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image

from productdesc.errors import PhotoError
from productdesc.photos import Decoder, PhotoLimits, load

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has only the time limit")
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's process table")

# Default memory, and time enough on a busy machine.
UNHURRIED = PhotoLimits(cpu_seconds=60, wall_seconds=300)


def png(width: int = 80, height: int = 60, mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (width, height), "navy").save(file, "PNG", compress_level=1)
    return file.getvalue()


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    with Decoder(processes=1) as decoder:
        yield decoder


def process_of(decoder: Decoder) -> psutil.Process:
    """The process that a new decoder starts for its first photo, seen from outside."""
    before = set(psutil.Process().children())
    load(png(), decoder=decoder)
    [process] = set(psutil.Process().children()) - before
    return process


def eventually(true: Callable[[], bool]) -> bool:
    """Whether it becomes true within a minute."""
    for _ in range(6000):
        if true():
            return True
        time.sleep(0.01)
    return False


def run(root: Path, program: str, *arguments: str, **more: str) -> str:
    """What a program prints, run as a script without a main guard."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, **more},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- Limits ------------------------------------------------------------------------------


@posix
def test_a_photo_that_takes_too_much_processor_time_ends_the_process_not_the_program(
    decoder: Decoder,
) -> None:
    process = process_of(decoder)
    with pytest.raises(PhotoError, match=r"more than 0\.02 s of processor time"):
        load(png(5000, 5000), decoder=decoder, limits=PhotoLimits(cpu_seconds=0.02))
    assert not process.is_running()
    assert load(png(), decoder=decoder).image.size == (80, 60)


def test_a_photo_that_takes_too_long_ends_the_process_not_the_program(
    decoder: Decoder,
) -> None:
    process = process_of(decoder)
    with pytest.raises(PhotoError, match=r"more than 0\.02 s; the decoder was ended"):
        load(png(5000, 5000), decoder=decoder, limits=PhotoLimits(wall_seconds=0.02))
    assert not process.is_running()
    assert load(png(), decoder=decoder).image.size == (80, 60)


@linux
def test_a_photo_that_needs_too_much_memory_is_refused_with_the_figure(
    decoder: Decoder,
) -> None:
    with pytest.raises(PhotoError, match=r"too much memory \(limit 80 MiB\)"):
        load(png(5000, 5000), decoder=decoder, limits=PhotoLimits(memory_bytes=80 * 2**20))
    assert load(png(), decoder=decoder).image.size == (80, 60)


@linux
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P", "L"])
def test_the_largest_allowed_png_stays_within_the_default_memory(
    decoder: Decoder, mode: str
) -> None:
    photo = load(png(8000, 5000, mode), decoder=decoder, limits=UNHURRIED)
    assert photo.image.size == (2048, 1280)
    assert (photo.original_width, photo.original_height) == (8000, 5000)


@linux
def test_the_largest_allowed_webp_stays_within_the_default_memory(
    decoder: Decoder,
) -> None:
    file = io.BytesIO()
    Image.new("RGBA", (5000, 5000), (9, 9, 9, 99)).save(file, "WEBP", method=0, quality=10)
    photo = load(file.getvalue(), decoder=decoder, limits=UNHURRIED)
    assert photo.image.size == (2048, 2048)
    file = io.BytesIO()
    Image.new("RGB", (6000, 5000)).save(file, "WEBP", method=0, quality=10)
    with pytest.raises(PhotoError, match=r"30000000 pixels. exceeds limit of 25000000"):
        load(file.getvalue(), decoder=decoder)


@linux
def test_the_process_can_open_nothing_and_holds_nothing(decoder: Decoder) -> None:
    os.environ["CANARY_TOKEN"] = "canary-5512"
    try:
        with open(os.devnull) as secret:
            os.set_inheritable(secret.fileno(), True)
            process = process_of(decoder)
            links = Path(f"/proc/{process.pid}/fd").iterdir()
            assert sorted(int(link.name) for link in links) == [0, 1, 2]
    finally:
        del os.environ["CANARY_TOKEN"]
    allowed = {"LD_LIBRARY_PATH", "LC_CTYPE"}  # the second is set by Python itself
    assert set(process.environ()) <= allowed
    assert process.rlimit(psutil.RLIMIT_NOFILE) == (3, 3)
    assert process.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
    assert process.rlimit(psutil.RLIMIT_AS)[0] == PhotoLimits().memory_bytes
    loaded = Path(f"/proc/{process.pid}/maps").read_text()
    assert "numpy" not in loaded and "torch" not in loaded and "_ssl" not in loaded


# --- Deaths ------------------------------------------------------------------------------


def test_an_idle_process_that_died_is_replaced_and_no_photo_is_lost(
    decoder: Decoder,
) -> None:
    for _ in range(3):
        process = process_of(decoder)
        process.kill()
        assert eventually(lambda p=process: p.status() == psutil.STATUS_ZOMBIE)  # type: ignore[misc]


@posix
def test_a_death_in_the_middle_of_a_photo_is_that_photos_error(decoder: Decoder) -> None:
    process = process_of(decoder)
    process.suspend()
    errors: list[PhotoError] = []

    def work() -> None:
        try:
            load(png(), decoder=decoder)
        except PhotoError as e:
            errors.append(e)

    thread = threading.Thread(target=work)
    thread.start()
    process.send_signal(signal.SIGKILL)
    thread.join()
    # it died before or after the photo was handed over: lost with a reason, or repeated
    assert all("broke off" in str(e) for e in errors)
    assert load(png(), decoder=decoder).image.size == (80, 60)


def test_closing_ends_the_process_and_a_later_photo_starts_a_new_one() -> None:
    decoder = Decoder()
    process = process_of(decoder)
    decoder.close()
    assert not process.is_running()
    again = process_of(decoder)
    assert again != process
    decoder.close()


def test_a_forgotten_decoder_ends_its_process() -> None:
    decoder = Decoder()
    process = process_of(decoder)
    del decoder
    assert eventually(lambda: not process.is_running())


def test_after_many_photos_a_process_is_replaced(decoder: Decoder) -> None:
    first = process_of(decoder)
    data = png(56, 56, "L")
    for _ in range(500):
        load(data, decoder=decoder)
    assert not first.is_running()


PRINTS_ITS_DECODER = """
    import sys
    from pathlib import Path
    import psutil
    from productdesc.photos import load

    assert load(Path(sys.argv[1])).image.size == (80, 60)
    [process] = psutil.Process().children()
    print(process.pid, flush=True)
"""


def test_a_script_without_a_main_guard_works_and_leaves_no_process_behind(
    root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(png())
    pid = int(run(root, PRINTS_ITS_DECODER, str(path)))
    assert eventually(lambda: not psutil.pid_exists(pid))


@posix
def test_a_killed_program_leaves_no_process_behind(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(png())
    program = textwrap.dedent(PRINTS_ITS_DECODER) + "import time\ntime.sleep(600)\n"
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as popen:
        assert popen.stdout
        pid = int(popen.stdout.readline())
        popen.kill()
    assert eventually(
        lambda: (
            not psutil.pid_exists(pid)
            or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        )
    )


@posix
def test_a_forked_child_starts_its_own_process_and_spares_its_parents(
    root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(png())
    program = """
        import os, sys
        from pathlib import Path
        import psutil
        from productdesc.photos import load

        path = Path(sys.argv[1])
        load(path)
        [before] = psutil.Process().children()
        child = os.fork()
        load(path)
        if child == 0:
            [own] = psutil.Process().children()
            assert own != before
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        load(path)
        assert psutil.Process().children() == [before], psutil.Process().children()
        print("both loaded")
    """
    assert run(root, program, str(path)) == "both loaded\n"


@posix
def test_ctrl_c_reaches_the_program_and_not_the_decoder(decoder: Decoder) -> None:
    process = process_of(decoder)
    assert os.getpgid(process.pid) != os.getpgid(0)


@posix
def test_a_service_that_is_stopped_keeps_its_decoder_to_the_end(decoder: Decoder) -> None:
    """systemd tells every process of a service; the photos under way are needed yet."""
    process = process_of(decoder)
    process.terminate()
    for _ in range(3):
        assert load(png(), decoder=decoder).image.size == (80, 60)
    assert process.is_running() and process.status() != psutil.STATUS_ZOMBIE


@posix
def test_ctrl_c_while_a_decoder_starts_leaves_no_process_and_no_thread(root: Path) -> None:
    """The interrupts are spread over the time that a start takes on this machine."""
    program = """
        import gc, io, signal, threading, time
        import psutil
        from PIL import Image
        from productdesc.photos import Decoder, load

        file = io.BytesIO()
        Image.new("RGB", (80, 60), "navy").save(file, "PNG")
        data = file.getvalue()
        began = time.perf_counter()
        with Decoder(processes=1) as decoder:
            load(data, decoder=decoder)
        start = time.perf_counter() - began
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        interrupted = 0
        for n in range(60):
            decoder = Decoder(processes=1)
            try:
                signal.setitimer(signal.ITIMER_REAL, start * (n + 1) / 60)
                load(data, decoder=decoder)
                time.sleep(start)
            except KeyboardInterrupt:
                interrupted += 1
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            decoder.close()
        del decoder
        gc.collect()
        left = 1
        for _ in range(3000):  # those that nobody holds end as their pipes close
            left = len([
                one for one in psutil.Process().children()
                if one.status() != psutil.STATUS_ZOMBIE
            ])
            if not left and threading.active_count() == 1:  # threads end last
                break
            time.sleep(0.02)
        print(interrupted > 20, left, threading.active_count())
    """
    assert run(root, program) == "True 0 1\n"


# --- A process that cannot be trusted, or cannot be started ------------------------------


@posix
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff\xff\xff\xff{}",
        b"\0\0\0\2{}",
        b"\0\0\0\5hello",
        b'\0\0\0\x0c{"bytes":-1}',
        b'\0\0\0\x18{"bytes":9999999999999}\n',
        b'\0\0\0\x0b{"bytes":0}',
        b'\0\0\0\x32{"bytes":0,"format":"PNG","size":[80,60,80,60]}   ',
        b'\0\0\0\x3a{"bytes":0,"format":"PNG","size":["80",true,null,[60,1]]}  ',
    ],
)
def test_a_decoder_that_was_taken_over_can_only_spoil_its_own_photo(
    answer: bytes, tmp_path: Path
) -> None:
    ready = b'{"ready": true, "bytes": 0}'
    speech = tmp_path / "speech"
    speech.write_bytes(len(ready).to_bytes(4, "big") + ready + answer)
    liar = tmp_path / "liar"
    liar.write_text(f"#!/bin/sh\ncat {speech}\ncat > /dev/null\n")
    liar.chmod(0o755)
    limits = PhotoLimits(wall_seconds=0.5)
    with Decoder(python=str(liar)) as decoder, pytest.raises(PhotoError):
        load(png(), decoder=decoder, limits=limits)


def test_an_interpreter_that_is_not_there_is_named() -> None:
    with (
        Decoder(python="/nowhere/python") as decoder,
        pytest.raises(PhotoError, match="could not be started"),
    ):
        load(png(), decoder=decoder)


@posix
def test_an_interpreter_that_cannot_run_the_decoder_is_named() -> None:
    with (
        Decoder(python="/bin/false") as decoder,
        pytest.raises(PhotoError, match=r"started with /bin/false.*exit code 1"),
    ):
        load(png(), decoder=decoder)
