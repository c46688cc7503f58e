import polars as pl
import pytest

from penchant.text.language import language, language_mix, languages, mostly_english

SHORT = {
    "en": """good game|not worth the money|love it|arrived late and broken|Toy Story|The Matrix|
        my kids play it every day|10/10 would buy again|cheap but works|I was disappointed|best purchase this year|
        boring|free shipping, thanks!|what a mess|it's ok|wireless headphones with microphone|Lord of the Rings|
        does what it should""",
    "zh": """很好|质量不错|物流太慢了|不值这个价|好看|非常好用的手机|酒店位置很方便|差评|电池不耐用，屏幕还可以|
        孩子很喜欢|遊戲很好玩|後悔買了|有點貴|推荐 iPhone 用户购买|百年孤独|三体|nice 很好看|性价比高""",
    "ja": """とても良い|面白くない|買ってよかった|届くのが遅い|最高のゲームです|音がいい|ちょっと高い|子供が喜んでいます|
        使いやすい|もう買わない|千と千尋の神隠し|ノルウェイの森|イヤホン|おすすめです|まあまあ""",
    "ko": """정말 좋아요|별로예요|배송이 느려요|재미있는 게임|돈이 아깝다|소리가 좋습니다|다시 살게요|기생충|올드보이|
        추천합니다|너무 비싸요|아이들이 좋아해요|괜찮아요|실망했어요|최고""",
    "fr": """très bon jeu|je suis déçu|livraison rapide|ça ne marche pas|Le fabuleux destin d'Amélie Poulain|
        qualité médiocre|mes enfants adorent|trop cher pour ce que c'est|rien à dire, parfait|
        À la recherche du temps perdu|je recommande|c'est nul|écran cassé à l'arrivée|bon rapport qualité prix|
        Les Misérables""",
    "de": """sehr gut|leider kaputt angekommen|schönes Spiel|würde ich nicht noch einmal kaufen|schneller Versand|
        viel zu teuer|meine Kinder lieben es|Der Untergang|Die unendliche Geschichte|nicht zu empfehlen|
        Kopfhörer mit gutem Klang|alles bestens, gerne wieder|macht süchtig|ich bin enttäuscht|Das Leben der Anderen""",
    "es": """muy bueno|no funciona|llegó tarde y roto|me encanta este juego|El laberinto del fauno|demasiado caro|
        a mis hijos les gusta mucho|Cien años de soledad|no lo recomiendo|buena calidad|envío rápido|
        estoy muy contento|la batería dura poco|una pérdida de tiempo|perfecto para regalar""",
    "pt": """muito bom|não funciona|chegou atrasado|adorei este jogo|Cidade de Deus|caro demais|meus filhos gostam muito|
        não recomendo|boa qualidade|entrega rápida|estou muito feliz com a compra|a bateria dura pouco|
        péssimo atendimento|Ensaio sobre a cegueira|vale a pena""",
    "it": """molto bello|non funziona|è arrivato rotto|mi piace questo gioco|La vita è bella|troppo caro|
        ai miei figli piace molto|Il nome della rosa|non lo consiglio|buona qualità|spedizione veloce|
        sono molto contento|la batteria dura poco|una perdita di tempo|perfetto da regalare""",
    "nl": """heel leuk spel|werkt niet|te laat geleverd|mijn kinderen vinden het geweldig|veel te duur|goede kwaliteit|
        niet aan te raden|snelle levering|ik ben teleurgesteld|het geluid is goed|zou ik zo weer kopen|
        De ontdekking van de hemel|echt een aanrader|helaas kapot|prima voor deze prijs""",
    "pl": """bardzo dobra gra|nie działa|przyszło uszkodzone|dzieci są zachwycone|za drogie|dobra jakość|nie polecam|
        szybka dostawa|jestem rozczarowany|świetny dźwięk|kupię jeszcze raz|Lalka|strata pieniędzy|
        polecam wszystkim|W pustyni i w puszczy""",
    "tr": """çok güzel|çalışmıyor|geç geldi|çocuklar bayıldı|çok pahalı|kaliteli ürün|tavsiye etmem|hızlı kargo|
        hayal kırıklığı|sesi çok iyi|tekrar alırım|Kış Uykusu|paraya yazık|herkese öneririm|güzel bir oyun""",
    "ru": """отличная игра|не работает|пришло сломанным|детям очень нравится|слишком дорого|хорошее качество|
        не рекомендую|быстрая доставка|я разочарован|Мастер и Маргарита|Сталкер|звук хороший|деньги на ветер|
        куплю ещё|так себе""",
    "ar": """لعبة رائعة|لا يعمل|وصل متأخرا|الأطفال يحبونه|غالي جدا|جودة ممتازة|لا أنصح به|توصيل سريع|الصوت جيد|
        سأشتري مرة أخرى|ألف ليلة وليلة|مضيعة للوقت|أنصح الجميع|منتج سيئ|كتاب جميل""",
}
TEXTS = [(code, " ".join(text.split())) for code, block in SHORT.items() for text in block.split("|")]


def test_short_texts_of_fourteen_languages() -> None:
    """216 texts of one to nine words, written for this test."""
    assert len(TEXTS) >= 200
    right = {code: [language(text) == code for own, text in TEXTS if own == code] for code in SHORT}
    for code, hits in right.items():
        print(code, f"{sum(hits)}/{len(hits)}", [t for own, t in TEXTS if own == code and language(t) != code])
        assert sum(hits) / len(hits) >= 0.8
    assert sum(map(sum, right.values())) / len(TEXTS) >= 0.95


def test_no_language_is_taken_for_english_often() -> None:
    others = [text for code, text in TEXTS if code != "en"]
    assert sum(language(text) == "en" for text in others) / len(others) < 0.04


@pytest.mark.parametrize("text", ["", "10/10", "♥♥♥", "!!!", "👍👍", "3.5"])
def test_without_letters_there_is_no_language(text: str) -> None:
    assert language(text) == "und"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("super", "en"),
        ("iPhone 手机壳", "zh"),
        ("我喜欢用 Photoshop", "zh"),
        ("The Legend of 三国", "en"),
        ("東京の天気", "ja"),
        ("Чудова гра, дуже рекомендую всім", "uk"),
    ],
)
def test_the_script_that_weighs_most(text: str, code: str) -> None:
    assert language(text) == code


def test_a_column() -> None:
    told = languages(pl.Series("text", ["很好", None, "good game"]))
    assert told.to_list() == ["zh", None, "en"]
    assert told.name == "text"


def test_the_mix_of_a_table() -> None:
    texts = pl.Series(["很好"] * 6 + ["the best game ever"] * 3 + ["sehr gut gemacht"] + [None, "!!"])
    assert language_mix(texts) == {"zh": 0.6, "en": 0.3, "de": 0.1}
    assert language_mix(texts.head(0)) == {}
    many = pl.Series(["很好", "a good game"] * 5_000)
    assert language_mix(many)["zh"] == pytest.approx(0.5, abs=0.03)
    assert language_mix(many, seed=1) != language_mix(many, seed=2)


@pytest.mark.parametrize(("num_chinese", "english"), [(0, True), (2, True), (3, False), (10, False)])
def test_mostly_english_means_four_of_five(num_chinese: int, english: bool) -> None:
    texts = ["质量不错，很喜欢"] * num_chinese + ["this was a good purchase"] * (10 - num_chinese)
    assert mostly_english(texts) is english
    assert mostly_english(pl.Series(texts)) is english


def test_without_texts_it_is_english() -> None:
    assert mostly_english([])
    assert mostly_english(["10/10", None])
