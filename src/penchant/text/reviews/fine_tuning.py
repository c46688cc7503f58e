"""Fine-tuning: the last layers of a language model learn the labels of reviews, after the head alone has learned them.

Starting from the head of the frozen model keeps what the model knew (Kumar et al., "Fine-tuning can distort pretrained features",
ICLR 2022), and stopping early can fall back to it. It knows neither files of reviews nor what a label means.
Legend: n texts, B texts of a step, D width, C labels.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from penchant.records.errors import ConfigError
from penchant.text.linear import SOFTMAX, LinearHead, fit_scales
from penchant.text.reviews.tuned import TunedEncoder

if TYPE_CHECKING:
    from torch import Tensor, nn

HEAD_RATE = 20
"""How many times faster the head learns than the layers below it."""


@dataclass(frozen=True, kw_only=True)
class FineTuning:
    """`layers`: the last so many are learned, None for everything, word vectors included. `epochs`: at most; it ends earlier when
    the loss on held-out rows no longer falls. `learning_rate` rises for a tenth of the steps, then falls to 0."""

    layers: int | None = 4
    epochs: int = 3
    learning_rate: float = 3e-5
    rows_per_step: int = 32
    seed: int = 0


@dataclass(frozen=True)
class _Learner:
    """What is being learned, and the rows that it is learned from."""

    encoder: TunedEncoder
    linear: "nn.Linear"
    learned: "dict[str, nn.Parameter]"
    tokens: list[list[int]]
    targets: "Tensor"  # float32 (n, C)
    weights: "Tensor"  # float32 (n,)

    @property
    def parameters(self) -> "list[nn.Parameter]":
        return [*self.learned.values(), *self.linear.parameters()]

    def logits(self, rows: np.ndarray) -> "Tensor":
        """(B, C)."""
        return self.linear(self.encoder.forward([self.tokens[row] for row in rows]))

    def losses(self, rows: np.ndarray) -> "Tensor":
        """Weighted losses of some rows, (B,)."""
        from torch.nn import functional

        return functional.cross_entropy(self.logits(rows), self.targets[rows], reduction="none") * self.weights[rows]

    def held_out_loss(self, rows: np.ndarray) -> float:
        """Mean loss of rows that are not learned from, at the scale that suits them: learning makes a head surer, which the
        calibration takes back afterwards."""
        import torch

        self.encoder.model.eval()
        shortest_first = rows[np.argsort([len(self.tokens[row]) for row in rows])]
        with torch.inference_mode():
            parts = [self.logits(part).numpy() for part in np.array_split(shortest_first, -(-len(rows) // 64))]
        logits = np.concatenate(parts).astype(np.float64)
        targets, weights = self.targets.numpy()[shortest_first], self.weights.numpy()[shortest_first]
        scale = fit_scales(SOFTMAX, [logits], targets, weights)[0]
        return float(np.average(SOFTMAX.losses(scale * logits, targets), weights=weights))

    def copies(self) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
        """Of the tensors, of the weights of the head (C, D), and of its bias."""
        tensors = {name: parameter.detach().numpy().copy() for name, parameter in self.learned.items()}
        return tensors, self.linear.weight.detach().numpy().copy(), self.linear.bias.detach().numpy().copy()


def fine_tune(
    encoder: TunedEncoder,
    head: LinearHead,
    texts: Sequence[str],
    targets: np.ndarray,
    held_out: np.ndarray,
    settings: FineTuning,
    row_weights: np.ndarray | None = None,
) -> tuple[TunedEncoder, LinearHead, list[float]]:
    """The encoder and the head after learning, and the loss on held-out rows before each epoch and after the last.

    head: learned on vectors of `encoder`; targets: 0..1 (n, C); held_out: bool (n,); row_weights: (n,), default once each.
    The encoder that comes in is changed and must not be used any more.
    """
    import torch

    torch.manual_seed(settings.seed)
    learner = _Learner(
        encoder=encoder,
        linear=_linear(head),
        learned=_choose_layers(encoder.model, settings.layers),
        tokens=encoder.tokenize(texts),
        targets=torch.from_numpy(targets.astype(np.float32)),
        weights=torch.from_numpy((np.ones(len(texts)) if row_weights is None else row_weights).astype(np.float32)),
    )
    train, rest = np.flatnonzero(~held_out), np.flatnonzero(held_out)
    losses, best = [learner.held_out_loss(rest)], learner.copies()
    step = _stepper(learner, settings, settings.epochs * _num_steps(train, settings))
    for epoch in range(settings.epochs):
        encoder.model.train()
        for rows in _steps(train, learner.tokens, settings, epoch):
            step(rows)
        losses.append(learner.held_out_loss(rest))
        if losses[-1] >= min(losses[:-1]):
            break
        best = learner.copies()
    tensors, weights, bias = best
    tuned = TunedEncoder(encoder.checkpoint.path, encoder.base_id, tensors, encoder.prompt, encoder.max_tokens)
    return tuned, replace(head, weights=weights.T.copy(), bias=bias, scale=1.0), losses


def _linear(head: LinearHead) -> "nn.Linear":
    """The head as a layer, its scale inside."""
    import torch

    linear = torch.nn.Linear(*head.weights.shape)
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(head.weights.T * np.float32(head.scale)))
        linear.bias.copy_(torch.from_numpy(head.bias * np.float32(head.scale)))
    return linear


def _stepper(learner: _Learner, settings: FineTuning, num_steps: int) -> Callable[[np.ndarray], None]:
    """Learns from the rows that it is called with."""
    import torch

    groups: list[dict[str, Any]] = [
        {"params": list(learner.learned.values()), "lr": settings.learning_rate},
        {"params": list(learner.linear.parameters()), "lr": HEAD_RATE * settings.learning_rate},
    ]
    optimizer = torch.optim.AdamW(groups)
    rise = 0.1 * num_steps + 1
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min((step + 1) / rise, 1 - step / num_steps))

    def step(rows: np.ndarray) -> None:
        optimizer.zero_grad()
        loss = learner.losses(rows).sum() / learner.weights[rows].sum()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(learner.parameters, 1.0)
        optimizer.step()
        schedule.step()

    return step


def _choose_layers(model: Any, layers: int | None) -> "dict[str, nn.Parameter]":
    """The parameters that are learned, by name; all others are frozen. Raises ConfigError for too many layers or none."""
    from torch import nn

    for parameter in model.parameters():
        parameter.requires_grad = layers is None
    if layers is not None:
        stacks = [module for module in model.modules() if isinstance(module, nn.ModuleList)]
        stack = max(stacks, key=len, default=nn.ModuleList())
        if not 0 < layers <= len(stack):
            raise ConfigError(
                f"This model has {len(stack)} layers, of which {layers} cannot be learned. Take 1 to {len(stack)}."
            )
        for layer in list(stack)[-layers:]:
            for parameter in layer.parameters():
                parameter.requires_grad = True
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


def _steps(rows: np.ndarray, tokens: list[list[int]], settings: FineTuning, epoch: int) -> Iterator[np.ndarray]:
    """Random batches of texts of about one length, in random order."""
    rng = np.random.default_rng((settings.seed, epoch))
    lengths = np.array([len(tokens[row]) for row in rows]) * rng.uniform(0.8, 1.25, len(rows))
    ordered = rows[np.argsort(lengths)]
    batches = np.array_split(ordered, _num_steps(rows, settings))
    yield from (batches[place] for place in rng.permutation(len(batches)))


def _num_steps(rows: np.ndarray, settings: FineTuning) -> int:
    return -(-len(rows) // settings.rows_per_step)
