import pytest

from tests.reliability.pipelines import ours, train


@pytest.fixture(scope="session")
def trained(bert):
    """Entities and tags with the tiny encoder. Tests leave it as it is."""
    nlp = train(ours(bert))
    assert [e.label_ for e in nlp("Anna lives in Oslo .").ents] == ["PER", "LOC"]
    return nlp
