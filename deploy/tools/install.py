"""Runs ``pip install`` with one line of progress; pip's own words are shown when it fails.

Usage: ``python install.py WHAT -- PIP_ARGUMENTS...``. Standard library only.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

_EVERY = 25
_KEPT = 40
_QUIET = ("Collecting", "Requirement already")


def count_pins(arguments: list[str]) -> int:
    """Return how many requirements the files after each ``-r`` name."""
    files = [after for flag, after in pairwise(arguments) if flag == "-r"]
    lines = [line for name in files for line in Path(name).read_text().splitlines()]
    return sum(line[:1].isalnum() for line in lines)


def steps(lines: Iterator[str], kept: deque[str]) -> Iterator[str]:
    """Yield what pip turns to, one item a requirement, and keep its last lines."""
    for line in lines:
        kept.append(line)
        words = line.split()
        if line.startswith(_QUIET) and words:
            yield words[1] if words[0] == "Collecting" else words[3]
        elif line.startswith("Installing collected packages"):
            yield ""


def main(arguments: list[str]) -> int:
    """Install, and return pip's exit status."""
    split = arguments.index("--")
    what, rest = " ".join(arguments[:split]), arguments[split + 1 :]
    total, live, began = count_pins(rest), sys.stdout.isatty(), time.monotonic()
    kept: deque[str] = deque(maxlen=_KEPT)
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    # bytecode is written as modules are first imported, which few of torch's ever are
    command += ["--no-input", "--no-compile", "--progress-bar", "off", *rest]
    pip = subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    if pip.stdout is None:
        return 1
    for number, item in enumerate(steps(iter(pip.stdout.readline, ""), kept), 1):
        text = f"    {what}: {item} ({number}/{total})" if item else f"    {what}: unpacking"
        if live:
            print(f"\r{text[:78]:<78}", end="", flush=True)
        elif not item or number % _EVERY == 0:
            print(text, flush=True)
    status = pip.wait()
    if live:
        print("\r" + " " * 78 + "\r", end="")
    if status:
        sys.stdout.writelines(kept)
        print(f"pip could not install {what}; its last words stand above.")
    else:
        print(f"    {what}: done in {time.monotonic() - began:.0f} s", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
