import base64
import re
import xml.etree.ElementTree as ET

import numpy as np

from penchant.evaluation.plots import (
    cost_plot,
    forest_plot,
    lines_plot,
    reliability_plots,
    sharing_plots,
    training_plots,
)

CURVES = [
    {"epoch": 2, "split": "train", "name": "loss", "value": 0.5},
    {"epoch": 1, "split": "train", "name": "loss", "value": 1.0},
    {"epoch": 1, "split": "valid", "name": "ndcg@10", "value": 0.1},
]


def drawing_of(uri: str) -> ET.Element:
    head, _, body = uri.partition(",")
    assert head == "data:image/svg+xml;base64"
    return ET.fromstring(base64.b64decode(body))


def test_one_curve_plot_for_each_name_in_order_of_epochs() -> None:
    loss, ndcg = training_plots(CURVES)
    assert (loss.title, ndcg.title) == ("loss", "ndcg@10")
    assert loss.alt == "loss by epoch: train from 1.0000 at epoch 1 to 0.5000 at epoch 2."
    words = [text.text for text in drawing_of(loss.light).iter("{http://www.w3.org/2000/svg}text")]
    assert {"epoch", "train"} <= set(words)
    assert "valid" not in words


def test_themes_differ_and_repeat() -> None:
    first, again = training_plots(CURVES)[0], training_plots(CURVES)[0]
    assert first == again
    assert first.light != first.dark
    assert b"#6cb2ff" in base64.b64decode(training_plots(CURVES)[1].dark.partition(",")[2])


def test_reliability_tells_its_largest_gap() -> None:
    record = {"task": "like", "predicted": [0.25, 0.5], "observed": [0.3, 0.9], "count": [3, 1]}
    (plot,) = reliability_plots([record, {"task": "none", "predicted": [], "observed": [], "count": []}])
    assert plot.alt.endswith("4 predictions in 2 bins; the largest gap is 0.4000, at predicted 0.5000.")
    assert drawing_of(plot.dark).tag.endswith("svg")


def words_of(uri: str) -> list[str | None]:
    return [text.text for text in drawing_of(uri).iter("{http://www.w3.org/2000/svg}text")]


def test_lines_have_a_name_each_that_is_no_formula() -> None:
    plot = lines_plot("cosine", {"a and $b$": [(1, 0.5), (2, -0.25)], "a and c": [(1, 0.0)]})
    assert plot.alt == "cosine by epoch: a and $b$ from 0.50 to -0.25; a and c from 0.00 to 0.00."
    assert {"a and $b$", "a and c", "epoch"} <= set(words_of(plot.light))


def test_a_forest_is_coloured_by_what_its_intervals_leave_out() -> None:
    up, down, open_ = ("up", 0.02, 0.01, 0.03), ("down", -0.02, -0.03, -0.01), ("open", 0.0, -0.01, 0.01)
    drawn = [base64.b64decode(forest_plot("gain", [row]).light.partition(",")[2]) for row in (up, down, open_)]
    assert [b"#0b62c4" in one for one in drawn] == [True, False, False]
    assert [b"#b4690e" in one for one in drawn] == [False, True, False]
    both = forest_plot("gain", [up, down])
    assert both.alt == "gain: up +2.0% from +1.0% to +3.0%; down -2.0% from -3.0% to -1.0%."
    assert {"up", "down", "%"} <= set(words_of(both.dark))


def test_sharing_is_a_plot_for_each_kind_and_one_for_each_task_s_experts() -> None:
    told = [
        ("cosine", "a and b"),
        ("cosine", "a and c"),
        ("weight", "a"),
        ("load", "a, expert 0"),
        ("load", "b, expert 0"),
    ]
    records = [{"epoch": e, "kind": kind, "of": of, "value": e / 4} for e in (1, 2) for kind, of in told]
    plots = sharing_plots(records)
    assert [plot.title for plot in plots] == ["cosine of gradients", "weight in a step", "experts of a", "experts of b"]
    assert plots[0].alt == "cosine of gradients by epoch: a and b from 0.25 to 0.50; a and c from 0.25 to 0.50."
    assert plots[2].alt == "experts of a by epoch: expert 0 from 0.25 to 0.50."


def test_costs_are_plain_numbers_and_names_do_not_lie_upon_each_other() -> None:
    rows = [(f"row {place}", 10.0, 0.3 + place / 1e4, True) for place in range(3)]
    plot = cost_plot("NDCG@10 by seconds", "seconds", [*rows, ("far", 1000.0, 0.3, False), ("free", 0.0, 0.1, False)])
    assert plot.wide
    assert "free 0.1000 after 0.00" in plot.alt
    svg = base64.b64decode(plot.light.partition(",")[2]).decode()
    assert ">100</text>" in svg
    assert "mathdefault" not in svg
    heights = [float(re.search(rf'y="([0-9.]+)"[^>]*>row {place}<', svg)[1]) for place in (2, 1, 0)]  # type: ignore[index]
    assert min(np.diff(heights)) > 9
