"""The run folder on disk: `model/` for everybody, `state/` for the known people; hashes checked at load."""

import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from penchant.data.item_numbers import NumberScales
from penchant.data.normalise import Numbers
from penchant.models.heads import Head
from penchant.models.item_tower import Content
from penchant.models.network import Catalogue, NetworkConfig
from penchant.models.trends import Trends
from penchant.ranking.calibrate import Calibration
from penchant.ranking.fuse import Fusion
from penchant.ranking.network_source import NetworkSource
from penchant.ranking.recommender import FusedRecommender
from penchant.records.artifacts import MANIFEST, check_folder, new_folder, read_json, write_json
from penchant.records.errors import ArtifactError
from penchant.stages.build import build_network
from penchant.stages.config import SOURCES
from penchant.stages.learner import Learner
from penchant.stages.reader import TextReader
from penchant.stages.telling import read_told, write_told


def write_model(
    path: Path,
    recommender: FusedRecommender,
    items: pl.DataFrame,
    events: pl.DataFrame,
    reader: TextReader,
    about: dict[str, Any],
    learner: Learner | None = None,
) -> None:
    """Writes or replaces both folders below `path`, each in one step; what was learned by showing is of the state."""
    network, fusion = recommender.network.network, recommender.fusion
    with new_folder(path / "model") as draft:
        save_file(
            {name: value.contiguous() for name, value in network.state_dict().items()}, draft / "model.safetensors"
        )
        for place, name in enumerate(recommender.sources):
            recommender.sources[name].save(draft / "sources" / str(place))
        items.write_parquet(draft / "items.parquet")
        reader.save(draft)
        schema = {
            "about": about,
            "reader": reader.about(),
            "network": network.config.to_dict(),
            "heads": [vars(head) for head in network.heads],
            "sources": list(recommender.sources),
            "scale": recommender.network.scale,
            "told": write_told(draft / "told.safetensors", recommender.network.told),
            "item_numbers": {name: asdict(scale) for name, scale in recommender.network.numbers.columns.items()},
            "fusion": {
                "names": fusion.names,
                "weights": fusion.weights.tolist(),
                "time_scale": fusion.time_scale,
                "ranked": sorted(fusion.ranked),
            },
        }
        write_json(draft / "schema.json", schema)
        write_json(draft / "calibration.json", {n: asdict(found) for n, found in recommender.calibrations.items()})
    with new_folder(path / "state") as draft:
        events.write_parquet(draft / "events.parquet")
        if learner is not None:
            learner.save(draft)
    write_json(path / "config.json", _config(path, about, reader))


def _config(path: Path, about: dict[str, Any], reader: TextReader) -> dict[str, Any]:
    """The resolved configuration, the versions, and the hashes of what was read, for whoever repeats the run."""
    names = ("penchant", "torch", "transformers", "numpy", "polars")
    told = {name: about[name] for name in ("size", "tasks", "created_at")}
    data = path / "data" / MANIFEST
    return {
        **told,
        "encoder": reader.about(),
        **about["config"],
        "versions": {"python": platform.python_version(), **{name: version(name) for name in names}},
        "inputs": read_json(data) if data.exists() else None,
    }


def read_model(path: Path) -> tuple[FusedRecommender, pl.DataFrame, pl.DataFrame, TextReader, dict[str, Any]]:
    """Recommender, items, events of the known people, who reads texts, and what is said about the model."""
    folder = path / "model"
    check_folder(folder)
    schema = read_json(folder / "schema.json")
    try:
        recommender = _read_recommender(folder, schema)
        items = pl.read_parquet(folder / "items.parquet")
        reader = TextReader.load(folder, schema["reader"])
    except (KeyError, TypeError, RuntimeError, SafetensorError, pl.exceptions.PolarsError) as error:
        raise ArtifactError(f"{folder} was written by another version of Penchant ({error!r}). Train again.") from error
    check_folder(path / "state")
    return recommender, items, pl.read_parquet(path / "state" / "events.parquet"), reader, schema["about"]


def _read_recommender(folder: Path, schema: dict[str, Any]) -> FusedRecommender:
    state = load_file(folder / "model.safetensors")
    content = Content(
        whitened=state["items.content"].numpy(),
        mean=state["items.mean"].numpy(),
        projection=state["items.projection"].numpy(),
        numbers=state["items.numbers"].numpy() if "items.numbers" in state else None,
    )
    heads = [Head(**{**head, "prior": tuple(head["prior"])}) for head in schema["heads"]]
    catalogue = Catalogue(
        content=content,
        counts=state["items.counts"].numpy(),
        trends=Trends(moments=state["moments"].numpy(), values=state["trends"].numpy()),
        domains=state["item_domains"].numpy(),
    )
    network = build_network(NetworkConfig(**schema["network"]), heads, catalogue)
    network.load_state_dict(state)
    told = read_told(folder / "told.safetensors", schema["told"])
    sources = {name: SOURCES[name].load(folder / "sources" / str(n)) for n, name in enumerate(schema["sources"])}
    fused = schema["fusion"]
    weights = np.array(fused["weights"], np.float32)
    fusion = Fusion(tuple(fused["names"]), weights, fused["time_scale"], frozenset(fused["ranked"]))
    kept_calibrations = read_json(folder / "calibration.json")
    calibrations = {name: _read_calibration(kept) for name, kept in kept_calibrations.items()}
    numbers = {name: Numbers(**kept) for name, kept in schema.get("item_numbers", {}).items()}
    source = NetworkSource(network.eval(), told, tuple(schema["scale"]), NumberScales(columns=numbers))
    return FusedRecommender(sources=sources, network=source, fusion=fusion, calibrations=calibrations)


def _read_calibration(kept: dict[str, Any]) -> Calibration:
    numbers = None if kept["numbers"] is None else Numbers(**kept["numbers"])
    coefficients, prior = tuple(kept["coefficients"]), tuple(kept["prior"])
    return Calibration(link=kept["link"], coefficients=coefficients, numbers=numbers, prior=prior)
