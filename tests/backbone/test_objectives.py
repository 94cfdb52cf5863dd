import dataclasses
import random
import re

import numpy as np
import pytest
import torch

from backbone.code_switching import switch_row
from backbone.example import GERMAN
from backbone.files import find_corpus_files
from backbone.lexicon import Lexicon, collect_aligned_rows, induce_lexicon, read_lexicons
from backbone.objectives.batches import Batches
from backbone.objectives.contrastive import contrastive_loss
from backbone.objectives.masking import describe_vocabulary, mask_windows
from backbone.objectives.windows import get_second_half, make_translation_window, make_twins
from backbone.sampling import Translations
from spacy_dlfa.corpora.held_out import HeldOut

PIECES = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    *"abcdefgh",
    *(f"##{x}" for x in "abcdefgh"),
]
VOCABULARY = describe_vocabulary(PIECES)


def _mask(whole, rate=0.2, size=400, length=64):
    rng = np.random.default_rng(0)
    ids = rng.integers(0, len(PIECES), (size, length))
    inputs, chosen = mask_windows(ids, np.full(size, rate), np.full(size, whole), VOCABULARY, rng)
    return ids, inputs, chosen


@pytest.mark.parametrize("whole", [True, False])
def test_masking_rates(whole):
    ids, inputs, chosen = _mask(whole)
    ordinary = ~VOCABULARY.special[ids]
    assert chosen[ordinary].mean() == pytest.approx(0.2, abs=0.01)
    hidden, stays = inputs == VOCABULARY.mask, inputs == ids
    assert hidden[chosen].mean() == pytest.approx(0.8, abs=0.01)
    # A random piece is the right one by chance.
    assert stays[chosen].mean() == pytest.approx(0.1 + 0.1 / 16, abs=0.01)
    assert not chosen[~ordinary].any()
    assert stays[~chosen].all()
    assert not VOCABULARY.special[inputs[chosen & ~hidden]].any()


def test_whole_words_are_chosen_whole():
    ids, _, chosen = _mask(whole=True)
    goes_on = VOCABULARY.continues[ids[:, 1:]] & ~VOCABULARY.special[ids[:, :-1]]
    assert (chosen[:, 1:] == chosen[:, :-1])[goes_on].all()
    ids, _, chosen = _mask(whole=False)
    goes_on = VOCABULARY.continues[ids[:, 1:]] & ~VOCABULARY.special[ids[:, :-1]]
    assert not (chosen[:, 1:] == chosen[:, :-1])[goes_on].all()


def test_a_vocabulary_without_special_pieces():
    with pytest.raises(ValueError, match=r"lacks \[MASK\]"):
        describe_vocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a"])


def _is_translation(made, left, right):
    first, second = (re.findall(r"\w+", made.tokenizer.decode(ids)) for ids in (left, right))
    if first[0] not in GERMAN:
        first, second = second, first
    # The halves are cut where they are full, so the last word may be cut.
    count = min(len(first), len(second)) - 1
    assert count >= 3
    return [GERMAN.get(word, word) for word in first][:count] == second[:count]


def test_windows_hold_translations(made):
    rng = np.random.default_rng(0)
    for length in (32, 64):
        for _ in range(50):
            draw = (rng, made.batches.translations, length, made.batches.vocabulary)
            window, second = make_translation_window(*draw), get_second_half(length)
            assert window.shape == (length,)
            assert window[second - 1] == window[-1] == made.batches.vocabulary.sep
            assert _is_translation(made, window[1 : second - 1], window[second:-1])
            left, right = make_twins(*draw)
            assert left.shape == right.shape == (length,)
            assert _is_translation(made, left[1:-1], right[1:-1])


def test_batch(made):
    seen_tlm = seen_twins = windows = 0
    for step in range(60):
        batch = made.batches[step]
        size, length = batch.ids.shape
        windows += size
        seen_tlm += batch.tlm
        seen_twins += 2 * batch.twins
        assert size * length == made.settings.training.pieces_per_step
        first, second = 2 * batch.twins, get_second_half(length)
        tlm = slice(first, first + batch.tlm)
        assert (batch.positions[tlm, second] == 0).all()
        assert (batch.positions[:first] == torch.arange(length)).all()
        assert (batch.segments[:, :second] == 0).all()
        assert (batch.ids[:, 0] == made.batches.vocabulary.cls).all()
        assert (batch.ids != 0).all()
        assert len(batch.places) == len(batch.gold) > 0
        assert not made.batches.vocabulary.special[batch.gold].any()
    assert seen_tlm / windows == pytest.approx(made.settings.objectives.tlm, abs=0.03)
    assert seen_twins / windows == pytest.approx(made.settings.objectives.twins, abs=0.03)


def test_a_step_has_one_batch(made):
    for ours, again, other in zip(made.batches[3], made.batches[3], made.batches[4]):
        if isinstance(ours, torch.Tensor):
            assert torch.equal(ours, again)
            assert ours.shape != other.shape or not torch.equal(ours, other)


def test_the_lexicon_finds_the_translations(made):
    files = find_corpus_files([made.folder / "corpus"])
    rows = collect_aligned_rows(files, made.settings.corpus, 60, HeldOut([]))
    lexicon = induce_lexicon(rows["de"], "de", made.settings.lexicon)
    assert {word: translation for word, (translation, _) in lexicon.mutual.items()} == GERMAN
    assert read_lexicons(made.folder / "switched" / "lexicon.json") == {"de": lexicon.mutual}


def test_switched_words_come_from_the_lexicon():
    lexicon = Lexicon({}, {"house": [("haus", 0.9), ("heim", 0.5)], "river": [("fluss", 0.9)]})
    rng = random.Random(0)
    row = ("the house by the river", "das heim an dem strom", "de")
    assert switch_row(*row, lexicon, 1.0, rng) == (
        "the heim by the river",
        "das house an dem strom",
    )
    assert switch_row(*row, lexicon, 0.0, rng) == row[:2]
    chinese = Lexicon({}, {"Beijing": [("北京", 0.9)], "I": [("我", 0.9)]})
    row = ("I live in Beijing", "我住在北京", "zh")
    assert switch_row(*row, chinese, 1.0, rng) == ("我 live in 北京", "我住在 Beijing ")


def test_contrastive_loss_falls_when_pairs_match():
    torch.manual_seed(0)
    means = torch.randn(8, 1, 16).repeat_interleave(2, 0).expand(16, 5, 16)
    unlike = torch.randn(16, 5, 16)
    others = torch.randn(4, 5, 16)
    alike, apart = (
        contrastive_loss(torch.cat([states, others]), 8, 0.1) for states in (means, unlike)
    )
    assert alike < 0.1 < apart
    shifted = contrastive_loss(torch.cat([means.roll(1, 0), others]), 8, 0.1)
    assert shifted > alike + 1
    assert contrastive_loss(unlike, 1, 0.1) == 0


def test_corpora_that_lack_what_is_asked_for(made):
    packed = made.packed._replace(texts=[t for t in made.packed.texts if t.kind == "mono"])
    with pytest.raises(ValueError, match="the corpus has no code-switched text"):
        Batches(packed, made.settings)
    objectives = dataclasses.replace(made.settings.objectives, switched=0.0)
    settings = dataclasses.replace(made.settings, objectives=objectives)
    with pytest.raises(ValueError, match="the corpus has no aligned text"):
        Batches(packed, settings)


def test_too_few_translations_end_the_search(made):
    """A text may be aligned with another by keys that are too few to draw from."""
    texts = [
        text._replace(keys=np.where(np.arange(len(text.keys)) < 3, text.keys, -1))
        for text in made.packed.texts
        if text.kind == "bible"
    ]
    translations = Translations(made.packed._replace(texts=texts), made.settings.sampling)
    with pytest.raises(ValueError, match=r"the last in bible.* with 3 common lines; pack more"):
        translations.draw(np.random.default_rng(0), (16, 16))


def test_a_language_without_others_to_draw_ends_the_search(made):
    german = next(text for text in made.packed.texts if text.name == "bible.de")
    texts = [german, german._replace(name="bible.fr", language="fr")]
    sampling = dataclasses.replace(made.settings.sampling, languages={"fr": 0.0})
    translations = Translations(made.packed._replace(texts=texts), sampling)
    with pytest.raises(ValueError, match=r"sampling.languages: found no other .*than 'de'"):
        translations.draw(np.random.default_rng(0), (16, 16))
