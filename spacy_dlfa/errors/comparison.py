"""Errors of comparing runs, and of picking one."""

from spacy_dlfa.errors.message import Message


class ComparisonErrors:
    """Runs, and what sets them apart."""

    DL401 = Message(
        "{corpus}: found predictions of {lengths} labels; expected one number, as from runs on "
        "the same test set",
        cause="Runs have predictions of different numbers of labels for one test set.",
        remedy="Evaluate all runs on the same test sets.",
    )
    DL402 = Message(
        "{corpus}: found {num_found:,} sentences in run {run} and {num_expected:,} in {other}; "
        "evaluate them on the same test set",
        cause="Runs were evaluated on versions of a test set with different numbers of sentences.",
        remedy="Evaluate them again on the same files.",
    )
    DL403 = Message(
        "{corpus}, sentence {number}: found {num_found} gold annotations in run {run} and "
        "{num_expected} in {other}; evaluate them on the same test set",
        cause="Runs were evaluated on versions of a test set with different gold annotation.",
        remedy="Evaluate them again on the same files.",
    )
    DL404 = Message(
        "{backbone}: found no such folder of an encoder in {folder}; compare from the folder that "
        "the sweep was started in",
        cause="The runs name the encoder by a path, and from this folder it leads nowhere.",
        remedy="Run `compare` from the folder that the sweep was started in.",
    )
    DL405 = Message(
        "{path}: found no `language` in a front matter; expected an encoder whose model card "
        "names the languages it was trained on",
        cause="The encoder's model card doesn't say which languages it has seen.",
        remedy=(
            "Write `language: [en, de, ...]` at the top of its `README.md`, between two lines "
            "`---`, or leave out `--known`."
        ),
    )
    DL406 = Message(
        "{backbone}: found no foreign test set in the languages of its card ({languages}); "
        "compare without them",
        cause="None of the foreign test sets is in a language of the encoder's card.",
        remedy="Leave out `--known`, or add test sets.",
    )
    DL407 = Message(
        "Found no foreign test set with a score; expected one or more",
        cause="The runs have scores for English alone.",
        remedy="Evaluate on foreign test sets: `sweep --test corpus/ner/test`.",
    )
    DL408 = Message(
        "Found runs of {against} only; expected another system to compare",
        cause="All runs are of one system, so there is nothing to compare it with.",
        remedy="Add runs of another fusion or layer.",
    )
    DL409 = Message(
        "System {system}: found the runs {found}; expected a seed of {expected}",
        cause=(
            "Systems are compared seed by seed, and this one has no seed in common with the "
            "baseline."
        ),
        remedy="Sweep it with the same `--seeds`.",
    )
    DL410 = Message(
        "Rule '{rule}': found no such rule; expected one of {rules}",
        cause="The rule is misspelt, or there is no such rule.",
        remedy="Choose one of those in the message.",
    )
    DL411 = Message(
        "Fusion '{name}': found only {names} in the runs",
        cause="The runs have no fusion of that name.",
        remedy="Choose one of those in the message.",
    )
    DL412 = Message(
        "Rule '{rule}': found one system; expected two or more",
        cause="A rule picks the best of several systems.",
        remedy="Sweep more layers, as in `--layers all`, or more fusions.",
    )
    DL413 = Message(
        "Run {run}: found no score on English dev; choose another rule, or dev data with gold "
        "annotation",
        cause="The rule needs scores on English development data, and the run has none.",
        remedy="Give `--paths.dev` with gold annotation, or choose another rule.",
    )
    DL414 = Message(
        "Rule '{rule}': found no {key} of the {checkpoint} checkpoint in run {run}; choose "
        "another rule, or give runs of spacy dlfa sweep",
        cause="The rule needs a figure that only runs of a sweep have.",
        remedy="Choose another rule, or give the runs of `spacy dlfa sweep`.",
    )
    DL415 = Message(
        "Baseline '{baseline}': found {found} such systems in the runs; expected one of {names}",
        cause=(
            "The baseline must name one system, by its fusion and, if that is not enough, its "
            "layer."
        ),
        remedy="Give one of the names in the message.",
    )
    DL416 = Message(
        "Run {run}: found no averaged checkpoint; expected a run of spacy dlfa sweep, or take the "
        "best checkpoint",
        cause="Averaged checkpoints are made by sweeps alone.",
        remedy="Give runs of `spacy dlfa sweep`, or add `--checkpoint best`.",
    )
    DL417 = Message(
        "Found no run; expected one file or folder, or more",
        cause="The command was given no run.",
        remedy="Name a folder of a sweep, or files of scores.",
    )
    DL418 = Message(
        "{path}: found no counts; comparing takes them, so evaluate the pipeline again",
        cause="The file was made without the counts of each sentence, which comparing needs.",
        remedy="Evaluate the pipeline again.",
    )
    DL419 = Message(
        "{other_path}: found other test sets than in {path}, see {found}; compare runs on the "
        "same ones",
        cause="Runs were evaluated on different test sets.",
        remedy="Evaluate them on the same ones; the message names some that differ.",
    )
    DL420 = Message(
        "{path}: found the run {run} in {other} too; expected each name, layer and seed once",
        cause="Two files hold the run of one name, layer and seed.",
        remedy="Give only one of them.",
    )
    DL421 = Message(
        "{path}: found no *.json file; expected the runs of a sweep",
        cause="The folder has no runs.",
        remedy="Give the `--output` folder of a sweep.",
    )
    DL422 = Message(
        "{other_path}: found {key} = {found!r}, but {expected!r} in {path}; compare runs of one "
        "kind at a time",
        cause="The runs differ in something that must be equal to compare them, such as the task.",
        remedy="Compare runs of one kind at a time.",
    )
    DL423 = Message(
        "{other_path}: found a training with {key} = {found!r}, but {expected!r} in {path}; "
        "compare runs that were trained alike",
        cause=(
            "The runs were trained with different settings, so that a difference would not be the "
            "layer's or the fusion's."
        ),
        remedy="Compare runs that were trained alike, or train again with the same settings.",
    )
    DL424 = Message(
        "--pick: found no rule that applies; expected runs of spacy dlfa sweep",
        cause="The runs lack all of the figures that rules pick by.",
        remedy="Give the runs of `spacy dlfa sweep`.",
    )
    DL425 = Message(
        "Rule '{rule}': found {key} of English alone in run {run}; choose another rule, or add "
        "foreign test sets",
        cause="The rule looks at test sets of other languages, and the run has none.",
        remedy="Choose another rule, or sweep with foreign test sets: `--test corpus/ner/test`.",
    )
    DL426 = Message(
        "{other_path}: found the name and layer of {path}, but {found}; seeds of one system differ "
        "in nothing else, so compare them apart",
        cause=(
            "Runs that would be taken for seeds of one system have another fusion, or were "
            "self-trained on other sentences, so that their mean would be of no system."
        ),
        remedy="Give the runs of one of them at a time, or train all seeds with the same settings.",
    )
