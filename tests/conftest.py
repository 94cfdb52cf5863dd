import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pytest
import torch
from hypothesis import settings
from spacy.util import fix_random_seed

from tests.checkpoints import save_checkpoint

# Tiny models are fastest on one thread.
torch.set_num_threads(1)
# The same examples on every machine
settings.register_profile("same", derandomize=True)
settings.load_profile("same")


@pytest.fixture(autouse=True)
def random_numbers():
    """The same for each test, whichever ran before it."""
    fix_random_seed(0)


@pytest.fixture(scope="session")
def bert(tmp_path_factory) -> str:
    """Folder of a tiny BERT."""
    return save_checkpoint("bert", tmp_path_factory.mktemp("bert"))
