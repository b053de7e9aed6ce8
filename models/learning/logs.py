"""TensorBoard logs of a fine-tune."""

from __future__ import annotations

from pathlib import Path


class Logs:
    """TensorBoard logs, or nothing where no folder is given."""

    def __init__(self, folder: Path | None) -> None:
        self._writer = None
        if folder is not None:
            from torch.utils.tensorboard import SummaryWriter

            self._writer = SummaryWriter(str(folder))

    def write(self, epoch: int, row: dict[str, float]) -> None:
        """Add an epoch's figures."""
        if self._writer is not None:
            for name, value in row.items():
                self._writer.add_scalar(name, value, epoch)

    def close(self) -> None:
        """End the file."""
        if self._writer is not None:
            self._writer.close()
