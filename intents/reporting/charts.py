"""The report's pictures as inline SVG: no script, coloured by the page's custom properties."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from intents.reporting.curves import Bin, RiskCoverage
from intents.reporting.html import Markup, el
from intents.reporting.learning import CurvePoint

WIDTH, HEIGHT = 360, 250
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 12, 40

Scale = Callable[[float], float]


def _frame(label: str, *content: object) -> Markup:
    return el(
        "svg",
        *content,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=label,
        class_="chart",
    )


def _scale(low: float, high: float, start: float, end: float) -> Scale:
    span = (high - low) or 1.0
    return lambda value: round(start + (value - low) / span * (end - start), 1)


def _x(low: float, high: float) -> Scale:
    return _scale(low, high, LEFT, WIDTH - RIGHT)


def _y(low: float, high: float) -> Scale:
    return _scale(low, high, HEIGHT - BOTTOM, TOP)


def _axes(
    x: Scale,
    y: Scale,
    x_ticks: Sequence[tuple[float, str]],
    y_ticks: Sequence[tuple[float, str]],
    names: tuple[str, str],
) -> list[Markup]:
    parts = [
        el("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y(v), y2=y(v), class_="grid") for v, _ in y_ticks
    ]
    parts += [el("text", shown, x=LEFT - 6, y=y(v) + 4, class_="tick end") for v, shown in y_ticks]
    parts += [
        el("text", shown, x=x(v), y=HEIGHT - BOTTOM + 15, class_="tick middle")
        for v, shown in x_ticks
    ]
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(el("text", names[0], x=middle, y=HEIGHT - 6, class_="axis middle"))
    # The other axis is named above the picture: turned text is hard to read, more so in Chinese.
    return parts


def _percent(value: float) -> str:
    return f"{value * 100:.0f}%"


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{'L' if i else 'M'}{px} {py}" for i, (px, py) in enumerate(points))


def reliability_chart(bins: Sequence[Bin], names: tuple[str, str], label: str) -> Markup:
    """How often lines are right by how sure the release is; the diagonal is perfect honesty."""
    x, y = _x(0, 1), _y(0, 1)
    ticks = [(v / 4, _percent(v / 4)) for v in range(5)]
    parts: list[Markup] = [
        *_axes(x, y, ticks, ticks, names),
        el("line", x1=x(0), y1=y(0), x2=x(1), y2=y(1), class_="ideal"),
    ]
    most = max((b.lines for b in bins), default=1)
    for one in bins:
        tall = round(max(2.0, one.lines / most * 42), 1)
        width = round(x(one.high) - x(one.low) - 2, 1)
        parts.append(
            el(
                "rect",
                x=x(one.low) + 1,
                y=round(y(0) - tall, 1),
                width=width,
                height=tall,
                class_="count",
            )
        )
        centre = x(one.confidence)
        low, high = one.interval
        parts.append(el("line", x1=centre, x2=centre, y1=y(low), y2=y(high), class_="whisker"))
    points = [(x(b.confidence), y(b.right)) for b in bins]
    parts.append(el("path", d=_path(points), class_="curve"))
    parts += [el("circle", cx=px, cy=py, r=4, class_="dot") for px, py in points]
    return _frame(label, parts)


def risk_chart(risk: RiskCoverage, names: tuple[str, str], label: str, here: str) -> Markup:
    """The share of errors by the share that is answered, with the point that serves."""
    worst = max([p.risk for p in risk.points] + [risk.wanted_error or 0.0, 0.02])
    if risk.deployed is not None:
        worst = max(worst, risk.deployed.risk)
    top = _nice(worst * 1.1)
    x, y = _x(0, 1), _y(0, top)
    x_ticks = [(v / 4, _percent(v / 4)) for v in range(5)]
    y_ticks = [(top * v / 4, f"{top * v * 25:.3g}%") for v in range(5)]
    parts = _axes(x, y, x_ticks, y_ticks, names)
    if risk.wanted_error is not None and risk.wanted_error <= top:
        at = y(risk.wanted_error)
        parts.append(el("line", x1=LEFT, x2=WIDTH - RIGHT, y1=at, y2=at, class_="wanted"))
    points = [(x(p.coverage), y(p.risk)) for p in risk.points]
    parts.append(el("path", d=_path(points), class_="curve"))
    if risk.deployed is not None:
        px, py = x(risk.deployed.coverage), y(risk.deployed.risk)
        parts.append(el("line", x1=px, x2=px, y1=py, y2=y(0), class_="whisker people"))
        parts.append(el("circle", cx=px, cy=py, r=6, class_="dot people"))
        side = "end" if px > WIDTH / 2 else "start"
        shift = -10 if side == "end" else 10
        parts.append(el("text", here, x=px + shift, y=max(py - 8, TOP + 8), class_=f"here {side}"))
    return _frame(label, parts)


def learning_chart(
    points: Sequence[CurvePoint], names: tuple[str, str], label: str, everything: str
) -> Markup:
    """Accuracy by lines an intent; places are equally far apart, the band is lowest to highest."""
    floor = max(0.0, min(p.low for p in points) - 0.05)
    low = int(floor * 5) / 5
    x, y = _x(-0.3, len(points) - 0.7), _y(low, 1.0)
    x_ticks = [(i, str(p.each) if p.each else everything) for i, p in enumerate(points)]
    steps = 4
    y_ticks = [
        (low + (1 - low) * v / steps, _percent(low + (1 - low) * v / steps))
        for v in range(steps + 1)
    ]
    parts = _axes(x, y, x_ticks, y_ticks, names)
    upper = [(x(i), y(p.high)) for i, p in enumerate(points)]
    lower = [(x(i), y(p.low)) for i, p in reversed(list(enumerate(points)))]
    parts.append(el("path", d=_path([*upper, *lower]) + " Z", class_="band"))
    middle = [(x(i), y(p.accuracy)) for i, p in enumerate(points)]
    parts.append(el("path", d=_path(middle), class_="curve"))
    for (px, py), point in zip(middle, points, strict=True):
        parts.append(el("circle", cx=px, cy=py, r=4, class_="dot"))
        parts.append(
            el("text", f"{point.accuracy * 100:.0f}", x=px, y=py - 9, class_="tick middle strong")
        )
    return _frame(label, parts)


def bar(share: float | None, tone: str = "") -> Markup:
    """A share as a thin bar."""
    width = round(max(0.0, min(1.0, share or 0.0)) * 100, 1)
    return el(
        "svg",
        el("rect", x=0, y=0, width=100, height=6, rx=3, class_="bar-ground"),
        el("rect", x=0, y=0, width=width, height=6, rx=3, class_=f"bar-value {tone}".strip()),
        viewBox="0 0 100 6",
        preserveAspectRatio="none",
        aria_hidden="true",
        class_="bar",
    )


def _nice(value: float) -> float:
    for top in (0.02, 0.04, 0.08, 0.12, 0.2, 0.4, 0.6, 0.8):
        if value <= top:
            return top
    return 1.0
