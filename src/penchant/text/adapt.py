"""Fitting a language model to the user's own shop: texts that go together come nearer, then the model is frozen.

It learns from pairs of texts, whatever they come from; three ways to make pairs out of what people did are here. The
result is a folder like the one that it started from, named by its content, so that its vectors are cached as those of
any other model. Nothing of it may be fitted on events that are later asked about: the caller gives events before a cut.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from penchant.records.errors import ConfigError, DataError, MissingExtraError
from penchant.text.encoders.checkpoint import Checkpoint, content_id, read_tokenizer
from penchant.text.encoders.texts import clean
from penchant.text.encoders.transformer import POOLINGS

if TYPE_CHECKING:
    from torch import Tensor

Pair = tuple[str, str]
"""A text and the text that should be near it."""


@dataclass(frozen=True, kw_only=True)
class Adaptation:
    """How a model is fitted to pairs.

    `rank`: of the low-rank updates of every linear layer (LoRA, Hu et al., 2021); 0 trains all weights instead.
    `learning_rate`: some 2e-4 with LoRA, 2e-5 without. `epochs`: passes over the pairs. `batch`: pairs at a time, which
    are each other's negatives, so more is better. `temperature`: of the softmax over cosines. `max_tokens`: what is
    read of a text while learning. `pooling` and `prompt`: those that the model is used with. `bfloat16`: multiply at
    half the width, twice as fast where the processor has instructions for it; weights keep theirs.
    """

    rank: int = 8
    learning_rate: float = 2e-4
    epochs: int = 1
    batch: int = 64
    temperature: float = 0.05
    max_tokens: int = 64
    pooling: str = "mean"
    prompt: str = ""
    bfloat16: bool = False

    def __post_init__(self) -> None:
        if self.rank < 0 or min(self.epochs, self.max_tokens) < 1 or self.batch < 2 or self.temperature <= 0:
            raise ConfigError(
                f"An adaptation needs rank >= 0, epochs and max_tokens >= 1, batch >= 2 and a temperature above 0: {self}."
            )


def next_pairs(histories: Sequence[Sequence[int]], texts: Sequence[str], last: int = 3) -> list[Pair]:
    """What somebody did, the texts of up to `last` items in order, newest first -> the text of the next item.

    `histories`: rows of `texts`, oldest first, one list a person.

    >>> next_pairs([[0, 1, 2]], ["soup", "bowl", "spoon"], last=2)
    [('soup', 'bowl'), ('bowl soup', 'spoon')]
    """
    return [
        (" ".join(texts[row] for row in history[max(end - last, 0) : end][::-1]), texts[history[end]])
        for history in histories
        for end in range(1, len(history))
    ]


def together_pairs(histories: Sequence[Sequence[int]], texts: Sequence[str], within: int = 3) -> list[Pair]:
    """Two items that one person met within a few steps: each pair of items once, however often it is found.

    >>> together_pairs([[0, 1, 2], [1, 0]], ["soup", "bowl", "spoon"], within=1)
    [('soup', 'bowl'), ('bowl', 'spoon')]
    """
    found = {
        (min(row, other), max(row, other))
        for history in histories
        for place, row in enumerate(history)
        for other in history[place + 1 : place + 1 + within]
        if other != row
    }
    return [(texts[one], texts[other]) for one, other in sorted(found)]


def review_pairs(reviews: Sequence[tuple[str, int]], texts: Sequence[str]) -> list[Pair]:
    """What people wrote -> the text of the item that they wrote it about. Empty reviews are left out."""
    return [(review, texts[row]) for review, row in reviews if review.strip()]


def adapt(
    path: Path, pairs: Sequence[Pair], into: Path, settings: Adaptation | None = None, seed: int = 0
) -> tuple[Path, list[float]]:
    """Trains a copy of the model in `path`; gives its new folder, below `into`, and the loss of each step.

    The loss is the cross-entropy of each text's partner among all partners of the batch, in both directions (van den
    Oord et al., 2018); a partner whose text equals the right one is not held against it. The folder's name ends with
    a hash of its content. The same pairs and seed give the same model on the same machine.

    Raises DataError for fewer than two pairs, MissingExtraError for LoRA without peft.
    """
    import torch

    settings = settings or Adaptation()
    if len(pairs) < 2:
        raise DataError(f"Adapting needs two pairs of texts or more, found {len(pairs)}. Give more events.")
    torch.manual_seed(seed)
    model = Checkpoint(path).model
    trained = with_lora(model, settings.rank) if settings.rank else model.requires_grad_(True)
    optimiser = torch.optim.AdamW([p for p in trained.parameters() if p.requires_grad], settings.learning_rate)
    tokenizer = read_tokenizer(Path(path), settings.max_tokens)
    losses = []
    trained.train()
    for batch in _batches(pairs, settings, seed):
        loss = _loss(trained, tokenizer, batch, settings, model.config.pad_token_id or 0)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(trained.parameters(), 1.0)
        optimiser.step()
        losses.append(float(loss.detach()))
    return _save(trained.merge_and_unload() if settings.rank else trained, Path(path), Path(into)), losses


def with_lora(model: Any, rank: int) -> Any:
    """The model with a low-rank update beside every linear layer; nothing else of it learns. Raises MissingExtraError."""
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError as error:
        raise MissingExtraError.of("peft", "nlp") from error
    return get_peft_model(model, LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.1, target_modules="all-linear"))


def _batches(pairs: Sequence[Pair], settings: Adaptation, seed: int) -> Iterator[list[Pair]]:
    """Shuffled anew in each epoch; a rest of one pair has no negatives and is left out."""
    rng = np.random.default_rng(seed)
    for _ in range(settings.epochs):
        order = rng.permutation(len(pairs))
        for start in range(0, len(order) - 1, settings.batch):
            yield [pairs[position] for position in order[start : start + settings.batch]]


def _loss(model: Any, tokenizer: Any, batch: Sequence[Pair], settings: Adaptation, padding: int) -> "Tensor":
    import torch

    texts = clean([text for side in zip(*batch, strict=True) for text in side], settings.prompt)
    tokens = [encoding.ids or [padding] for encoding in tokenizer.encode_batch(texts)]
    width = max(map(len, tokens))
    ids_BL = torch.tensor([row + [padding] * (width - len(row)) for row in tokens])
    mask_BL = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in tokens])
    with torch.autocast("cpu", torch.bfloat16, enabled=settings.bfloat16):
        states_BLD = model(input_ids=ids_BL, attention_mask=mask_BL).last_hidden_state
    vectors = torch.nn.functional.normalize(POOLINGS[settings.pooling](states_BLD.float(), mask_BL), dim=1)
    left, right = vectors[: len(batch)], vectors[len(batch) :]
    return contrastive_loss(left @ right.T / settings.temperature, batch)


def contrastive_loss(scores_BB: "Tensor", batch: Sequence[Pair]) -> "Tensor":
    """Mean cross-entropy of the diagonal along rows and columns; equal texts are no negatives of each other."""
    import torch

    lefts, rights = (np.array(side, dtype=object) for side in zip(*batch, strict=True))
    equal = (lefts[:, None] == lefts) | (rights[:, None] == rights)
    hidden = torch.from_numpy(equal.astype(bool) & ~np.eye(len(batch), dtype=bool))
    scores_BB = scores_BB.masked_fill(hidden, -torch.inf)
    right = torch.arange(len(batch))
    cross_entropy = torch.nn.functional.cross_entropy
    return (cross_entropy(scores_BB, right) + cross_entropy(scores_BB.T, right)) / 2


def _save(model: Any, path: Path, into: Path) -> Path:
    """Everything of the old folder but its weights, and the new ones."""
    into.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".adapted-", dir=into))
    shutil.copytree(path, draft, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.safetensors", "*.index.json"))
    model.eval().save_pretrained(draft)
    target = into / f"{path.name}-{content_id(draft)}"
    if target.exists():
        shutil.rmtree(draft)
    else:
        draft.chmod(0o755)
        draft.rename(target)
    return target
