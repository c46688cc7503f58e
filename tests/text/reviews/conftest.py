"""A language model small enough to be learned in a test."""

from pathlib import Path

import pytest

import text.tiny_models

WORDS = "the room bed phone screen price is was good lovely fine bad awful dirty not and a".split()  # noqa: SIM905


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return text.tiny_models.tiny_bert(tmp_path_factory.mktemp("tiny-bert"), WORDS)
