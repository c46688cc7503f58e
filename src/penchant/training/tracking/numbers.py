"""All numbers of an epoch under one name each, in letters that every tracker takes. Knows no tracker."""

from penchant.training.callbacks import EpochEnd


def numbers_of(end: EpochEnd) -> dict[str, float]:
    """`objective`, and `loss/`, `score/`, `weight/`, `cosine/`, `norm/` and `load/` with whose it is.

    >>> end = EpochEnd(epoch=0, num_epochs=1, losses={"a": 1.0}, score=None, num_positions=8, cpu_seconds=2.0)
    >>> numbers_of(end)
    {'loss/a': 1.0, 'positions_per_second': 4.0}
    """
    groups = {"loss": end.losses, "score": end.scores, "weight": end.weights, "cosine": end.cosines, "norm": end.norms}
    found = {f"{kind}/{_safe(name)}": value for kind, values in groups.items() for name, value in values.items()}
    for loads in end.loads.values():
        for task, gates in loads.items():
            found |= {f"load/{task} expert {expert}": gate for expert, gate in enumerate(gates)}
    if end.score is not None:
        found["objective"] = end.score
    if end.cpu_seconds > 0:
        found["positions_per_second"] = end.num_positions / end.cpu_seconds
    return found


def _safe(name: str) -> str:
    return name.replace("|", " and ")
