import numpy as np
import pytest

from penchant.ranking.calibrate import Calibration, fit_calibration


def pairs(size: int) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    rng = np.random.default_rng(0)
    return rng.normal(size=size), rng.normal(size=(size, 2)) * 0.1, rng


def test_an_overconfident_head_is_flattened() -> None:
    outputs, offsets, rng = pairs(20_000)
    likes = (rng.random(20_000) < 1 / (1 + np.exp(-outputs))).astype(float)
    found = fit_calibration("logistic", 3 * outputs + 1, offsets, likes)
    assert found(np.array([1.0, 4.0]), np.zeros((2, 2))) == pytest.approx([0.5, 1 / (1 + np.exp(-1))], abs=0.02)


def test_a_head_of_noise_falls_back_to_the_bias_model() -> None:
    outputs, offsets, _ = pairs(20_000)
    found = fit_calibration("identity", outputs, offsets, 0.6 + offsets.sum(axis=1))
    assert found.coefficients == pytest.approx([0.6, 0, 1, 1], abs=0.03)


@pytest.mark.parametrize("link", ["identity", "logistic"])
def test_without_labels_nothing_changes(link: str) -> None:
    nothing = np.zeros(0)
    found = fit_calibration(link, nothing, np.zeros((0, 2)), nothing)  # type: ignore[arg-type]
    assert found.coefficients == (0, 1, 0, 0)


def test_a_rating_stays_on_its_scale() -> None:
    as_it_is = Calibration(link="identity", coefficients=(0, 1, 0, 0))
    assert as_it_is(np.array([-0.3, 0.4, 1.2]), np.zeros((3, 2))).tolist() == [0, 0.4, 1]
