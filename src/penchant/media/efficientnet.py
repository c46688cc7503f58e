"""EfficientNet-Lite0 (Tan & Le, 2019; Liu, 2020): inverted bottlenecks without gates, for 224 x 224 pixels. No training here.

Legend: B pictures, C channels, H x W pixels.
"""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from penchant.records.errors import AssetError

STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
"""Of each stage: blocks, width of the kernel, stride of the first block, how much wider it is inside, channels that come out."""
STEM, FEATURES, CLASSES = 32, 1280, 1000
EPSILON = 1e-3


class SameConv(nn.Conv2d):
    """A convolution that pads as TensorFlow does: an odd pixel goes to the right and the bottom."""

    def __init__(self, inside: int, outside: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(inside, outside, kernel, stride, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        rows, columns = (self._missing(size) for size in x.shape[-2:])
        x = F.pad(x, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2))
        return super().forward(x)

    def _missing(self, size: int) -> int:
        stride, kernel = self.stride[0], self.kernel_size[0]
        return max((-(-size // stride) - 1) * stride + kernel - size, 0)


class Block(nn.Module):
    """Wider, a look around in each channel alone, narrower again; a way around where the shape stays."""

    def __init__(self, inside: int, outside: int, kernel: int, stride: int, expand: int) -> None:
        super().__init__()
        wide = inside * expand
        self.expands = expand > 1
        if self.expands:
            self.expand_conv, self.bn0 = SameConv(inside, wide, 1), _norm(wide)
        self.depthwise_conv, self.bn1 = SameConv(wide, wide, kernel, stride, groups=wide), _norm(wide)
        self.project_conv, self.bn2 = SameConv(wide, outside, 1), _norm(outside)
        self.stays = stride == 1 and inside == outside

    def forward(self, x: Tensor) -> Tensor:
        inner = F.relu6(self.bn0(self.expand_conv(x))) if self.expands else x
        inner = F.relu6(self.bn1(self.depthwise_conv(inner)))
        out: Tensor = self.bn2(self.project_conv(inner))
        return out + x if self.stays else out


class EfficientNetLite0(nn.Module):
    """Pictures (B, 3, 224, 224), (x - 127) / 128, to features (B, 1280), and those to ImageNet's classes by `fc`."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_stem, self.bn0 = SameConv(3, STEM, 3, 2), _norm(STEM)
        self.blocks = nn.Sequential(*_blocks())
        self.conv_head, self.bn1 = SameConv(STAGES[-1][-1], FEATURES, 1), _norm(FEATURES)
        self.fc = nn.Linear(FEATURES, CLASSES)

    def forward(self, pictures: Tensor) -> Tensor:
        x = F.relu6(self.bn0(self.conv_stem(pictures)))
        x = F.relu6(self.bn1(self.conv_head(self.blocks(x))))
        return x.mean((2, 3))

    @classmethod
    def load(cls, path: Path) -> "EfficientNetLite0":
        """The network with the weights of a safetensors file, ready to be asked. Raises AssetError for any other file."""
        network = cls()
        try:
            network.load_state_dict(load_file(path))
        except (OSError, RuntimeError, SafetensorError) as error:
            raise AssetError(
                f"{path} holds no EfficientNet-Lite0 ({error}). Delete its folder and try again."
            ) from error
        return network.eval().requires_grad_(False)


def _blocks() -> list[Block]:
    blocks, inside = [], STEM
    for count, kernel, stride, expand, outside in STAGES:
        for place in range(count):
            blocks.append(Block(inside, outside, kernel, stride if place == 0 else 1, expand))
            inside = outside
    return blocks


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, EPSILON)
