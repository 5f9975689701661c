"""Fixtures of the stages that have a running system. Their conftest provides the fixture `stack` and imports
the fixtures that it uses."""
import pytest

from background import Job
from client import Client
from load import Load
from openapi import Contract
from world import World


@pytest.fixture(scope='session')
def client(stack):
    client = Client(stack.port)
    answer = client.get('/api/openapi.json')
    assert answer.status == 200, answer
    client.contract = Contract(answer.json())
    client.note('GET', '/api/openapi.json', answer)
    return client


@pytest.fixture(scope='session')
def world(stack, client):
    return World(stack, client)


@pytest.fixture
def api(client):
    return client


@pytest.fixture
def background():
    return Job


@pytest.fixture
def load(world):
    return lambda **options: Load(world, **options)
