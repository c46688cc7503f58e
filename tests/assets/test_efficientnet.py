from pathlib import Path

import torch
from safetensors.torch import load_file

from penchant.assets.catalogue import CATALOGUE
from penchant.assets.efficientnet import PICKLE, convert


def test_tensors_keep_their_values_and_lose_their_underscores(tmp_path: Path) -> None:
    weight = torch.arange(6.0).reshape(2, 3)
    torch.save({"_bn0.weight": weight.T, "_bn0.num_batches_tracked": torch.tensor(3)}, tmp_path / PICKLE)
    convert(tmp_path, tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    assert list(tensors) == ["bn0.weight"]
    assert torch.equal(tensors["bn0.weight"], weight.T)


def test_it_is_in_the_catalogue() -> None:
    assert CATALOGUE["efficientnet-lite0"].licence == "Apache-2.0"
