"""Items by what they look like, in a made-up shop."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import penchant as pn
from penchant.data.summary import summary
from penchant.media.pictures import ADDRESS, NO_FILE, OUTSIDE, UNREADABLE
from penchant.records.errors import ConfigError, DataError
from penchant.stages.compared_rows import Ground, answer
from penchant.stages.config import resolve_config
from penchant.stages.doctor.examination import examine
from penchant.stages.encode import Encoded, encode
from penchant.stages.fine_tuning import make_live
from penchant.stages.model import Model
from penchant.stages.pictures import FEWEST, Pictures
from penchant.stages.prepare import prepare, read_data, write_data
from penchant.stages.reader import TextReader
from penchant.training.settings import TrainingConfig
from stages.drawn_shop import NEW, PATTERNS, Shop, address, drawing, drawn_shop, packed

CHANCE = 1 / len(PATTERNS)
pytestmark = pytest.mark.assets


@pytest.fixture(scope="module")
def shop() -> Shop:
    return drawn_shop()


@pytest.fixture(scope="module")
def encoded(shop: Shop) -> Encoded:
    return encode(shop.data, "hashing")


@pytest.fixture(scope="module")
def model(shop: Shop) -> Model:
    return trained(shop)


def trained(shop: Shop) -> Model:
    return pn.fit(shop.data, size="tiny", encoder="hashing")


def hits(model: Model, shop: Shop) -> float:
    """Of new articles that a picture alone tells of, the share of the right pattern among the best, for one person each."""
    new = [{name: value for name, value in row.items() if name != "title"} for row in shop.new]
    table = pl.DataFrame(
        model.recommend([f"u{person}" for person in range(60)], items=new, k=NEW, candidates=_ids(shop))
    )
    right = [
        int(user[1:]) % len(PATTERNS) == shop.pattern[item]
        for user, item in table.select("user_id", "item_id").iter_rows()
    ]
    return float(np.mean(right))


def _ids(shop: Shop) -> list[str]:
    return [row["item_id"] for row in shop.new]


def test_new_items_are_found_by_their_pictures_alone(model: Model, shop: Shop) -> None:
    assert hits(model, shop) > 3 * CHANCE


def test_where_pictures_are_shuffled_they_say_nothing() -> None:
    mixed = drawn_shop(shuffled=True)
    assert hits(trained(mixed), mixed) < 1.8 * CHANCE


def test_the_artifact_reads_pictures_as_before(model: Model, shop: Shop, tmp_path: Path) -> None:
    model.save(tmp_path)
    again = pn.load(tmp_path)
    ask = {"user_ids": ["u0", "u1"], "items": shop.new, "k": 20}
    assert pl.DataFrame(again.recommend(**ask)).equals(pl.DataFrame(model.recommend(**ask)))
    assert "media-kNN" in again.recommender.sources


def test_a_search_and_an_item_without_a_picture_can_still_be_asked_for(model: Model) -> None:
    found = model.recommend(history=[{"text": "Article"}], items=[{"item_id": "new", "title": "Article 1"}], k=5)
    assert pl.DataFrame(found).height == 5
    assert pl.DataFrame(model.similar(texts="Article 7", k=3)).height == 3


def test_media_knn_is_a_row_of_a_comparison(shop: Shop, encoded: Encoded, tmp_path: Path) -> None:
    ground, config = Ground.of(encoded, "leave-last-out", 10), resolve_config("tiny", 0)
    seen, said = (answer(row, ground, config)[row].lists for row in ("media-kNN", "popularity"))
    assert _right(shop, ground, seen) > 0.5 > 2 * CHANCE > _right(shop, ground, said)


def _right(shop: Shop, ground: Ground, lists: np.ndarray) -> float:
    """Share of the items of lists that have the pattern that the person follows."""
    people = [int(ground.encoded.users.all[row][1:]) % len(PATTERNS) for row in ground.asked.user_rows]
    kinds = np.array([shop.pattern[name] for name in ground.encoded.items.all])
    return float((kinds[lists] == np.array(people)[:, None]).mean())


def test_without_pictures_there_is_no_such_part(tmp_path: Path) -> None:
    """Vectors, sources and what is written are those of texts alone, to the byte."""
    plain = drawn_shop(pictures=False)
    bare, asked = encode(plain.data, "hashing", pictures=None), encode(plain.data, "hashing")
    assert asked.reader.pictures is None
    assert asked.item_vectors.tobytes() == bare.item_vectors.tobytes()
    assert asked.reader.about() == bare.reader.about()
    assert "pictures" not in write_data(tmp_path, plain.data)
    with pytest.raises(ConfigError, match="media-kNN compares pictures"):
        answer("media-kNN", Ground.of(asked, "leave-last-out", 10), resolve_config("tiny", 0))


def test_both_parts_are_equally_loud_and_texts_stay_as_they_are(encoded: Encoded, shop: Shop) -> None:
    pictures = encoded.reader.pictures
    assert pictures is not None
    texts = encode(shop.data, "hashing", pictures=None).item_vectors
    said, seen = np.split(encoded.item_vectors, [texts.shape[1]], axis=1)
    assert said.tobytes() == texts.tobytes()
    spread = [np.sqrt(np.square(part - part.mean(axis=0)).sum(axis=1).mean()) for part in (said, seen)]
    assert spread[0] == pytest.approx(spread[1], rel=0.05)


def test_what_is_missing_is_the_mean_of_its_kind(encoded: Encoded, shop: Shop) -> None:
    reader, pictures = encoded.reader, encoded.reader.pictures
    assert pictures is not None
    title, picture, neither = reader.read_items(
        [{"title": "Article 1"}, {"image": shop.new[0]["image"]}, {"title": None}]
    )
    width = len(pictures.said)
    assert not title[width:].any()
    np.testing.assert_allclose(picture[:width], pictures.said, atol=1e-6)
    assert picture[width:].any()
    assert not neither[width:].any()


def test_too_few_pictures_are_left_aside(shop: Shop) -> None:
    rows, texts = shop.data.items.to_dicts(), np.eye(len(shop.data.items), dtype=np.float32)
    few = [{**row, "image": row["image"] if place < FEWEST - 1 else None} for place, row in enumerate(rows)]
    assert Pictures.fit(few, texts, None) is None
    enough = [{**row, "image": row["image"] if place < FEWEST else None} for place, row in enumerate(rows)]
    assert Pictures.fit(enough, texts, None) is not None


def test_fine_tuning_is_refused(encoded: Encoded) -> None:
    with pytest.raises(ConfigError, match="reads texts alone, and these items have pictures"):
        make_live(encoded, TrainingConfig(fine_tune="lora"))


class TestFiles:
    @pytest.fixture
    def items(self, tmp_path: Path) -> Path:
        """A table with a folder of pictures beside it; four of its cells lead nowhere."""
        rng = np.random.default_rng(0)
        shop = tmp_path / "shop"
        (shop / "pictures").mkdir(parents=True)
        names = [f"pictures/{place}.png" for place in range(10)]
        for place, name in enumerate(names):
            (shop / name).write_bytes(packed(drawing(PATTERNS[place % len(PATTERNS)], rng)))
        (shop / "broken.png").write_bytes(packed(drawing("dots", rng))[:900])
        (tmp_path / "outside.png").write_bytes(packed(drawing("dots", rng)))
        names += ["broken.png", "../outside.png", "gone.png", "https://example.org/a.png", ""]
        table = pl.DataFrame({"item_id": [f"i{place}" for place in range(len(names))], "image": names})
        table.with_columns(title="Article " + pl.col("item_id")).write_csv(shop / "items.csv")
        rows = [(f"u{n % 9}", f"i{n % len(names)}", 1_600_000_000 + n) for n in range(90)]
        pl.DataFrame(rows, schema=["user_id", "item_id", "timestamp"], orient="row").write_csv(shop / "events.csv")
        return shop / "items.csv"

    def test_the_quality_report_tells_what_cannot_be_read(self, items: Path, tmp_path: Path) -> None:
        prepare(tmp_path / "run", events=str(items.parent / "events.csv"), items=str(items))
        told = json.loads((tmp_path / "run/data/quality.json").read_text("utf-8"))["pictures"]
        assert (told["named"], told["read"]) == (14, 10)
        assert told["not_read"] == {UNREADABLE: 1, OUTSIDE: 1, NO_FILE: 1, ADDRESS: 1}
        assert {each["item_id"] for each in told["examples"]} == {"i10", "i11", "i12", "i13"}
        assert read_data(tmp_path / "run").items.height == 15

    def test_the_summary_and_the_doctor_say_so(self, items: Path, tmp_path: Path) -> None:
        events = str(items.parent / "events.csv")
        quality = prepare(tmp_path / "run", events=events, items=str(items))
        assert "10 of 14 read" in summary(quality)
        for findings in (examine(tmp_path / "run"), examine(events=events, items=str(items))):
            (found,) = [each for each in findings if each.subject == "pictures"]
            assert (found.status, found.area) == ("note", "data")
            assert f"10 of 14 pictures can be read; 1 {UNREADABLE}" in found.found

    def test_pictures_of_a_run_are_those_of_its_table(
        self, items: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        prepare(tmp_path / "run", events=str(items.parent / "events.csv"), items=str(items))
        at_once, later = (
            encode(data, "hashing")
            for data in (pn.read(items.parent / "events.csv", items), read_data(tmp_path / "run"))
        )
        assert at_once.item_vectors.tobytes() == later.item_vectors.tobytes()
        assert later.reader.pictures is not None
        assert "4 of 14 pictures are left out" in caplog.text

    def test_new_items_name_files_of_the_same_folder(self, items: Path, tmp_path: Path) -> None:
        reader = encode(pn.read(items.parent / "events.csv", items), "hashing").reader
        reader.save(tmp_path)
        again = TextReader.load(tmp_path, json.loads(json.dumps(reader.about())))
        drawn = drawing("rings", np.random.default_rng(5))
        (items.parent / "new.png").write_bytes(packed(drawn))
        by_file, by_bytes, outside = again.read_items(
            [{"image": "new.png"}, {"image": address(drawn)}, {"image": "../outside.png"}]
        )
        assert by_file.tobytes() == by_bytes.tobytes()
        assert again.pictures is not None
        assert not outside[-again.pictures.width :].any()

    def test_frames_name_their_folder(self, items: Path) -> None:
        tables = pl.read_csv(items.parent / "events.csv"), pl.read_csv(items)
        assert encode(pn.read(*tables), "hashing").reader.pictures is None
        assert encode(pn.read(*tables, pictures=items.parent), "hashing").reader.pictures is not None
        with pytest.raises(DataError, match="Pictures lie in a folder"):
            pn.read(*tables, pictures=items)
