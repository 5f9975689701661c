"""Fixtures of the stages that break a running system, whose conftest brings the fixture `stack`."""
import pytest

from client import Client
from load import Load
from openapi import Contract
from world import World


@pytest.fixture(scope='session')
def client(stack):
    client = Client(stack.port)
    client.contract = Contract(client.get('/api/openapi.json').json())
    return client


@pytest.fixture(scope='session')
def world(stack, client):
    return World(stack, client)


@pytest.fixture
def api(client):
    return client


@pytest.fixture
def load(world):
    return lambda **options: Load(world, **options)
