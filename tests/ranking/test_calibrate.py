import numpy as np
import pytest

from penchant.data.normalise import Numbers
from penchant.ranking.calibrate import as_it_is, fit_calibration


def pairs(size: int) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    rng = np.random.default_rng(0)
    return rng.normal(size=size), rng.normal(size=(size, 3)) * 0.1, rng


def test_offsets_that_hardly_differ_are_not_blown_up() -> None:
    """Their noise of a thousandth goes with the labels of these rows by chance."""
    rng = np.random.default_rng(0)
    labels = (rng.random(100) < 0.5).astype(np.float64)
    offsets = np.zeros((100, 3))
    offsets[:, 0] = 0.001 * (rng.normal(size=100) + labels)
    found = fit_calibration(as_it_is("logistic"), np.zeros((100, 1)), offsets, labels, np.arange(100))
    assert abs(found.coefficients[2]) < 10


def test_an_overconfident_head_is_flattened() -> None:
    outputs, offsets, rng = pairs(20_000)
    likes = (rng.random(20_000) < 1 / (1 + np.exp(-outputs))).astype(float)
    found = fit_calibration(as_it_is("logistic"), 3 * outputs[:, None] + 1, offsets, likes, np.arange(20_000))
    assert found(np.array([[1.0], [4.0]]), np.zeros((2, 3))) == pytest.approx([0.5, 1 / (1 + np.exp(-1))], abs=0.02)


def test_a_head_of_noise_falls_back_to_what_needs_no_network() -> None:
    outputs, offsets, _ = pairs(20_000)
    labels = 0.6 + offsets @ [1, 1, 2]
    found = fit_calibration(as_it_is("identity"), outputs[:, None], offsets, labels, np.arange(20_000))
    assert found.coefficients == pytest.approx([0.6, 0, 1, 1, 2], abs=0.03)


def test_rows_of_one_person_that_err_alike_count_as_one() -> None:
    """Ninety rows of one person say 0.2, one row of each of nine others says 0.8."""
    owners = np.concatenate([np.zeros(90, int), np.arange(1, 10)])
    labels = np.where(owners == 0, 0.2, 0.8)
    found = fit_calibration(as_it_is("identity"), np.zeros((99, 1)), np.zeros((99, 3)), labels, owners)
    assert found.coefficients[0] == pytest.approx((0.2 + 9 * 0.8) / (10 + 0.1**2), abs=1e-6)


def test_rows_of_one_person_that_err_each_for_itself_count_each() -> None:
    outputs, offsets, rng = pairs(1000)
    labels = 0.5 * outputs + 0.1 * rng.normal(size=1000)
    found = fit_calibration(as_it_is("identity"), outputs[:, None], 0 * offsets, labels, np.zeros(1000))
    assert found.coefficients[1] == pytest.approx((1000 * 0.5 + 1) / 1001, abs=0.01)


def test_the_ridge_is_one_row_strong() -> None:
    """Two rows say 0, and one more says 1, on outputs that vary by 1."""
    found = fit_calibration(as_it_is("identity"), np.array([[1.0], [-1.0]]), np.zeros((2, 3)), np.zeros(2), np.zeros(2))
    assert found.coefficients[1] == pytest.approx(1 / (1 + 2))


@pytest.mark.parametrize("link", ["identity", "logistic"])
def test_without_labels_nothing_changes(link: str) -> None:
    found = fit_calibration(as_it_is(link), np.zeros((0, 1)), np.zeros((0, 3)), np.zeros(0), np.zeros(0))  # type: ignore[arg-type]
    assert found.coefficients == (0, 1, 0, 0, 0)


def test_a_rating_stays_on_its_scale() -> None:
    assert as_it_is("identity")(np.array([[-0.3], [0.4], [1.2]]), np.zeros((3, 3))).tolist() == [0, 0.4, 1]


def test_values_come_back_in_the_units_of_their_labels() -> None:
    stars = as_it_is("identity", Numbers(log=False, mean=1, deviation=4))
    assert stars.in_units(stars(np.array([[0.5]]), np.zeros((1, 3)))).tolist() == [3]
    seconds = as_it_is("number", Numbers(log=True, mean=np.log1p(59), deviation=1))
    assert seconds.in_units(seconds(np.array([[0.0]]), np.zeros((1, 3)))) == pytest.approx([59])


def test_a_head_of_many_labels_that_knows_nothing_falls_back_to_their_shares() -> None:
    rng = np.random.default_rng(0)
    shares = np.array([0.1, 0.5, 0.8])
    labels = (rng.random((5000, 3)) < shares).astype(float)
    start = as_it_is("logistic", prior=tuple(np.log(shares / (1 - shares)).tolist()))
    found = fit_calibration(start, rng.normal(size=(5000, 3)), np.zeros((5000, 3)), labels, np.arange(5000))
    assert found(rng.normal(size=(2, 3)), np.zeros((2, 3))) == pytest.approx(np.tile(shares, (2, 1)), abs=0.03)
