"""How the outputs of a head become one number per row, on the scale that a calibration works on, and then a value.

Legend: M rows, O outputs.
"""

import numpy as np

from penchant.tasks.task import Link

LEAST = 1e-6


def reduced(link: Link, outputs: np.ndarray) -> np.ndarray:
    """(M, O) -> float64 (M,): a number for "identity" and "number", a logit for the rest.

    "ordinal": the mean chance of its levels, which is a share, so a number. "chain": the logit of the chance that the first
    thing and then the second happens. "classes": (M, O) log-chances, one column a class.
    """
    outputs = outputs.astype(np.float64)
    if link == "ordinal":
        return np.asarray(sigmoid(outputs).mean(axis=1))
    if link == "chain":
        chance = np.clip(sigmoid(outputs).prod(axis=1), LEAST, 1 - LEAST)
        return np.asarray(np.log(chance / (1 - chance)))
    if link == "classes":
        return np.asarray(outputs - np.logaddexp.reduce(outputs, axis=1, keepdims=True))
    return outputs[:, 0] if outputs.shape[1] == 1 else outputs


def one_number(link: Link, num_outputs: int) -> bool:
    """Whether `reduced` makes one number of a row."""
    return link in ("ordinal", "chain") or num_outputs == 1


def valued(link: Link, numbers: np.ndarray) -> np.ndarray:
    """What `reduced` gave, calibrated or not, as a value: a share 0..1, a normal number, or chances."""
    if link in ("identity", "ordinal"):
        return np.clip(numbers, 0, 1)
    if link == "number":
        return numbers
    return np.exp(numbers) if link == "classes" else sigmoid(numbers)


def sigmoid(values: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 * (1 + np.tanh(values / 2)))
