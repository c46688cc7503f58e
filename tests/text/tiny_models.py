"""Real language models with random weights and a handful of words: all of an encoder that is not knowing a language."""

from collections.abc import Sequence
from pathlib import Path

MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")


def tiny_bert(folder: Path, words: Sequence[str], *, width: int = 16, layers: int = 2, positions: int = 40) -> Path:
    """A BERT that knows the words, in lower case; its tokens are numbered MARKS first."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    vocabulary = {word: row for row, word in enumerate((*MARKS, *words))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    folder.mkdir(exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=positions,
        initializer_range=0.3,
    )
    BertModel(config).save_pretrained(folder)
    return folder


def tiny_qwen3(folder: Path, words: Sequence[str]) -> Path:
    """A Qwen3 of these tokens, first `<pad>`, `<eos>` and `<unk>`; it pads on the left and ends texts as Qwen3 does."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import Qwen3Config, Qwen3ForCausalLM

    tokenizer = Tokenizer(models.WordLevel({word: row for row, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A <eos>", special_tokens=[("<eos>", 1)])
    tokenizer.enable_padding(direction="left", pad_id=0, pad_token="<pad>")
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        intermediate_size=32,
        max_position_embeddings=256,
        initializer_range=0.5,
        pad_token_id=0,
        tie_word_embeddings=True,
    )
    Qwen3ForCausalLM(config).save_pretrained(folder)
    return folder
