"""Serving starts without the training libraries."""

from __future__ import annotations

import subprocess
import sys

SERVING = (
    "arrays errors intent_head mood progress regression tagger units "
    "encoders.ngrams encoders.pooling encoders.runtime encoders.tokens encoders.weights "
    "filling.formatting filling.generator"
)
HEAVY = ("torch", "transformers", "sklearn", "scipy", "onnx", "huggingface_hub")


def test_serving_modules_import_nothing_heavy() -> None:
    code = "import sys\n"
    code += "".join(f"import models.{name}\n" for name in SERVING.split())
    code += f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
