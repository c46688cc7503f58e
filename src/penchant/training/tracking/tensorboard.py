"""TensorBoard event files, by torch's writer and the library `tensorboard`. No server, no network."""

from pathlib import Path

from penchant.records.errors import MissingExtraError
from penchant.training.callbacks import Callback, EpochEnd, Start
from penchant.training.tracking.numbers import numbers_of


class TensorBoard(Callback):
    """Curves in `folder/TITLE` for each training; look at them by `tensorboard --logdir FOLDER`. Steps are epochs, from 1.

    Raises: MissingExtraError without the library.
    """

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise MissingExtraError.of("tensorboard", "track") from None
        self.folder = folder
        self._make = SummaryWriter

    def on_start(self, start: Start) -> None:
        """What was written there before is hidden: a training that goes on tells its past epochs anew."""
        self._writer = self._make(str(self.folder / start.title), purge_step=0)
        self._writer.add_text("options", "\n".join(f"    {name}: {value}" for name, value in start.options.items()))

    def on_epoch(self, end: EpochEnd) -> bool:
        for name, value in numbers_of(end).items():
            self._writer.add_scalar(name, value, end.epoch + 1)
        self._writer.flush()
        return False

    def on_end(self, *, well: bool) -> None:
        self._writer.close()
