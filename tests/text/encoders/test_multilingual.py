"""Do encoders of many languages find English items for Chinese searches, and the other way round?"""

import numpy as np
import pytest

from contracts.encoder_contract import EncoderContract
from penchant.assets.resolve import resolve
from penchant.text.encoders.transformer import TransformerEncoder
from penchant.text.encoders.use import UniversalEncoder
from penchant.vectors.encoder import Encoder

PAIRS = {
    "noise-cancelling headphones": "降噪耳机",
    "a romantic novel set in Paris": "以巴黎为背景的爱情小说",
    "hotel near the beach with a pool": "带泳池的海边酒店",
    "cheap train tickets": "便宜的火车票",
    "dry food for cats": "猫干粮",
    "running shoes for women": "女士跑鞋",
    "a film about toys that come alive": "关于玩具活过来的电影",
    "stainless steel frying pan": "不锈钢煎锅",
    "learn to play the piano": "学习弹钢琴",
    "waterproof hiking jacket": "防水登山外套",
    "wireless mouse for the office": "办公用无线鼠标",
    "baby stroller": "婴儿推车",
    "history of the Roman Empire": "罗马帝国史",
    "organic green tea": "有机绿茶",
    "mystery series with a detective": "侦探悬疑剧",
    "family car with low fuel consumption": "省油的家用车",
    "ink cartridges for a printer": "打印机墨盒",
    "stock market news": "股市新闻",
    "yoga mat": "瑜伽垫",
    "science fiction about Mars": "关于火星的科幻作品",
    "hot pot restaurant": "火锅店",
    "electric toothbrush": "电动牙刷",
    "wedding dress": "婚纱",
    "football world cup highlights": "世界杯足球集锦",
}
"""24 pairs of our own; what one side says, the other side says too."""


@pytest.fixture(scope="module")
def e5() -> TransformerEncoder:
    return TransformerEncoder(resolve("multilingual-e5-small").path, "multilingual-e5-small", prompt="passage: ")


@pytest.mark.assets
class TestMultilingualE5(EncoderContract):
    @pytest.fixture
    def encoder(self, e5: TransformerEncoder) -> TransformerEncoder:
        return e5


def first_hits(queries: Encoder, items: Encoder, searched: list[str], found: list[str]) -> float:
    """Share of searches whose own item comes first among all."""
    nearest = (queries.encode(searched) @ items.encode(found).T).argmax(axis=1)
    return float((nearest == np.arange(len(found))).mean())


@pytest.mark.assets
@pytest.mark.parametrize("name", ["multilingual-e5-small", "use-multilingual"])
def test_chinese_and_english_find_each_other(name: str, e5: TransformerEncoder) -> None:
    if name == "use-multilingual":
        items: Encoder = UniversalEncoder(resolve(name).path, name)
        queries = items
    else:
        items, queries = e5, e5.with_prompt("query: ")
    english, chinese = list(PAIRS), list(PAIRS.values())
    hits = {
        "zh -> en": first_hits(queries, items, chinese, english),
        "en -> zh": first_hits(queries, items, english, chinese),
    }
    print(name, hits)
    assert min(hits.values()) >= 0.8


@pytest.mark.assets
def test_an_english_encoder_does_not_read_chinese() -> None:
    """So that the figures above are not for free."""
    minilm = TransformerEncoder(resolve("all-MiniLM-L6-v2").path, "all-MiniLM-L6-v2")
    hits = first_hits(minilm, minilm, list(PAIRS.values()), list(PAIRS))
    print("all-MiniLM-L6-v2", hits)
    assert hits < 0.4
