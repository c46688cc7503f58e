"""Books and films of the same people: asked for one domain, told of new items, and what cannot be asked."""

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import penchant as pn
from penchant.cli import app
from penchant.records.data import Data
from penchant.records.errors import DataError
from penchant.records.events import no_history
from penchant.serving.api import create_app
from penchant.stages.domains import UNKNOWN, Domains, with_domains, with_streams
from penchant.stages.model import Model
from stages.books_and_films import NUM_EACH, books_and_films

FAST = {"size": "tiny", "encoder": "hashing", "epochs": 3, "embedding_size": 16, "num_positions": 256}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    patch = pytest.MonkeyPatch()
    patch.setenv("PENCHANT_CACHE", str(tmp_path_factory.mktemp("cache")))
    return pn.fit(books_and_films(), **FAST)


def test_events_tell_the_domain_of_items_that_don_t() -> None:
    told = with_domains(books_and_films("events")).items
    assert told["item_id"].str.slice(0, 4).to_list() == told["domain"].to_list()
    given = books_and_films()
    assert with_domains(given) is given


def test_items_without_a_domain_have_no_name_to_ask_for() -> None:
    found = Domains.of(pl.DataFrame({"domain": ["b", None, "a", "b"]}))
    assert (found.names, found.known, found.counts) == (["", "a", "b"], ["a", "b"], {"a": 1, "b": 2})
    assert found.raw_places(["b", None]).tolist() == [2, 0]
    assert Domains.of(pl.DataFrame({"domain": ["a"]})).raw_places([None]).tolist() == [UNKNOWN]
    assert found.mask("b", np.array([2, 0])).tolist() == [True, False, False, True, True, False]


def test_each_domain_goes_at_its_own_pace() -> None:
    told = no_history(1)
    raw = replace(
        told,
        ptr=np.array([0, 4]),
        item_rows=np.array([1, 0, -1, 2], np.int32),
        extra_vectors=np.zeros((1, 3), np.float32),
        extra_domains=np.array([1]),
    )
    found = with_streams(raw, np.array([0, 1])).streams
    assert found is not None
    assert found.tolist() == [1, 0, UNKNOWN, 1]
    assert with_streams(told, np.zeros(2, np.int64)) is told


def test_films_do_not_make_the_last_book_older_for_sources(model: Model) -> None:
    """Transitions from the last book weigh the same, however many films came after it."""
    book, films = {"item_id": "book3"}, [{"item_id": f"film{number}"} for number in range(4)]
    source = model.recommender.sources["transitions"]
    alone, later = (
        source.score(model.asking.histories([None], model.events, history)) for history in ([book], [book, *films])
    )
    only_films = source.score(model.asking.histories([None], model.events, films))
    np.testing.assert_allclose(later, alone + only_films, rtol=1e-5)


def test_one_domain_is_a_part_of_the_whole_list_in_its_order(model: Model) -> None:
    whole = model.recommend("u1", k=2 * NUM_EACH)["item_id"].to_list()
    for domain in ("book", "film"):
        part = model.recommend("u1", k=2 * NUM_EACH, domain=domain)["item_id"].to_list()
        assert part == [name for name in whole if name.startswith(domain)]
        assert len(part) == NUM_EACH - 6


def test_new_items_are_of_the_domain_that_they_say(model: Model) -> None:
    new = [{"item_id": "n1", "title": "a book", "domain": "book"}, {"item_id": "n2", "title": "a film"}]
    assert "n1" in model.recommend("u1", items=new, k=50, domain="book")["item_id"]
    assert not {"n1", "n2"} & set(model.recommend("u1", items=new, k=50, domain="film")["item_id"])


def test_the_domain_of_a_new_item_in_a_history_counts(model: Model) -> None:
    """The same words, met as a book, as a film, or as neither, are three different events."""
    answers = []
    for domain in ("book", "film", None):
        new = model.asking.raw_items([{"item_id": "n", "title": "a thing", "domain": domain}])
        answers.append(
            model.recommender.network.score(model.asking.histories([None], model.events, [{"item_id": "n"}], new))
        )
    for one, other in combinations(answers, 2):
        assert np.abs(one - other).max() > 1e-3


def test_a_new_item_that_was_met_is_not_recommended_again(model: Model) -> None:
    new = [{"item_id": "n", "title": "a book", "domain": "book"}]
    assert "n" in model.recommend(history=[{"item_id": "book1"}], items=new, k=50)["item_id"]
    assert "n" not in model.recommend(history=[{"item_id": "n"}], items=new, k=50)["item_id"]


def test_the_domains_are_told_and_kept(model: Model, tmp_path: Path) -> None:
    assert model.describe()["domains"] == {"book": NUM_EACH, "film": NUM_EACH}
    model.save(tmp_path)
    assert pn.load(tmp_path).recommend("u3", domain="film").equals(model.recommend("u3", domain="film"))


def test_the_command_line_and_http_ask_for_a_domain_too(model: Model, tmp_path: Path) -> None:
    wanted = model.recommend("u3", k=4, domain="film")["item_id"].to_list()
    model.save(tmp_path)
    told = CliRunner().invoke(
        app, ["recommend", str(tmp_path), "--user", "u3", "--k", "4", "--domain", "film", "--json"]
    )
    assert [row["item_id"] for row in json.loads(told.stdout)] == wanted
    client = TestClient(create_app(pn.load(tmp_path, frame="records")))
    ask = {"user_id": "u3", "k": 4, "domain": "film", "items": [{"item_id": "n", "title": "a book", "domain": "book"}]}
    assert [row["item_id"] for row in client.post("/v1/recommend", json=ask).json()["items"]] == wanted
    assert "Did you mean 'film'" in client.post("/v1/recommend", json={"domain": "films"}).json()["error"]["message"]


def test_what_cannot_be_asked_is_told_with_the_known_words(model: Model, shop: Data) -> None:
    with pytest.raises(DataError, match=r"no domain 'books'. Did you mean 'book'\? Known: book, film"):
        model.recommend("u1", domain="books")
    with pytest.raises(DataError, match=r"no domain 'game'. Known: book, film"):
        model.recommend("u1", items=[{"item_id": "n", "title": "chess", "domain": "game"}])
    with pytest.raises(DataError, match="'book1' is in the catalogue already"):
        model.recommend("u1", items=[{"item_id": "book1", "title": "a book"}])
    with pytest.raises(DataError, match="no item of the catalogue has one"):
        Domains.of(shop.items).place("book")
