"""Drawings for the report as data URIs, one for a light page and one for a dark page.

Of outside text they carry the names of tasks and rows, and nothing else. matplotlib is imported when the first plot is drawn.
"""

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_Draw = Callable[[Any, dict[str, str]], None]  # on matplotlib axes, in the colours of a theme

_LIGHT = {"ink": "#40474f", "line": "#d5dae0", "main": "#0b62c4", "other": "#b4690e"}
_DARK = {"ink": "#b9c2cc", "line": "#3a424c", "main": "#6cb2ff", "other": "#f0b055"}
_SHARED = {"cosine": "cosine of gradients", "norm": "norm of gradients", "weight": "weight in a step"}
LEAST_COST = 0.01
"""What costs less is drawn there: a logarithm has no 0."""
LABEL_WIDTH, LABEL_HEIGHT = 130, 14
"""Of a point's name, in pixels, about."""
_STROKES = [(colour, style) for style in ("-", "--", ":") for colour in ("main", "other", "ink")]


@dataclass(frozen=True)
class Plot:
    """One picture in two themes, with its title and a text that says what it shows."""

    title: str
    alt: str
    light: str  # data URI of an SVG
    dark: str
    wide: bool = False  # as wide as the page


def training_plots(curves: Sequence[dict[str, Any]]) -> list[Plot]:
    """One plot for each name among `curves` (records `epoch, split, name, value`), in order of appearance."""
    names = dict.fromkeys(curve["name"] for curve in curves)
    return [_training_plot(name, [curve for curve in curves if curve["name"] == name]) for name in names]


def reliability_plots(calibration: Sequence[dict[str, Any]]) -> list[Plot]:
    """One plot for each record `task, predicted, observed, count` that has bins."""
    return [_reliability_plot(**record) for record in calibration if record["count"]]


def sharing_plots(records: Sequence[dict[str, Any]]) -> list[Plot]:
    """Of records `epoch, kind, of, value`: cosines of all pairs in one plot, so norms, so weights; loads in one for each task."""
    lines: dict[str, dict[str, list[tuple[int, float]]]] = {}
    for record in records:
        task, _, expert = record["of"].rpartition(", ")
        title, name = (
            (f"experts of {task}", expert) if record["kind"] == "load" else (_SHARED[record["kind"]], record["of"])
        )
        lines.setdefault(title, {}).setdefault(name, []).append((record["epoch"], record["value"]))
    return [lines_plot(title, found) for title, found in lines.items()]


def lines_plot(title: str, lines: Mapping[str, Sequence[tuple[int, float]]]) -> Plot:
    """Several numbers by epoch, such as the cosines of pairs of tasks: points `epoch, value` by name."""

    def draw(axes: Any, theme: dict[str, str]) -> None:
        for place, (name, points) in enumerate(lines.items()):
            colour, style = _STROKES[place % len(_STROKES)]
            axes.plot(*zip(*points, strict=True), style, color=theme[colour], marker=".", linewidth=1, label=name)
        axes.set_xlabel("epoch")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.legend(frameon=False, fontsize="small")

    told = "; ".join(f"{name} from {points[0][1]:.2f} to {points[-1][1]:.2f}" for name, points in lines.items())
    return _plot(title, f"{title} by epoch: {told}.", draw)


def forest_plot(title: str, rows: Sequence[tuple[str, float, float, float]]) -> Plot:
    """Differences with their intervals, the first on top: rows of `name, value, low, high`, as shares (0.01 is drawn as 1%)."""

    def draw(axes: Any, theme: dict[str, str]) -> None:
        axes.axvline(0, color=theme["ink"], linewidth=1)
        for place, (_, value, low, high) in enumerate(rows):
            colour = theme["main"] if low > 0 else theme["other"] if high < 0 else theme["ink"]
            axes.plot([100 * low, 100 * high], [place, place], color=colour)
            axes.plot(100 * value, place, "o", color=colour)
        axes.set_yticks(range(len(rows)), [name for name, *_ in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlabel("%")

    told = "; ".join(f"{name} {value:+.1%} from {low:+.1%} to {high:+.1%}" for name, value, low, high in rows)
    return _plot(title, f"{title}: {told}.", draw)


def cost_plot(title: str, cost: str, points: Sequence[tuple[str, float, float, bool]]) -> Plot:
    """What quality costs: points `name, cost (at least 0), quality, whether it is ours`; costs on a logarithmic scale."""

    def draw(axes: Any, theme: dict[str, str]) -> None:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_xlabel(cost)
        axes.margins(x=0.15)
        places = [(max(spent, LEAST_COST), quality) for _, spent, quality, _ in points]
        for (_, _, _, ours), place in zip(points, places, strict=True):
            axes.plot(*place, "o", color=theme["main"] if ours else theme["other"], markersize=5)
        axes.autoscale_view()
        at = axes.transData.transform(places)
        for (name, *_), place, shift in zip(points, places, _apart(at), strict=True):
            axes.annotate(
                name, place, (6, shift), textcoords="offset pixels", fontsize="small", va="center", color=theme["ink"]
            )

    told = "; ".join(f"{name} {quality:.4f} after {spent:.2f}" for name, spent, quality, _ in points)
    return _plot(title, f"{title}: {told}.", draw, wide=True)


def _apart(at: np.ndarray) -> np.ndarray:
    """How far the label of each point (N, 2), in pixels, moves down so that it stands below those beside and above it."""
    taken: list[tuple[float, float]] = []
    shifts = np.zeros(len(at))
    for row in np.argsort(-at[:, 1], kind="stable"):
        x, y = at[row]
        for other, height in taken:  # highest first
            if abs(x - other) < LABEL_WIDTH and y > height - LABEL_HEIGHT:
                y = height - LABEL_HEIGHT
        taken = sorted([*taken, (x, y)], key=lambda label: -label[1])
        shifts[row] = y - at[row, 1]
    return shifts


def _training_plot(name: str, curves: list[dict[str, Any]]) -> Plot:
    lines = {}
    for split in ("train", "valid"):
        points = sorted((curve["epoch"], curve["value"]) for curve in curves if curve["split"] == split)
        if points:
            lines[split] = points

    def draw(axes: Any, theme: dict[str, str]) -> None:
        for split, colour, style in (("train", theme["other"], "--"), ("valid", theme["main"], "-")):
            if split in lines:
                axes.plot(*zip(*lines[split], strict=True), style, color=colour, marker=".", label=split)
        axes.set_xlabel("epoch")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.legend(frameon=False)

    told = "; ".join(
        f"{split} from {points[0][1]:.4f} at epoch {points[0][0]} to {points[-1][1]:.4f} at epoch {points[-1][0]}"
        for split, points in lines.items()
    )
    return _plot(name, f"{name} by epoch: {told}.", draw)


def _reliability_plot(task: str, predicted: list[float], observed: list[float], count: list[int]) -> Plot:
    def draw(axes: Any, theme: dict[str, str]) -> None:
        ends = [min(*predicted, *observed), max(*predicted, *observed)]
        axes.plot(ends, ends, "--", color=theme["other"], label="perfect")
        axes.plot(predicted, observed, "-", color=theme["main"], linewidth=1)
        sizes = [20 + 60 * number / max(count) for number in count]
        axes.scatter(predicted, observed, sizes, color=theme["main"], label="observed", zorder=3)
        axes.set_xlabel("predicted")
        axes.set_ylabel("observed")
        axes.legend(frameon=False)

    gap, worst = max((abs(p - o), p) for p, o in zip(predicted, observed, strict=True))
    told = f"{sum(count)} predictions in {len(count)} bins; the largest gap is {gap:.4f}, at predicted {worst:.4f}"
    return _plot(task, f"Reliability of {task}, predicted against observed: {told}.", draw)


def _plot(title: str, alt: str, draw: _Draw, *, wide: bool = False) -> Plot:
    return Plot(title, alt, _data_uri(draw, _LIGHT, wide=wide), _data_uri(draw, _DARK, wide=wide), wide)


def _data_uri(draw: _Draw, theme: dict[str, str], *, wide: bool) -> str:
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    settings: Any = {
        **dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), theme["ink"]),
        "axes.edgecolor": theme["line"],
        "grid.color": theme["line"],
        "axes.grid": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "font.size": 10,
        "font.family": "sans-serif",
        "svg.fonttype": "none",
        "text.parse_math": False,  # a name may hold a dollar sign
        "svg.hashsalt": "penchant",  # the same figures give the same bytes
    }
    file = io.BytesIO()
    with matplotlib.rc_context(settings):
        figure = Figure(figsize=(8.4, 4.6) if wide else (4.2, 2.9), layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure.add_subplot(), theme)
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode("ascii")
