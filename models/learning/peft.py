"""Parameter-efficient fine-tuning of an encoder, by the library peft.

Beside frozen weights small matrices (LoRA; Hu et al., 2021) or vectors (IA3; Liu et al., 2022) are
trained, and merged into the weights afterwards: what is exported and served knows nothing of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from torch import nn

from models.errors import ModelError
from models.learning.encoder import TorchEncoder

if TYPE_CHECKING:
    from peft.tuners.tuners_utils import BaseTuner

Method = Literal["upper", "lora", "ia3"]
"""What of an encoder a fine-tune trains: its upper layers themselves, or adapters in them."""

METHODS: tuple[Method, ...] = get_args(Method)
RATES: dict[Method, float] = {"upper": 1.0, "lora": 10.0, "ia3": 50.0}
"""Learning rates, as multiples of that of the layers themselves."""

RANK = 16
NAME = "default"


class Adapters:
    """Adapters in the layers of ``encoder`` above the first ``frozen`` ones; all else of it stays
    as it is.

    :raises ModelError: ``method`` is none of :data:`METHODS` with adapters.
    """

    def __init__(self, encoder: TorchEncoder, method: Method, frozen: int) -> None:
        encoder.requires_grad_(False)
        self._adapted = _tuner(encoder.model, method, range(frozen, encoder.weights.layers))

    def merge(self) -> None:
        """Add what was learned to the encoder's weights and take the adapters out."""
        self._adapted.merge_and_unload()


def _tuner(model: nn.Module, method: Method, layers: range) -> BaseTuner:
    from peft import IA3Config, IA3Model, LoraConfig, LoraModel

    above = rf"encoder\.layer\.({'|'.join(map(str, layers))})"
    if method == "lora":
        every = rf"{above}\..*(query|key|value|dense)"
        lora = LoraConfig(r=RANK, lora_alpha=RANK, lora_dropout=0.0, target_modules=every)
        return LoraModel(model, lora, NAME)
    if method == "ia3":
        scaled = rf"{above}\.(attention\.self\.(key|value)|output\.dense)"
        inputs = rf"{above}\.output\.dense"
        return IA3Model(model, IA3Config(target_modules=scaled, feedforward_modules=inputs), NAME)
    raise ModelError(
        f"There are no adapters of the kind {method!r}",
        expected="lora or ia3",
        found=repr(method),
        fix="Name one of them, or train the upper layers themselves.",
    )
