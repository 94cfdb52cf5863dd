"""The scores that the DLFA paper reports, to stand beside those of a sweep."""

from typing import NamedTuple

CITATION = (
    "Beiduo Chen, Wu Guo, Quan Liu, Kun Tao: Feature Aggregation in Zero-Shot Cross-Lingual "
    "Transfer Using Multilingual BERT. ICPR 2022, pp. 1428–1435, "
    "doi 10.1109/ICPR56361.2022.9956721, arXiv 2205.08497. Table 1: averages over XTREME's "
    "languages, English training, multilingual BERT (12 layers)."
)
NUM_LAYERS = 12
#: Short name of the fusion with the equations as printed
PAPER_FUSION = "dlfa-feature"


class PaperScores(NamedTuple):
    """A column of the paper's Table 1.

    title (str): Data set and metric.
    metric (str): Our metric that is nearest to it.
    scores (Dict[Optional[int], float]): The last layer fused with each lower one, in per cent;
        None: the last layer alone.
    """

    title: str
    metric: str
    scores: dict[int | None, float]


def _column(title: str, metric: str, baseline: float, *from_layer_11: float) -> PaperScores:
    layers = range(NUM_LAYERS - 1, 0, -1)
    return PaperScores(
        title, metric, {None: baseline, **dict(zip(layers, from_layer_11, strict=True))}
    )


#: By task; the paper has no topics.
PAPER = {
    "pairs": _column(
        "PAWS-X accuracy", "accuracy", 81.94,
        83.04, 84.33, 84.24, 82.91, 83.48, 84.37, 82.44, 82.75, 83.81, 83.04, 82.50,
    ),
    "ner": _column(
        "WikiANN NER F1", "f", 62.17,
        62.27, 62.76, 62.43, 63.34, 62.63, 61.84, 61.66, 62.28, 61.88, 61.34, 61.73,
    ),
    "tagger": _column(
        "UD POS F1", "seqeval_f1", 70.28,
        71.53, 71.81, 71.58, 71.36, 71.52, 71.29, 71.08, 71.26, 71.21, 71.38, 71.18,
    ),
}  # fmt: skip
