import pytest

from tests.reliability.pipelines import learn, ours


@pytest.fixture(scope="session")
def trained(bert):
    """It has learnt the entities and tags of SENTENCES, for sure. Tests leave it as it is."""
    return learn(ours(bert))
