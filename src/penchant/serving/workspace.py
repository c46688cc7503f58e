"""What one tenant's requests reach: the model that answers now. Who is asking is settled before."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from penchant.stages.model import Model

ALONE = "default"
"""The tenant of a server without keys."""


class Workspace:
    """One tenant's model. One request at a time reaches it. folder: the run that it came from, if it came from one."""

    def __init__(self, model: Model, folder: Path | None = None) -> None:
        self.folder = folder
        self._model = model
        self._lock = threading.Lock()

    @contextmanager
    def model(self) -> Iterator[Model]:
        """The model, for as long as nobody else asks it."""
        with self._lock:
            yield self._model


def _of_request(request: Request) -> Workspace:
    found: Workspace = request.app.state.workspaces[request.scope.get("tenant", ALONE)]
    return found


Current = Annotated[Workspace, Depends(_of_request)]
"""The workspace of whoever asks."""
