"""Serving starts without the training libraries."""

from __future__ import annotations

import subprocess
import sys

SERVING = (
    "arrays errors formatting generator intent_head mood ngrams pooling progress "
    "regression runtime tagger tokens units weights"
)
HEAVY = ("torch", "transformers", "sklearn", "scipy", "onnx", "huggingface_hub")


def test_serving_modules_import_nothing_heavy() -> None:
    code = "import sys\n"
    code += "".join(f"import models.{name}\n" for name in SERVING.split())
    code += f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
