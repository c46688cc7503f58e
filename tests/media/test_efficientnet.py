from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

from penchant.media.efficientnet import FEATURES, EfficientNetLite0, SameConv
from penchant.records.errors import AssetError


def test_an_odd_pixel_of_padding_goes_to_the_right_and_the_bottom() -> None:
    conv = SameConv(1, 1, 3, stride=2)
    x = torch.randn(1, 1, 8, 8)
    expected = F.conv2d(F.pad(x, (0, 1, 0, 1)), conv.weight, stride=2)
    assert torch.allclose(conv(x), expected)
    assert conv(torch.randn(1, 1, 7, 7)).shape == (1, 1, 4, 4)


def test_weights_go_into_a_file_and_come_back(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = EfficientNetLite0().eval()
    save_file({name: value.clone() for name, value in network.state_dict().items()}, tmp_path / "model.safetensors")
    again = EfficientNetLite0.load(tmp_path / "model.safetensors")
    pictures = torch.randn(2, 3, 64, 64)
    assert again(pictures).shape == (2, FEATURES)
    assert torch.equal(again(pictures), network(pictures))
    assert not any(weight.requires_grad for weight in again.parameters())


def test_it_has_as_many_weights_as_the_paper_says() -> None:
    """4.7 million."""
    assert sum(weight.numel() for weight in EfficientNetLite0().parameters()) == pytest.approx(4.7e6, rel=0.02)


def test_another_file_is_told(tmp_path: Path) -> None:
    save_file({"other": torch.zeros(1)}, tmp_path / "model.safetensors")
    with pytest.raises(AssetError, match="holds no EfficientNet-Lite0"):
        EfficientNetLite0.load(tmp_path / "model.safetensors")
    with pytest.raises(AssetError, match="holds no EfficientNet-Lite0"):
        EfficientNetLite0.load(tmp_path / "nothing.safetensors")
