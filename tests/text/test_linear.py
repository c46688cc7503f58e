"""Linear heads against closed forms and against scikit-learn."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from penchant.text.linear import PENALTIES, SIGMOID, SOFTMAX, choose_head, fit_head, fit_scales

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(300, 5))
ROWS = (FEATURES @ RNG.normal(size=(5, 3)) + RNG.normal(size=(300, 3))).argmax(axis=1)
TARGETS = np.eye(3)[ROWS]


def test_without_features_the_bias_gives_the_shares() -> None:
    targets = np.eye(2)[[0, 0, 0, 1]]
    head = fit_head(SOFTMAX, np.zeros((4, 1)), targets, penalty=1.0)
    np.testing.assert_allclose(head.probabilities(np.zeros((1, 1))), [[3 / 4, 1 / 4]], atol=1e-3)


def test_row_weights_count_rows_several_times() -> None:
    targets = np.eye(2)[[0, 0, 0, 1]]
    head = fit_head(SOFTMAX, np.zeros((4, 1)), targets, 1.0, row_weights=np.array([1.0, 1, 1, 3]))
    np.testing.assert_allclose(head.probabilities(np.zeros((1, 1))), [[1 / 2, 1 / 2]], atol=1e-3)


def test_softmax_agrees_with_scikit_learn() -> None:
    ours = fit_head(SOFTMAX, FEATURES, TARGETS, penalty=0.01).probabilities(FEATURES)
    theirs = LogisticRegression(C=1 / (0.01 * len(ROWS)), tol=1e-8).fit(FEATURES, ROWS).predict_proba(FEATURES)
    np.testing.assert_allclose(ours, theirs, atol=2e-3)


def test_sigmoid_fits_each_label_alone() -> None:
    targets = np.column_stack([FEATURES[:, 0] > 0, FEATURES[:, 1] > 1]).astype(float)
    both = fit_head(SIGMOID, FEATURES, targets, penalty=0.01)
    first = fit_head(SIGMOID, FEATURES, targets[:, :1], penalty=0.01)
    np.testing.assert_allclose(both.probabilities(FEATURES)[:, :1], first.probabilities(FEATURES), atol=1e-2)
    assert not np.allclose(both.probabilities(FEATURES).sum(axis=1), 1)


def test_sparse_and_dense_features_give_one_head() -> None:
    dense, sparse = (fit_head(SOFTMAX, features, TARGETS, 0.01) for features in (FEATURES, csr_array(FEATURES)))
    np.testing.assert_allclose(dense.weights, sparse.weights, atol=1e-4)


def test_held_out_rows_choose_the_ridge() -> None:
    few = np.arange(300) < 20
    train, held_out = (FEATURES[few], TARGETS[few]), (FEATURES[~few], TARGETS[~few])

    def loss(penalties: tuple[float, ...]) -> float:
        head = choose_head(SOFTMAX, train, held_out, penalties=penalties)
        return float(SOFTMAX.losses(head.logits(held_out[0]), held_out[1]).mean())

    alone = {penalty: loss((penalty,)) for penalty in PENALTIES}
    assert loss(PENALTIES) == pytest.approx(min(alone.values()), abs=1e-3)
    assert max(alone.values()) > min(alone.values()) + 0.01


def test_a_head_that_is_too_sure_is_scaled_down() -> None:
    logits = np.log(np.array([[0.8, 0.2]] * 5)) * 3  # says 64 to 1
    targets = np.eye(2)[[0, 0, 0, 0, 1]]  # it is 4 to 1
    assert fit_scales(SOFTMAX, [logits], targets)[0] == pytest.approx(1 / 3, abs=1e-3)


def test_a_head_that_knows_nothing_gets_no_say() -> None:
    logits = fit_head(SOFTMAX, FEATURES, TARGETS, 1e-3).logits(FEATURES)
    scales = fit_scales(SOFTMAX, [logits, RNG.normal(size=logits.shape)], TARGETS)
    assert scales[0] > 0.9
    assert scales[1] < 0.15
