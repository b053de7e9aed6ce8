"""The sections that are tables: confusions, intents, overlaps, lines to look at, entities."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from intents.reporting import charts
from intents.reporting.build import Report
from intents.reporting.confusion import IntentRow, Matrix, Pair
from intents.reporting.entities import EntityError
from intents.reporting.html import Markup, el, join, line
from intents.reporting.near import Copies
from intents.reporting.sections import Words, fold, name, percent, section, table
from intents.reporting.suspects import Suspect

SHOWN = 12


def confusions(report: Report, w: Words) -> Markup:
    """The matrix, and the pairs with their lines."""
    if not report.matrix.whole:
        return section("confusion", w("confusion"), el("p", w("confusion_none"), class_="good"))
    whole = report.matrix.whole
    return section(
        "confusion",
        w("confusion"),
        el(
            "p",
            w("matrix_says", shown=len(report.matrix.intents), all=report.matrix.all_intents),
            class_="lead",
        ),
        _matrix(report.matrix, w),
        fold(
            w("all_confusions", n=len(whole)),
            table(
                [w("meant"), w("understood"), w("lines")],
                [[name(a), name(b), n] for a, b, n in whole[:1000]],
            ),
        ),
        el("h3", w("pairs")),
        [_pair(pair, w) for pair in report.pairs[:SHOWN]],
        fold(
            w("show_all", n=len(report.pairs) - SHOWN),
            [_pair(pair, w) for pair in report.pairs[SHOWN:]],
        )
        if len(report.pairs) > SHOWN
        else None,
    )


def _matrix(matrix: Matrix, w: Words) -> Markup:
    numbers = range(1, len(matrix.intents) + 1)
    head = el(
        "tr",
        el("th", w("meant"), scope="col", class_="who"),
        [el("th", n, scope="col", title=matrix.intents[n - 1]) for n in numbers],
        el("th", w("others"), scope="col", class_="rest"),
    )
    rows = []
    for number, intent in enumerate(matrix.intents):
        counts, others = matrix.counts[number], matrix.others[number]
        total = max(1, sum(counts) + others)
        cells = [
            el("td", n or "", class_=_heat(n / total, right=i == number))
            for i, n in enumerate(counts)
        ]
        rows.append(
            el(
                "tr",
                el("th", el("i", number + 1), name(intent), scope="row", class_="who"),
                cells,
                el("td", others or "", class_=f"rest {_heat(others / total, right=False)}"),
            )
        )
    return el(
        "div",
        el("table", el("thead", head), el("tbody", rows), class_="matrix"),
        class_="scroll",
        tabindex=0,
    )


def _heat(share: float, *, right: bool) -> str:
    if share <= 0:
        return "h0"
    level = 1 + sum(share > edge for edge in ((0.3, 0.6, 0.85) if right else (0.06, 0.15, 0.3)))
    return f"{'g' if right else 'h'}{level}"


def _pair(pair: Pair, w: Words) -> Markup:
    title = join(
        el("span", name(pair.intent), el("b", " → "), name(pair.taken_for), class_="pair"),
        el(
            "span",
            w("pair_count", n=pair.lines, of=pair.of),
            [" · ", w("pair_back", n=pair.back)] if pair.back else None,
            class_="quiet",
        ),
    )
    return fold(
        title,
        table(
            [w("line"), w("sure_of_wrong"), w("share_of_right"), w("outcome")],
            [
                [
                    line(e.text),
                    percent(e.confidence),
                    percent(e.right_share),
                    join(w(e.decision), el("small", e.place, class_="place") if e.place else None),
                ]
                for e in pair.examples
            ],
            "lines",
        ),
    )


Key = Callable[[IntentRow], tuple[object, ...]]
SORTS: dict[str, Key] = {
    "f1": lambda r: (r.f1, r.intent),
    "name": lambda r: (r.intent,),
    "lines": lambda r: (r.trained, r.lines, r.intent),
    "recall": lambda r: (r.recall, r.intent),
    "precision": lambda r: (r.precision if r.precision is not None else -1.0, r.intent),
    "answered": lambda r: (r.answered, r.intent),
}


def intents(report: Report, w: Words) -> Markup:
    """Every intent; sorted by the choice of a radio button, in style sheets alone."""
    radios = [
        el("input", type="radio", name="sort", id=f"sort-{key}", checked=key == "f1")
        for key in SORTS
    ]
    labels = [el("label", w(f"sort_{key}"), for_=f"sort-{key}") for key in SORTS]
    heads = [
        (w("intent"), None),
        (w("recall"), w("recall_more")),
        (w("precision"), w("precision_more")),
        (w("answered_col"), None),
        (w("trained"), None),
        (w("measured"), None),
        (w("mistaken_for"), None),
    ]
    head = el(
        "tr",
        [
            el("th", h, el("small", more) if more else None, role="columnheader")
            for h, more in heads
        ],
        role="row",
    )
    grid = el(
        "table",
        el("thead", head, role="rowgroup"),
        el("tbody", [_intent(row, w) for row in report.intents], role="rowgroup"),
        class_="intents",
        role="table",
    )
    return section(
        "intents",
        w("intents"),
        el(
            "div",
            radios,
            el("p", el("span", w("sort"), class_="quiet"), labels, class_="sorts"),
            grid,
            class_="sortable",
        ),
    )


def order_rules(rows: Sequence[IntentRow]) -> str:
    """Style rules that put the intents' rows in another order for each choice."""
    rules = []
    for key, sort in SORTS.items():
        if key == "f1":
            continue
        ordered = sorted(range(len(rows)), key=lambda i: sort(rows[i]))
        rules += [
            f"#sort-{key}:checked~table tbody>:nth-child({i + 1}){{order:{place}}}"
            for place, i in enumerate(ordered)
        ]
    return "".join(rules)


def _intent(row: IntentRow, w: Words) -> Markup:
    low, high = row.interval

    def cell(label: object, *content: object, class_: str = "") -> Markup:
        return el(
            "td", el("span", label, class_="label"), *content, role="cell", class_=class_ or None
        )

    return el(
        "tr",
        el("th", name(row.intent), role="rowheader"),
        cell(
            w("recall"),
            el("span", percent(row.recall), class_="n", title=f"{percent(low)}–{percent(high)}"),
            charts.bar(row.recall, "bad" if row.recall < 0.7 else ""),
        ),
        cell(
            w("precision"),
            el("span", percent(row.precision), class_="n"),
            charts.bar(row.precision, "bad" if (row.precision or 0) < 0.7 else ""),
        ),
        cell(
            w("answered_short"),
            el("span", percent(row.answered), class_="n"),
            charts.bar(row.answered, "calm"),
        ),
        cell(w("lines"), el("span", row.trained, class_="n"), class_="trained"),
        cell(w("measured"), el("span", row.lines, class_="n"), class_="measured"),
        cell(
            w("mistaken_for"),
            name(row.mistaken_for) if row.mistaken_for else "–",
            class_="other" if row.mistaken_for else "other none",
        ),
        role="row",
    )


def overlapping(report: Report, w: Words) -> Markup:
    """Intents that mean nearly the same."""
    if not report.overlaps:
        return section("overlap", w("overlap"), el("p", w("overlap_none"), class_="good"))
    rows = [
        [
            join(name(o.first), el("br"), name(o.second)),
            percent(o.share),
            f"{o.similarity:.2f}",
            join(line(o.pair[0].text), el("br"), line(o.pair[1].text)),
        ]
        for o in report.overlaps
    ]
    heads = [w("intent"), w("overlap_share"), w("similarity"), w("closest")]
    return section(
        "overlap",
        w("overlap"),
        el("p", w("overlap_says"), class_="lead"),
        table(heads, rows, "lines wide"),
    )


def look_at(report: Report, w: Words) -> Markup:
    """Lines that are doubtful, contradict each other or stand twice."""
    found = report.lines
    parts: list[object] = [el("h3", w("suspects"))]
    if found.suspects is None:
        parts.append(el("p", w("suspects_missing"), class_="quiet"))
    elif not found.suspects and not found.from_data:
        parts.append(el("p", w("suspects_none"), class_="good"))
    else:
        parts.append(el("p", w("suspects_says"), class_="lead"))
        both = bool(found.from_data)
        if both:
            parts += [el("h4", w("from_data")), _suspects(found.from_data, w)]
        if found.suspects:
            parts += [el("h4", w("from_training")) if both else None, _suspects(found.suspects, w)]
    for key, copies in (("against", found.against), ("nearly_against", found.nearly_against)):
        if copies:
            parts += [el("h3", w(key)), _copies(copies, w)]
    if found.doubled:
        parts.append(
            fold(
                join(w("doubled"), " ", el("span", found.doubled_count, class_="quiet")),
                el("p", w("doubled_more", n=found.doubled_count)),
                _copies(found.doubled, w),
            )
        )
    return section("look", w("look"), *parts)


def _suspects(found: Sequence[Suspect], w: Words) -> Markup:
    heads = [w("line"), w("labelled"), w("likelier"), w("witness")]
    rows = [
        [
            join(
                line(s.line.text),
                el("small", s.line.place, class_="place") if s.line.place else None,
            ),
            join(name(s.line.intent), el("small", percent(s.share, 1))),
            join(name(s.likelier), el("small", percent(s.likelier_share))),
            line(s.witness) if s.witness else "–",
        ]
        for s in found
    ]
    shown = table(heads, rows[:SHOWN], "lines wide")
    if len(rows) <= SHOWN:
        return shown
    rest = table(heads, rows[SHOWN:], "lines wide")
    return join(shown, fold(w("show_all", n=len(rows) - SHOWN), rest))


def _copies(groups: Sequence[Copies], w: Words) -> Markup:
    rows = [
        [
            el("ul", [el("li", line(p.text), " ", name(p.intent)) for p in group.lines]),
            el(
                "ul",
                [el("li", p.place, class_="place") for p in group.lines if p.place],
            ),
        ]
        for group in groups
    ]
    return table([w("line"), w("place")], rows, "lines wide")


def entities(report: Report, w: Words) -> Markup | None:
    """Entities by type, with their commonest errors."""
    if not report.entities:
        if report.head.source == "data" or report.figures.entity_f1 is None:
            return None
        return section("entities", w("entities"), el("p", w("entities_own"), class_="quiet"))
    rows = [
        [
            name(row.entity),
            percent(row.f1, 1),
            percent(row.precision),
            percent(row.recall),
            row.marked,
            row.found,
            el("ul", [_error(e, w) for e in row.errors], class_="errors") if row.errors else "–",
        ]
        for row in report.entities
    ]
    heads = [
        w("entity"), w("f1"), w("precision"), w("recall"), w("marked"), w("found"), w("commonest"),
    ]  # fmt: skip
    return section("entities", w("entities"), table(heads, rows, "lines wide"))


def _error(error: EntityError, w: Words) -> Markup:
    said = w(
        error.kind, marked=line(error.marked), found=line(error.found), other=name(error.other)
    )
    return el(
        "li",
        said,
        el("small", w("times", n=error.times), class_="quiet") if error.times > 1 else None,
        title=error.text,
    )
