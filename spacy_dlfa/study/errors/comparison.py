"""Errors of comparing runs, and of picking one."""

from spacy_dlfa.errors.message import Message


class ComparisonErrors:
    """Runs, and what sets them apart."""

    DL401 = Message(
        "{corpus}: found predictions of {lengths} labels; expected one number, as from runs on "
        "the same test set"
    )
    DL402 = Message(
        "{corpus}: found {num_found:,} sentences in run {run} and {num_expected:,} in {other}; "
        "evaluate them on the same test set"
    )
    DL403 = Message(
        "{corpus}, sentence {number}: found {num_found} gold annotations in run {run} and "
        "{num_expected} in {other}; evaluate them on the same test set"
    )
    DL404 = Message(
        "{backbone}: found no such folder of an encoder in {folder}; compare from the folder that "
        "the sweep was started in"
    )
    DL405 = Message(
        "{path}: found no `language` in a front matter; expected an encoder whose model card "
        "names the languages it was trained on"
    )
    DL406 = Message(
        "{backbone}: found no foreign test set in the languages of its card ({languages}); "
        "compare without them"
    )
    DL407 = Message("Found no foreign test set with a score; expected one or more")
    DL408 = Message("Found runs of {against} only; expected another system to compare")
    DL409 = Message("System {system}: found the runs {found}; expected a seed of {expected}")
    DL410 = Message("Rule '{rule}': found no such rule; expected one of {rules}")
    DL411 = Message("Fusion '{name}': found only {names} in the runs")
    DL412 = Message("Rule '{rule}': found one system; expected two or more")
    DL413 = Message(
        "Run {run}: found no score on English dev; choose another rule, or dev data with gold "
        "annotation"
    )
    DL414 = Message(
        "Rule '{rule}': found no {key} of the {checkpoint} checkpoint in run {run}; choose "
        "another rule, or give runs of spacy dlfa sweep"
    )
    DL415 = Message(
        "Baseline '{baseline}': found {found} such systems in the runs; expected one of {names}"
    )
    DL416 = Message(
        "Run {run}: found no averaged checkpoint; expected a run of spacy dlfa sweep, or take the "
        "best checkpoint"
    )
    DL417 = Message("Found no run; expected one file or folder, or more")
    DL418 = Message("{path}: found no counts; comparing takes them, so evaluate the pipeline again")
    DL419 = Message(
        "{other_path}: found other test sets than in {path}, see {found}; compare runs on the "
        "same ones"
    )
    DL420 = Message(
        "{path}: found the run {run} in {other} too; expected each name, layer and seed once"
    )
    DL421 = Message("{path}: found no *.json file; expected the runs of a sweep")
    DL422 = Message(
        "{other_path}: found {key} = {found!r}, but {expected!r} in {path}; compare runs of one "
        "kind at a time"
    )
    DL423 = Message(
        "{other_path}: found a training with {key} = {found!r}, but {expected!r} in {path}; "
        "compare runs that were trained alike"
    )
    DL424 = Message("--pick: found no rule that applies; expected runs of spacy dlfa sweep")
    DL425 = Message(
        "Rule '{rule}': found {key} of English alone in run {run}; choose another rule, or add "
        "foreign test sets"
    )
    DL426 = Message(
        "{other_path}: found the name and layer of {path}, but {found}; seeds of one system differ "
        "in nothing else, so compare them apart"
    )
    DL427 = Message(
        "{corpus}: found other {what} in run {run} than in {other}, or in another order; evaluate "
        "them on the same test set"
    )
