"""The neural editor as the rewriter of replies: the release's own, on the inference thread."""

from __future__ import annotations

from bot.generation.rewriting import Breaker, Rewriter
from bot.inference import Inference
from bot.live import Live
from models.editing.editor import KIND
from models.filling.generator import Generated, GenerationRequest, TemplateFiller


class Editing(Rewriter):
    """Has each reply edited by the editor of the release that answers, where it has one."""

    def __init__(
        self, inference: Inference, timeout: float, breaker: Breaker | None = None
    ) -> None:
        super().__init__(TemplateFiller(), timeout, breaker)
        self.name = KIND
        self._inference = inference

    async def written(self, request: GenerationRequest, live: Live) -> Generated:
        """The edited reply; the filler's own where the release has no editor."""
        editor = live.editor
        if editor is None:
            return await super().written(request, live)
        return await self._inference.run(editor.generate, request)
