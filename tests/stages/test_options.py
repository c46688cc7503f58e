import json
from pathlib import Path
from typing import Any

import pytest

from penchant.records.errors import ConfigError
from penchant.stages.config import resolve_config
from penchant.stages.options import KINDS, OptionFile, chosen_options, parse_options


def test_values_are_parsed_by_the_type_of_their_option() -> None:
    pairs = ["epochs=3", "learning_rate=1e-3", "sharing=mmoe", "exact_gradients=true", "balancer=upgrad", "warm_up=0"]
    expected = {"epochs": 3, "learning_rate": 1e-3, "sharing": "mmoe", "exact_gradients": True, "balancer": "upgrad"}
    assert parse_options(pairs) == {**expected, "warm_up": 0.0}
    tables = ["weights.rating=0.5", "weights.like=2", "objective.rating=1"]
    assert parse_options(tables) == {"weights": {"rating": 0.5, "like": 2.0}, "objective": {"rating": 1.0}}


@pytest.mark.parametrize("name", KINDS)
def test_every_option_can_be_set_to_what_it_is(name: str) -> None:
    config = resolve_config("tiny", 0)
    for part in (config, config.network, config.training):
        if hasattr(part, name) and not isinstance(getattr(part, name), dict) and getattr(part, name) is not None:
            value = getattr(part, name)
            text = str(value).lower() if isinstance(value, bool) else str(value)
            found = parse_options([f"{name}={text}"])
            assert found == {name: value}
            assert type(found[name]) is type(value)
            assert resolve_config("tiny", 0, **found) == config


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (["learning_rat=1"], "Unknown option 'learning_rat'. Did you mean 'learning_rate'"),
        (["epochs=3.5"], "epochs is a whole number, found '3.5'"),
        (["ema=much"], "ema is a number, found 'much'"),
        (["exact_gradients=yes"], "exact_gradients is true or false, found 'yes'"),
        (["epochs"], "An option is set by name=value, found 'epochs'"),
        (["epochs="], "An option is set by name=value, found 'epochs='"),
        (["epochs=3", "epochs=4"], "epochs is set twice, to 3 and to 4"),
        (["weights.rating=1", "weights.rating=2"], "weights.rating is set twice"),
        (["weights=2"], "'weights' has a number for each task, found 'weights'. Write weights.TASK=0.5"),
        (["epochs.rating=2"], "'epochs' has one value for all tasks"),
        (["seed=3"], "'seed' has a flag of its own. Use --seed"),
        (["size=tiny"], "'size' has a flag of its own. Use --size"),
    ],
)
def test_what_cannot_be_read_is_refused(pairs: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_options(pairs)


@pytest.mark.parametrize("page", ["training.md", "training.zh.md"])
def test_the_page_has_every_option(page: str) -> None:
    told = (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")
    assert [name for name in KINDS if f"`{name}`" not in told and f"`{name}.TASK`" not in told] == []


def write(path: Path, **told: Any) -> Path:
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def test_flags_go_over_pairs_and_pairs_over_the_file(tmp_path: Path) -> None:
    options = {"epochs": 9, "ema": 0.5, "weights": {"rating": 0.1, "like": 0.2}}
    file = write(tmp_path / "best.json", size="tiny", options=options, tasks=None, found={"score": 0.3})
    pairs = ["ema=0.9", "weights.like=3"]
    weights = {"rating": 0.1, "like": 3.0}
    told = {"size": "tiny", "tasks": None, "epochs": 9, "ema": 0.9, "weights": weights}
    assert chosen_options(file, pairs, size=None, tasks=None, epochs=None) == told
    given = chosen_options(file, pairs, size="small", tasks=["rating"], epochs=2)
    assert given == {**told, "size": "small", "tasks": ["rating"], "epochs": 2}
    assert chosen_options(None, [], size=None, tasks=None) == {"size": "small", "tasks": None}
    with pytest.raises(ConfigError, match="epochs is set twice, by --set and by --epochs"):
        chosen_options(None, ["epochs=3"], epochs=3)


def test_a_file_is_closed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"unknown key 'option'. Did you mean 'options'"):
        OptionFile.read(write(tmp_path / "a.json", option={}))
    with pytest.raises(ConfigError, match=r"Unknown option 'emma'. Did you mean 'ema'"):
        OptionFile.read(write(tmp_path / "b.json", options={"emma": 0.9}))
    (tmp_path / "c.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(ConfigError, match="must hold an object with size, tasks, options, found"):
        OptionFile.read(tmp_path / "c.json")
