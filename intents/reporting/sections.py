"""The sections of the page, each a function from the report to HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence

from intents.reporting import charts
from intents.reporting.advice import Advice
from intents.reporting.build import Report
from intents.reporting.curves import RiskPoint
from intents.reporting.html import Markup, el, join, line
from intents.reporting.texts import WORDS, Language

_PLACE = re.compile(r"\{(\w+)\}")


class Words:
    """The words of one language, filled with values that are markup or are escaped."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._words = WORDS[language]

    def __call__(self, key: str, **values: object) -> Markup:
        """A text with its places filled."""
        parts: list[object] = []
        at = 0
        said = self._words[key]
        for place in _PLACE.finditer(said):
            parts += [said[at : place.start()], values.get(place.group(1), place.group())]
            at = place.end()
        return join(*parts, said[at:])

    def plain(self, key: str) -> str:
        """A text without places."""
        return self._words[key]


def percent(share: float | None, digits: int = 0) -> str:
    """A share for people; a dash for none."""
    return "–" if share is None else f"{share * 100:.{digits}f}\u202f%"


def name(intent: str) -> Markup:
    """An intent's name; it may break at its underscores."""
    parts = [join(part, Markup("_<wbr>")) for part in intent.split("_")[:-1]]
    return el("code", el("bdi", *parts, intent.split("_")[-1]))


def table(heads: Sequence[object], rows: Sequence[Sequence[object]], class_: str = "") -> Markup:
    """A table in a frame of its own, which scrolls where the page is narrow."""
    head = el("thead", el("tr", [el("th", h, scope="col") for h in heads]))
    body = el(
        "tbody",
        [
            el("tr", [el("td", c, data_label=_bare(h)) for h, c in zip(heads, row, strict=True)])
            for row in rows
        ],
    )
    return el("div", el("table", head, body), class_=f"scroll {class_}".strip(), tabindex=0)


def _bare(head: object) -> str:
    """A column's name for cells that stand below each other; it holds no markup of its own."""
    return html.unescape(str(head))


def fold(summary: object, *content: object, opened: bool = False) -> Markup:
    """Content that opens on demand, without a script."""
    return el("details", el("summary", summary), *content, open=opened)


def section(key: str, title: object, *content: object) -> Markup:
    """A section with its anchor."""
    return el("section", el("h2", title), *content, id=key)


def tiles(report: Report, w: Words) -> Markup:
    """The figures at the top."""
    f = report.figures
    low, high = f.accuracy_interval
    own = report.head.source == "held_out"
    far_more = (
        w("far_more_own")
        if own and not report.head.out_of_scope_lines
        else w("far_more", fpr=percent(f.out_of_scope_fpr95))
    )
    rows: list[tuple[str, str | None, Markup, str]] = [
        (
            "accuracy",
            _shown(f.accuracy, 1),
            w("accuracy_more", low=percent(low, 1), high=percent(high, 1)),
            "first",
        ),
        (
            "answered",
            _shown(f.answered),
            w("answered_more", error=percent(f.error, 1), wanted=percent(f.wanted_error)),
            _tone(f.error, f.wanted_error),
        ),
        ("asked", _shown(f.asked), w("asked_more", refused=percent(f.refused)), ""),
        ("coverage2", _shown(f.at_2pct), w("coverage2_more"), ""),
        ("ece", _shown(f.ece, 1), w("ece_more"), ""),
        ("far", f"{f.out_of_scope_auroc:.3f}" if f.out_of_scope_auroc else None, far_more, ""),
        ("macro", _shown(f.macro_f1, 1), w("macro_more", top3=percent(f.top3, 1)), ""),
        ("entities_tile", _shown(f.entity_f1, 1), w("entities_more"), ""),
    ]
    return el(
        "dl",
        [
            el(
                "div",
                el("dt", w(key)),
                el("dd", el("strong", value), el("small", more)),
                class_=f"tile {tone}".strip(),
            )
            for key, value, more, tone in rows
            if value is not None
        ],
        class_="tiles",
    )


def advised(report: Report, w: Words) -> Markup:
    """What to do."""
    if not report.advice:
        return section("advice", w("advice"), el("p", w("advice_none"), class_="good"))
    most = 8
    items = [_advice(a, w) for a in report.advice]
    more = items[most:]
    return section(
        "advice",
        w("advice"),
        el("p", w("advice_lead"), class_="lead"),
        el("ol", items[:most], class_="advice"),
        fold(w("show_all", n=len(more)), el("ol", more, class_="advice", start=most + 1))
        if more
        else None,
    )


def _advice(a: Advice, w: Words) -> Markup:
    title = w(a.deed, intent=name(a.intent), other=name(a.other))
    figure = f"{a.figure * 100:+.1f}" if a.deed == "grow" else percent(a.figure)
    count = int(a.figure) if a.deed == "begin" else int(a.weight)
    more = w(f"{a.deed}_more", n=count, share=percent(a.figure), figure=figure)
    return el(
        "li",
        el("h3", title),
        el("p", more),
        el("ul", [el("li", line(text)) for text in a.lines], class_="lines") if a.lines else None,
        el("p", a.place, class_="place") if a.place else None,
        class_=f"deed {a.deed}",
    )


def confidence(report: Report, w: Words) -> Markup:
    """Reliability and risk."""
    axes = (w.plain("axis_confidence"), w.plain("axis_right"))
    risk_axes = (w.plain("axis_answered"), w.plain("axis_errors"))
    deployed = report.risk.deployed
    says = (
        w("risk_says", share=percent(deployed.coverage), error=percent(deployed.risk, 1))
        if deployed
        else w("risk_says_none")
    )
    return section(
        "confidence",
        w("confidence"),
        el("p", w("confidence_lead"), class_="lead"),
        el(
            "div",
            _figure(
                w,
                "reliability",
                axes,
                lambda label: charts.reliability_chart(report.bins, axes, label),
                w("reliability_says"),
                table(
                    [w("bin"), w("lines"), w("mean_confidence"), w("right"), w("interval")],
                    [
                        [
                            f"{percent(b.low)}–{percent(b.high)}",
                            b.lines,
                            percent(b.confidence, 1),
                            percent(b.right, 1),
                            f"{percent(b.interval[0])}–{percent(b.interval[1])}",
                        ]
                        for b in report.bins
                    ],
                    "numbers",
                ),
            ),
            _figure(
                w,
                "risk",
                risk_axes,
                lambda label: charts.risk_chart(report.risk, risk_axes, label, w.plain("here")),
                says,
                table(
                    [w("coverage"), w("errors"), w("least_confidence")],
                    [
                        [percent(p.coverage, 1), percent(p.risk, 2), percent(p.confidence, 1)]
                        for p in _thinned(report.risk.points, 24)
                    ],
                    "numbers",
                ),
            ),
            class_="pictures",
        ),
    )


def _figure(
    w: Words,
    key: str,
    axes: tuple[str, str],
    draw: Callable[[str], Markup],
    says: Markup,
    behind: Markup,
    *,
    titled: bool = True,
) -> Markup:
    return el(
        "figure",
        el("h3", w(key)) if titled else None,
        el("p", axes[1], class_="y-name", aria_hidden="true"),
        draw(f"{w.plain(key)}: {axes[1]} / {axes[0]}"),
        el("figcaption", says),
        fold(w("table"), behind),
    )


def learned(report: Report, w: Words) -> Markup:
    """The learning curve."""
    if len(report.learning) < 2:
        return section("learning", w("learning"), el("p", w("learning_none"), class_="quiet"))
    axes = (w.plain("axis_each"), w.plain("axis_accuracy"))
    seen = report.head.mode == "full"
    return section(
        "learning",
        w("learning"),
        _figure(
            w,
            "learning",
            axes,
            lambda label: charts.learning_chart(
                report.learning, axes, label, w.plain("all_lines")
            ),
            join(w("learning_says"), " " if seen else "", w("learning_seen") if seen else ""),
            table(
                [
                    w("axis_each"), w("total_lines"), w("axis_accuracy"), w("lowest"),
                    w("highest"), w("draws"),
                ],
                [
                    [
                        p.each if p.each else w("all_lines"),
                        p.lines,
                        percent(p.accuracy, 1),
                        percent(p.low, 1),
                        percent(p.high, 1),
                        p.draws,
                    ]
                    for p in report.learning
                ],
                "numbers",
            ),
            titled=False,
        ),
    )  # fmt: skip


def method(report: Report, w: Words) -> Markup:
    """How it was measured, and what to mind."""
    h = report.head
    said = [w("method_own")] if h.source == "held_out" else [w("method_data", lines=h.lines)]
    if h.source == "held_out" and h.unseen < 1:
        said.append(w("method_seen", unseen=percent(h.unseen)))
    if h.also_trained:
        said.append(w("method_also", n=h.also_trained))
    said.append(w("method_compared", n=report.lines.compared))
    mode = w(h.mode) if h.mode in ("full", "head") else h.mode
    facts = w(
        "facts", encoder=h.encoder or "–", mode=mode, intents=h.intents, trained=h.trained_lines
    )
    return section("method", w("method"), [el("p", s) for s in [*said, facts]])


def _shown(share: float | None, digits: int = 0) -> str | None:
    return None if share is None else percent(share, digits)


def _tone(error: float | None, wanted: float | None) -> str:
    if error is None or wanted is None:
        return ""
    return "good" if error <= wanted else "warm"


def _thinned(points: Sequence[RiskPoint], most: int) -> Sequence[RiskPoint]:
    step = max(1, -(-len(points) // most))
    return [*points[:-1][::step], points[-1]] if points else []
