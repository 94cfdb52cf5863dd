"""What happens to spacy_dlfa and to stock spacy-transformers on the same encoder.

    python -m tests.reliability.stock

Both pipelines have the tiny BERT of the tests, are trained alike, and meet the same faults. The
table that is printed is the source of the last two columns in docs/reliability.md.
"""

import contextlib
import multiprocessing
import os
import signal
import tempfile
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy
import spacy
import srsly
import torch
from spacy.language import Language
from spacy.pipeline import Tagger
from spacy.tokens import Doc
from thinc.api import Adam, Model

from spacy_dlfa.pipeline.callbacks import to_disk_whole
from spacy_dlfa.pipeline.component import DLFATransformer
from tests.checkpoints import save_checkpoint
from tests.pipelines import listener_config
from tests.reliability import pipelines
from tests.reliability.texts import TEXTS

TEXT = "Anna lives in Oslo ."
FIVE = [TEXT, "Berlin is big", "FAIL", "She works for Acme", TEXT]
FORK = multiprocessing.get_context("fork")


def is_ours(nlp: Language) -> bool:
    return isinstance(nlp.get_pipe("transformer"), DLFATransformer)


def unread(doc: Doc) -> str:
    """Say how many words of a document the encoder has not seen."""
    lengths = doc._.trf_data.align.lengths.tolist() if len(doc) else []
    words = [length for token, length in zip(doc, lengths, strict=True) if not token.is_space]
    lost = words.count(0)
    return f"{lost:,} of {len(words):,} words not read" if lost else "all words read"


def text(nlp: Language, text: str) -> str:
    (doc,) = nlp.pipe([text])
    finite = numpy.isfinite(pipelines.vectors(nlp, doc)).all() if len(doc) else True
    return unread(doc) + ("" if finite else ", vectors not finite")


def special_tokens(nlp: Language) -> str:
    words = ["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]"]
    doc = nlp(Doc(nlp.vocab, words=words))
    lengths = doc._.trf_data.align.lengths.tolist()
    read = sum(length == len(word) for word, length in zip(words, lengths, strict=True))
    return f"{read} of {len(words)} read as text"


def long_token(nlp: Language) -> str:
    doc = nlp(Doc(nlp.vocab, words=["Anna", "!" * 10_000, "Oslo"]))
    lengths = doc._.trf_data.align.lengths.tolist()
    return f"{lengths[1]:,} of 10,000 wordpieces read; {lengths[2]} of 4 of the next word"


def long_document(nlp: Language) -> str:
    def measure(connection: object) -> None:
        Path("/proc/self/clear_refs").write_text("5")
        before, start = peak(), time.perf_counter()
        doc = nlp(Doc(nlp.vocab, words=TEXT.split() * 10_000))
        seconds = time.perf_counter() - start
        connection.send((unread(doc), peak() - before, seconds))

    receiver, sender = FORK.Pipe(False)
    FORK.Process(target=measure, args=(sender,)).start()
    found, memory, seconds = receiver.recv()
    return f"{found}; {memory / 2**20:,.0f} MiB, {seconds:.1f} s"


def peak() -> int:
    """Most resident memory so far, in bytes."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def batches(nlp: Language) -> str:
    texts = [text for _, _, text in TEXTS if len(text) < 3000]
    differences = [
        numpy.abs(pipelines.vectors(nlp, doc) - pipelines.vectors(nlp, nlp(text))).max()
        for doc, text in zip(nlp.pipe(texts), texts, strict=True)
        if len(doc)
    ]
    return f"vectors alone and in a batch differ by {max(differences):.0e}"


def threads(nlp: Language) -> str:
    texts = [f"{text} {i}" for i in range(200) for text in FIVE]
    expected = [pipelines.labels(doc) for doc in nlp.pipe(texts)]
    before = pipelines.weights(nlp)
    for module in encoder(nlp).modules():
        if isinstance(module, torch.nn.Dropout):
            # As encoders from the hub have it
            module.p = 0.1
    with ThreadPoolExecutor(8) as pool:
        found = [pipelines.labels(doc) for doc in pool.map(nlp, texts)]
    differ = sum(a != b for a, b in zip(expected, found, strict=True))
    modes = {module.training for module in encoder(nlp).modules()}
    kept = "not a bit changed" if pipelines.weights(nlp) == before else "the pipeline changed"
    left = "; left in training mode" if modes == {True} else ""
    return f"{differ} of {len(texts):,} documents differ; {kept}{left}"


def fail(nlp: Language, error: BaseException, smallest: int) -> Callable[[], None]:
    """Let the encoder fail for batches with the word FAIL; returns the way back."""
    component = nlp.get_pipe("transformer")
    predict = component.predict

    def predict_or_fail(docs: list[Doc]) -> object:
        if len(docs) >= smallest and any("FAIL" in doc.text for doc in docs):
            raise error
        return predict(docs)

    component.predict = predict_or_fail
    return lambda: vars(component).pop("predict")


def count(nlp: Language, error: Exception, smallest: int) -> str:
    component = nlp.get_pipe("transformer")
    component.set_error_handler(lambda *args: None)
    back = fail(nlp, error, smallest)
    docs: list[Doc] = []
    try:
        docs.extend(nlp.pipe(FIVE))
        return f"{len(docs)} of {len(FIVE)} documents come out"
    except Exception as err:
        return f"{len(docs)} of {len(FIVE)} documents come out, {type(err).__name__}"
    finally:
        back()
        component.set_error_handler(spacy.util.raise_error)


def one_fails(nlp: Language) -> str:
    return count(nlp, OSError("broken"), 1)


def out_of_memory(nlp: Language) -> str:
    return count(nlp, MemoryError(), 2)


def stream(nlp: Language) -> str:
    def broken() -> object:
        yield from map(nlp.make_doc, FIVE)
        raise OSError

    docs: list[Doc] = []
    with contextlib.suppress(OSError):
        docs.extend(nlp.get_pipe("transformer").pipe(broken(), batch_size=3))
    return f"{len(docs)} of {len(FIVE)} documents come out before the error"


def disabled(nlp: Language) -> str:
    with nlp.select_pipes(disable=["transformer"]):
        try:
            doc = nlp(TEXT)
        except ValueError as err:
            return f"an error: {str(err)[:60]}..."
    return f"no error; vectors of zeros, tags {[token.tag_ for token in doc]}"


def encoder(nlp: Language) -> torch.nn.Module:
    return nlp.get_pipe("transformer").model.transformer


def gradient(nlp: Language) -> str:
    """Let the tagger send one infinite number back."""
    layer = nlp.get_pipe("tagger").model.get_ref("tok2vec").layers[1]
    forward = layer._func

    def spoiled(model: Model, X: object, is_train: bool) -> object:
        Y, backprop = forward(model, X, is_train)

        def spoil(dY: list) -> object:
            dY[0].flat[0] = numpy.inf
            return backprop(dY)

        return Y, spoil

    layer._func = spoiled
    weights = [parameter for parameter in encoder(nlp).parameters() if parameter.requires_grad]
    total = sum(weight.numel() for weight in weights)
    try:
        pipelines.step(nlp, pipelines.examples(nlp), Adam(0.01))
        said = "no error"
    except FloatingPointError as err:
        said = f"an error: {str(err)[:50]}..."
    lost = total - sum(int(weight.isfinite().sum()) for weight in weights)
    return f"{said}; {lost:,} of {total:,} weights of the encoder lost"


def last_listener(nlp: Language) -> str:
    tok2vec = listener_config(2) if is_ours(nlp) else pipelines.STOCK_LISTENER
    nlp.add_pipe("ner", name="last", config={"model": {**pipelines.NER, "tok2vec": tok2vec}})
    pipelines.train(nlp, steps=1)
    batch = [eg for eg in pipelines.examples(nlp)]
    for example in batch:
        example.reference.set_ents([], default="missing")
    before = encoder(nlp).embeddings.word_embeddings.weight.clone()
    pipelines.step(nlp, batch, Adam(0.01))
    same = encoder(nlp).embeddings.word_embeddings.weight.equal(before)
    return "the encoder learns nothing" if same else "the encoder learns from the others"


def killed(nlp: Language) -> str:
    save = to_disk_whole if is_ours(nlp) else Language.to_disk
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model-last")
        save(nlp, path)
        nlp.meta["version"] = "9.9"

        def die() -> None:
            Tagger.to_disk = lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL)
            save(nlp, path)

        child = FORK.Process(target=die)
        child.start()
        child.join()
        version = srsly.read_json(path / "meta.json")["version"]
        changed = version == "9.9" or not (path / "tagger").exists()
    return "a mixture of the old and the new model" if changed else "the model before is whole"


FAULTS: list[tuple[str, str, Callable[[Language], str]]] = [
    ("6", "a token of 10,000 characters", long_token),
    ("8", "50,000 words", long_document),
    ("17", "special tokens in the text", special_tokens),
    ("59", "alone and in a batch", batches),
    ("60", "eight threads", threads),
    ("63", "no memory for a batch", out_of_memory),
    ("64", "one document fails", one_fails),
    ("64", "the stream fails", stream),
    ("40", "the transformer is disabled", disabled),
    ("42", "killed while saving", killed),
    ("26", "an infinite gradient", gradient),
    ("B", "the last component has nothing to learn", last_listener),
]


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        bert = save_checkpoint("bert", Path(folder))

        def run(fault: Callable[[Language], str]) -> str:
            found = []
            for make in (pipelines.ours, pipelines.stock):
                nlp = pipelines.train(make(bert), steps=60)
                try:
                    found.append(fault(nlp))
                except Exception as err:
                    found.append(f"{type(err).__name__}: {str(err)[:70]}")
            return " | ".join(found)

        print("| fault | case | spacy_dlfa | spacy-transformers |\n|---|---|---|---|")
        for number, name, value in TEXTS:
            print(f"| {number} | {name} | {run(lambda nlp, value=value: text(nlp, value))} |")
        for number, name, fault in FAULTS:
            print(f"| {number} | {name} | {run(fault)} |", flush=True)


if __name__ == "__main__":
    main()
