import pytest
from serving.stand_in import StandIn
from starlette.testclient import TestClient

from penchant.serving.api import create_app


@pytest.fixture
def model() -> StandIn:
    return StandIn()


@pytest.fixture
def client(model: StandIn) -> TestClient:
    # Errors of our own are answered, not raised: the tests look at what a client would see.
    return TestClient(create_app(model), base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
