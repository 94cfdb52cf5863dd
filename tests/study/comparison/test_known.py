import pytest

from spacy_dlfa.study.comparison.known import in_known_languages
from spacy_dlfa.study.comparison.paired import compare
from spacy_dlfa.study.comparison.pick import target_scores
from tests.study.comparison.sweeps import make_sweep
from tests.study.report.runs import make_run as make_full_run

SYSTEMS = {("last", None): 0.5, ("dlfa", 5): 0.7}


def with_card(folder, languages):
    (folder / "README.md").write_text(f"---\nlanguage: {languages}\n---\n", encoding="utf8")
    return [{**run, "backbone": str(folder)} for run in make_sweep(SYSTEMS)]


def test_means_are_over_the_languages_of_the_card(tmp_path):
    runs = in_known_languages(with_card(tmp_path, "[en, de, pt, ja]"))
    (found,) = compare(runs, resamples=100)
    assert found.corpora == 2
    assert set(found.by_corpus) == {"de_pud", "en_pud", "pt_pud"}
    for run in runs:
        for part in (run, run["average"]):
            german, portuguese = (part["scores"][c]["accuracy"] for c in ("de_pud", "pt_pud"))
            assert part["averages"]["all"] == {
                "corpora": 2,
                "accuracy": pytest.approx((german + portuguese) / 2),
            }


def test_english_counts_as_known_though_the_card_leaves_it_out(tmp_path):
    runs = in_known_languages(with_card(tmp_path, "[ru]"))
    assert set(runs[0]["scores"]) == {"en_pud", "ru_pud"}


def test_means_by_family_are_those_of_what_is_left(tmp_path):
    (tmp_path / "README.md").write_text("---\nlanguage: [en, de, sv, pt]\n---\n")
    run = {**make_full_run("dlfa", 4, 0, task="tagger"), "backbone": str(tmp_path)}
    (found,) = in_known_languages([run])
    for part in (found, found["average"]):
        scores = {name: row["accuracy"] for name, row in part["scores"].items()}
        germanic = pytest.approx((scores["de_pud"] + scores["sv_pud"]) / 2)
        means = part["averages"]
        assert [means[key]["corpora"] for key in ("all", "enf", "nenf")] == [3, 2, 1]
        assert means["enf"]["accuracy"] == means["genera"]["Germanic"]["accuracy"] == germanic
        assert means["nenf"]["seqeval_f1"] == part["scores"]["pt_pud"]["seqeval_f1"]
        assert {*means["genera"]} == {"Germanic", "Romance"}


def test_regrets_are_of_the_known_languages_too(tmp_path):
    runs = with_card(tmp_path, "[ru]")
    found = target_scores(in_known_languages(runs))
    seeds = [run for run in runs if run["name"] == "dlfa"]
    expected = sum(run["scores"]["ru_pud"]["accuracy"] for run in seeds) / len(seeds)
    assert found[("dlfa", 5), "best"] == pytest.approx(expected)


def test_languages_whose_labels_were_seen_are_in_no_mean(tmp_path):
    runs = with_card(tmp_path, "[de, pt]")
    for run in runs:
        for part in (run, run["average"]):
            part["scores"]["de_pud"]["zero_shot"] = False
    for run in in_known_languages(runs):
        portuguese = run["scores"]["pt_pud"]["accuracy"]
        assert run["averages"]["all"] == {"corpora": 1, "accuracy": portuguese}
        assert "de_pud" in run["scores"]


def test_the_runs_that_were_read_are_left_as_they_are(tmp_path):
    runs = with_card(tmp_path, "[ru]")
    in_known_languages(runs)
    assert set(runs[0]["scores"]) > {"en_pud", "ru_pud"}


@pytest.mark.parametrize("card", [None, "# A model without front matter\n"])
def test_no_card_that_names_languages(tmp_path, card):
    runs = with_card(tmp_path, "[ru]")
    (tmp_path / "README.md").unlink()
    if card is not None:
        (tmp_path / "README.md").write_text(card, encoding="utf8")
    with pytest.raises(ValueError, match=r"README\.md: found no `language`"):
        in_known_languages(runs)


def test_no_test_set_in_a_known_language(tmp_path):
    with pytest.raises(ValueError, match=r"languages of its card \(Japanese\)"):
        in_known_languages(with_card(tmp_path, "[ja]"))


def test_from_another_folder_than_the_sweeps(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="mini: found no such folder"):
        in_known_languages(make_sweep(SYSTEMS))
