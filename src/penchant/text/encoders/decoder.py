"""Language models that write, used as encoders: the state of the last token has seen the whole text."""

from pathlib import Path

from penchant.text.encoders.checkpoint import read_settings
from penchant.text.encoders.transformer import TransformerEncoder

INSTRUCTION = "Instruct: {task}\nQuery: "
"""How Qwen3-Embedding, E5-Mistral and their kind are told what a query is for; their documents stand as they are."""


def decoder(
    path: Path,
    model_id: str,
    task: str = "",
    pooling: str = "last",
    max_tokens: int = 128,
    token_budget: int = 2048,
    precision: str = "float32",
) -> TransformerEncoder:
    """An encoder out of a decoder's folder (Llama, Qwen3, Gemma, ...).

    `task`: one sentence that says what texts are compared for, such as "Given a search, find items that match it";
    empty for the side that is searched. `pooling`: "last" for models that were trained for it; "mean" is better for
    models that only write. What padding the folder asks for does not matter.
    """
    prompt = INSTRUCTION.format(task=task) if task else ""
    return TransformerEncoder(path, model_id, pooling, max_tokens, token_budget, prompt, precision)


def is_decoder(path: Path) -> bool:
    """Whether the model of a folder was made for writing."""
    names = read_settings(path / "config.json").get("architectures") or []
    return any(str(name).endswith(("ForCausalLM", "LMHeadModel")) for name in names)
