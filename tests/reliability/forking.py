"""A process with torch's own number of threads, in which things are done in forked children.

python -m tests.reliability.forking PIPELINE...

It answers each line "CASE NUMBER-OF-PIPELINE" with one line: "ok", or what went wrong.
"""

import os
import signal
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from unittest.mock import patch

import numpy
import spacy
import torch

from spacy_dlfa.encoder import forks
from spacy_dlfa.encoder.forks import PACKING
from tests.reliability.pipelines import assert_same, examples, vectors

LIMIT = 60
TEXTS = ["Anna lives in Oslo .", "", "She works for Acme " * 30, "Berlin is big"] * 2


def assert_agree(nlp, docs, expected):
    """The same; within a tenth where a last digit may change how a number is rounded."""
    if nlp.get_pipe("transformer").model.settings["precision"] == "fp32":
        return assert_same(nlp, docs, expected)
    for doc, other in zip(docs, expected, strict=True):
        right = vectors(nlp, other)
        largest = numpy.abs(right).max(initial=1)
        numpy.testing.assert_allclose(vectors(nlp, doc), right, rtol=0, atol=0.1 * largest)


def predict(nlp, expected):
    # int8 depends on what is in a batch
    assert_agree(nlp, list(nlp.pipe(TEXTS, batch_size=1)), expected)


def in_two_processes(nlp, expected):
    assert_agree(nlp, list(nlp.pipe(TEXTS, n_process=2, batch_size=1)), expected)


def started_by(method):
    def in_two(nlp, expected):
        spacy.language.mp = get_context(method)
        in_two_processes(nlp, expected)

    return in_two


def child(task):
    """A case that is done in a forked child, and fails if it is not done in time."""

    def fork(nlp, expected):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                task(nlp, expected)
                code = 0
            except BaseException as error:
                print(repr(error), file=sys.stderr)
            os._exit(code)
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                assert os.waitstatus_to_exitcode(status) == 0, "the child failed"
                return
            time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise TimeoutError(f"the child hangs: it was not done in {LIMIT} s")

    return fork


def with_two_threads(task):
    def do(nlp, expected):
        torch.set_num_threads(2)
        task(nlp, expected)

    return do


def train(nlp, expected):
    nlp.resume_training()
    losses = nlp.update(examples(nlp))
    assert losses["tagger"] > 0
    list(nlp.pipe(TEXTS))


def in_threads(nlp, expected):
    with ThreadPoolExecutor(3) as pool:
        for _ in pool.map(lambda _: predict(nlp, expected), range(3)):
            pass


def from_a_thread(nlp, expected):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(predict, nlp, expected).result()
        pool.submit(child(predict), nlp, expected).result()


def beside_a_thread(nlp, expected):
    done = threading.Event()

    def work():
        while not done.is_set():
            list(nlp.pipe(TEXTS))

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        try:
            for _ in range(5):
                child(predict)(nlp, expected)
        finally:
            done.set()
        working.result()


def while_a_thread_packs(nlp, expected):
    nlp.get_pipe("transformer").model.shim.weights_changed()
    packing = threading.Event()

    def pack():
        with PACKING:
            packing.set()
            time.sleep(0.5)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(pack)
        packing.wait()
        child(predict)(nlp, expected)


def with_tokenizers_threads(nlp, expected):
    """They would wait for threads that the child does not have."""
    os.environ["TOKENIZERS_PARALLELISM"] = "true"
    try:
        list(nlp.pipe(TEXTS))
        child(predict)(nlp, expected)
        assert os.environ["TOKENIZERS_PARALLELISM"] == "true"
    finally:
        del os.environ["TOKENIZERS_PARALLELISM"]


class SlowRelease:
    """The lock of forks, whose other waiting threads go on before the one that lets go of it."""

    def acquire(self):
        PACKING.acquire()

    def release(self):
        PACKING.release()
        time.sleep(0.5)


def by_two_threads(nlp, expected):
    before = dict(os.environ)
    with patch.object(forks, "PACKING", SlowRelease()), ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(child(count_threads), nlp, expected) for _ in range(2)]:
            each.result()
    assert dict(os.environ) == before


def count_threads(nlp, expected):
    assert torch.get_num_threads() == 1


def in_the_parent(nlp, expected):
    before = torch.get_num_threads(), dict(os.environ)
    child(predict)(nlp, expected)
    predict(nlp, expected)
    assert (torch.get_num_threads(), dict(os.environ)) == before


CASES = {
    "fork": started_by("fork"),
    "spawn": started_by("spawn"),
    "forkserver": started_by("forkserver"),
    "predicts": child(predict),
    "predicts with two threads": child(with_two_threads(predict)),
    "predicts in threads of its own": child(in_threads),
    "forked by a thread": from_a_thread,
    "forked beside a thread that predicts": beside_a_thread,
    "forked beside a thread that packs weights": while_a_thread_packs,
    "trains": child(train),
    "trains with two threads": child(with_two_threads(train)),
    "forks again": child(child(predict)),
    "forks again, each with two threads": child(with_two_threads(child(with_two_threads(predict)))),
    "predicts, then uses n_process": child(started_by("fork")),
    "has tokenizers that are told to use threads": with_tokenizers_threads,
    "has one thread": child(count_threads),
    "leaves the parent as it was": in_the_parent,
    "leaves the parent as it was, forked by two threads": by_two_threads,
}


def main():
    # An error in a worker leaves spaCy waiting for it.
    warnings.simplefilter("ignore")
    # On a single core, too
    torch.set_num_threads(max(2, torch.get_num_threads()))
    pipelines = [spacy.load(path) for path in sys.argv[1:]]
    expected = [list(nlp.pipe(TEXTS, batch_size=1)) for nlp in pipelines]
    print("ready", flush=True)
    for line in sys.stdin:
        case, number = line.rstrip("\n").rsplit(" ", 1)
        nlp = pipelines[int(number)]
        # So that its threads are there
        list(nlp.pipe(TEXTS))
        try:
            CASES[case](nlp, expected[int(number)])
            answer = "ok"
        except Exception as error:
            answer = f"{type(error).__name__}: {error}".replace("\n", " ")
        print(answer, flush=True)


if __name__ == "__main__":
    main()
