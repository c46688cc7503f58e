from penchant.stages.fitting import best_epoch
from penchant.training.callbacks import EpochEnd
from penchant.training.learning import Trained


def trained(*scores: float | None) -> Trained:
    ends = [
        EpochEnd(epoch=epoch, num_epochs=9, losses={}, score=score, num_positions=1, cpu_seconds=1.0)
        for epoch, score in enumerate(scores)
    ]
    return Trained(best_epoch=len(scores), curves=ends)


def test_one_lucky_epoch_does_not_decide() -> None:
    assert best_epoch(trained(1, 7, 1, 4, 6, 7)) == 6  # (6 + 7) / 2 against (1 + 7 + 1) / 3
    assert best_epoch(trained(1, 9, 1, 5, 6, 5, 1)) == 5  # (5 + 6 + 5) / 3 against (1 + 9 + 1) / 3 and (1 + 9) / 2


def test_without_validation_all_epochs_were_wanted() -> None:
    assert best_epoch(trained(None, None, None)) == 3
