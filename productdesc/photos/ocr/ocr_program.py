"""What a process that reads text does: RGB pixels in, lines of text out.

It runs in a child of `photos/worker/`. It imports rapidocr, whose models lie in its own
folder, and what that needs.
"""

from __future__ import annotations

import ctypes
import json
import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..worker.child_program import Program, Reply

if TYPE_CHECKING:
    import numpy

# One thread and no arena: each thread's heap and each arena take address space, of which
# there is 1 GB. Set before the libraries are imported, which read it then.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
MODELS = {"Det": "*_det_*.onnx", "Cls": "*_cls_*.onnx", "Rec": "*_rec_*.onnx"}
# onnxruntime 1.32 opens a file in the home folder, for an upload to its maker
SILENT = "ORT_DISABLE_TELEMETRY"
LINES_AT_ONCE = 1  # six, rapidocr's own figure, take 300 MB more
# malloc.h of the GNU C library: blocks from here on are given back as they are freed, and
# there is one heap; else the address space is soon in pieces
MALLOC = {-3: 2**20, -8: 1}  # M_MMAP_THRESHOLD (bytes), M_ARENA_MAX
WARM_UP = "warm up"  # drawn and read before the fence closes, so that all is loaded


class NotRead(Exception):
    """Why a photo's text is not read."""


class OcrProgram:
    """Reads one photo at a time; see `worker.child_program.Program`."""

    verb = "read"
    refused: type[Exception] = NotRead

    def prepare(self) -> dict[str, Any]:
        os.environ.update(dict.fromkeys((*ONE_THREAD, SILENT), "1"))
        _give_back_memory()
        import cv2
        import numpy
        from rapidocr import RapidOCR
        from rapidocr import __file__ as package

        cv2.setNumThreads(1)
        folder = Path(package).parent / "models"
        engine = "EngineConfig.onnxruntime"
        options: dict[str, Any] = {
            "Global.log_level": "critical",
            "Global.text_score": 0.0,  # the parent has the threshold
            "Global.max_side_len": 2**15,  # the parent has the size as well
            "Global.min_side_len": 1,
            "Det.limit_type": "max",
            "Det.limit_side_len": 2**15,
            "Rec.rec_batch_num": LINES_AT_ONCE,
            f"{engine}.intra_op_num_threads": 1,
            f"{engine}.inter_op_num_threads": 1,
            f"{engine}.enable_cpu_mem_arena": False,
        }
        # by path: a model that is named is looked for, and one that is missing downloaded
        for part, pattern in MODELS.items():
            [model] = folder.glob(pattern)
            options[f"{part}.model_path"] = str(model)
        self._read = RapidOCR(params=options)
        blank = numpy.full((64, 320, 3), 255, numpy.uint8)
        cv2.putText(blank, WARM_UP, (8, 44), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2)
        if not self._lines(blank):
            raise RuntimeError("the models read nothing")
        return {"rapidocr": version("rapidocr")}

    def answer(self, request: dict[str, Any], data: bytes) -> Reply:
        import numpy

        width, height = request["size"]
        rgb = numpy.frombuffer(data, numpy.uint8).reshape(height, width, 3)
        lines = self._lines(numpy.ascontiguousarray(rgb[:, :, ::-1]))  # BGR
        body = json.dumps(lines[: request["most"]]).encode()
        return Reply({}, len(body), [body])

    def _lines(self, bgr: numpy.ndarray[Any, Any]) -> list[list[Any]]:
        """[text, score, left, top, right, bottom] of each line, in pixels."""
        try:
            found = self._read(bgr)
        except Exception as e:  # onnxruntime and OpenCV have errors of their own for it
            if "alloc" in str(e).lower():
                raise MemoryError(str(e)) from e
            raise
        if found.txts is None or found.boxes is None:
            return []
        return [
            [
                *(text, float(score)),
                *(float(corners[:, axis].min()) for axis in (0, 1)),
                *(float(corners[:, axis].max()) for axis in (0, 1)),
            ]
            for text, score, corners in zip(
                found.txts, found.scores, found.boxes, strict=True
            )
        ]


def _give_back_memory() -> None:
    """Have the C library give memory back, where it is one that can be told to."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt is not None:
        for parameter, value in MALLOC.items():
            mallopt(parameter, value)


PROGRAM: Program = OcrProgram()
