"""The service in examples/serve.py."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from examples import serve


@pytest.fixture
def client(trained, monkeypatch):
    monkeypatch.setenv("PIPELINE", str(trained / "xx_dlfa_ner"))
    return TestClient(serve.create_app(), raise_server_exceptions=False)


def ask(client, *texts):
    return client.post("/entities", json={"texts": texts})


def test_entities_of_each_text(client):
    answer = ask(client, "Anna lives in Oslo", "")
    assert answer.status_code == 200
    assert answer.json() == [
        [
            {"start": 0, "end": 4, "label": "PER", "text": "Anna"},
            {"start": 14, "end": 18, "label": "LOC", "text": "Oslo"},
        ],
        [],
    ]


def test_requests_at_once_get_what_each_gets_alone(client):
    texts = ["Anna lives in Oslo", "Oslo", "in Anna lives Oslo and", ""] * 3
    alone = [ask(client, text).json() for text in texts]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda text: ask(client, text).json(), texts)) == alone


@pytest.mark.parametrize(
    "content",
    [
        '{"texts": ["' + "a" * (serve.LONGEST_TEXT + 1) + '"]}',
        '{"texts": [' + ",".join(['"a"'] * (serve.MOST_TEXTS + 1)) + "]}",
        '{"texts": "Anna"}',
        '{"texts": [null]}',
        "{",
    ],
    ids=["long", "many", "one", "none", "no JSON"],
)
def test_what_is_refused(content, client):
    answer = client.post("/entities", content=content)
    assert answer.status_code == 422
    # The service goes on
    assert ask(client, "").json() == [[]]


def test_half_a_character(client):
    """JSON may hold a lone surrogate, which no text may."""
    answer = client.post("/entities", content='{"texts": ["\\ud83d"]}')
    assert answer.status_code in (422, 500)
    assert ask(client, "").json() == [[]]
