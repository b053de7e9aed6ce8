"""RDF files (Turtle, N-Triples, JSON-LD) as rows, read by rdflib.

A thing's id and type, and its properties' names, are the last parts of their IRIs. ``rdfs:label``
is its name and ``skos:altLabel`` an alias, in the language of their tags.
"""

from __future__ import annotations

import json
import re
import warnings
from typing import Any

from models.errors import Problem
from retrieval.knowledge.rows import MAX_CELL, MAX_ROWS, Row, Said

FORMATS = {".ttl": "turtle", ".nt": "nt", ".jsonld": "json-ld"}
_LABELS = frozenset({"label", "prefLabel", "name"})
_ALIASES = frozenset({"altLabel", "alternateName", "hiddenLabel"})
_LINE = re.compile(r"line (\d+)")


def read_rdf(text: str, name: str, suffix: str, problems: list[Problem]) -> list[Row]:
    """Rows of an RDF file. Blank nodes are no things; JSON-LD contexts are never fetched."""
    from rdflib import Graph, Literal, URIRef

    if suffix == ".jsonld" and _remote(text):
        problems.append(
            Problem(name, 1, "a context inside the file", "one elsewhere", "Write it in the file.")
        )
        return []
    graph = Graph()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of rdflib's own parts, by itself
            graph.parse(data=text, format=FORMATS[suffix])
    except Exception as error:  # rdflib's parsers raise whatever they stumble over
        said = str(error)
        at = _LINE.search(said)
        line = int(at[1]) if at else getattr(error, "lineno", 1)
        found = " ".join(said.split())[:120] or type(error).__name__
        problems.append(Problem(name, int(line), FORMATS[suffix], found, "Mend the file."))
        return []
    rows: dict[str, Row] = {}
    full: dict[str, str] = {}
    for subject, predicate, value in sorted(graph, key=lambda triple: tuple(map(str, triple))):
        if not isinstance(subject, URIRef):
            continue
        own = local(subject)
        if full.setdefault(own, str(subject)) != str(subject):
            problems.append(
                Problem(
                    name, _line_of(text, own), "ids that differ at their ends",
                    f"{full[own]} and {subject}"[:120], "Rename one of them.",
                )
            )  # fmt: skip
            continue
        if own not in rows and len(rows) >= MAX_ROWS:
            problems.append(Problem(name, 0, f"{MAX_ROWS} things", "more", "Split the file."))
            break
        row = rows.setdefault(own, Row(name, _line_of(text, own), None, own))
        language = value.language if isinstance(value, Literal) else None
        written = str(value) if isinstance(value, Literal) else local(value)
        if len(written) > MAX_CELL:
            problems.append(
                Problem(name, row.line, f"at most {MAX_CELL} characters", own, "Shorten the text.")
            )
            continue
        _take(row, local(predicate), written, language)
    return list(rows.values())


def _take(row: Row, key: str, written: str, language: str | None) -> None:
    primary = (language or "").split("-")[0]
    if key == "type":
        row.type = written
    elif key in _LABELS:
        row.names[primary] = written
    elif key in _ALIASES:
        row.aliases.setdefault(primary, []).append(written)
    else:
        row.values.setdefault(key, []).append(Said(written, primary or None))


def local(iri: Any) -> str:
    """The last part of an IRI: what stands behind its last ``#``, ``/`` or ``:``."""
    return re.split(r"[#/:]", str(iri).rstrip("#/:"))[-1]


def _line_of(text: str, own: str) -> int:
    """The line where a thing is first named."""
    found = re.search(rf"(?<![\w-]){re.escape(own)}(?![\w-])", text)
    return text.count("\n", 0, found.start()) + 1 if found else 0


def _remote(text: str) -> bool:
    """Whether JSON-LD names a context by its address, which its parser would fetch."""
    try:
        return _names_address(json.loads(text))
    except (ValueError, RecursionError):
        return False  # the parser will say what is wrong


def _names_address(data: Any) -> bool:
    if isinstance(data, list):
        return any(map(_names_address, data))
    if not isinstance(data, dict):
        return False
    for key in ("@context", "@import"):
        given = data.get(key)
        if any(isinstance(item, str) for item in (given if isinstance(given, list) else [given])):
            return True
    return any(map(_names_address, data.values()))
