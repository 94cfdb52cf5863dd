"""Errors of sweeps, comparisons, reports and the comparison of encoders."""

from spacy_dlfa.errors.message import Message


class StudyErrors:
    """Sweeps, comparisons and reports."""

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
        "{other_path}: found a sweep with {key} = {found!r}, but {expected!r} in {path}; compare "
        "runs that were trained alike",
        cause=(
            "The runs were trained with different settings, so that a difference would not be the "
            "layer's or the fusion's."
        ),
        remedy="Compare runs that were trained alike, or sweep again with the same settings.",
    )
    DL424 = Message(
        "--pick: found no rule that applies; expected runs of spacy dlfa sweep",
        cause="The runs lack all of the figures that rules pick by.",
        remedy="Give the runs of `spacy dlfa sweep`.",
    )
    DL430 = Message(
        "--fusions: found '{name}'; choose from {known}",
        cause="A fusion is misspelt, or its package isn't installed.",
        remedy="Choose from those in the message.",
    )
    DL431 = Message(
        "--layers: found {layer}; the encoder has {num_layers} layers, so the lower ones are 0 "
        "(the embeddings) to {last}",
        cause="A layer of `--layers` isn't below the encoder's last one.",
        remedy="Choose from 0 to the number in the message, or `--layers all`.",
    )
    DL432 = Message(
        "{option}: found '{text}'; expected numbers like 5, 2,5 or 1-7",
        cause="The option takes whole numbers, ranges and lists.",
        remedy="Write it like `5`, `2,5` or `1-7`, without spaces.",
    )
    DL433 = Message(
        "{folder}: {found}",
        cause="The training that exports the pipeline failed. Its own error follows.",
        remedy="Mend what the error says. If the process died, free some memory and run again.",
    )
    DL434 = Message(
        "--output {folder}: found a sweep of {found}; expected a new folder, or one of {task}",
        cause="The folder holds the sweep of another task.",
        remedy="Choose a new `--output` folder.",
    )
    DL435 = Message(
        "--config {config}: there is no such file in {folder}; give a training config",
        cause="There is no such config in the folder that the command runs in.",
        remedy="Give a training config, as in `--config configs/ner.cfg`.",
    )
    DL436 = Message(
        "{option} {path}: found {found}; give English data of spacy dlfa convert",
        cause="English training or development data isn't there, or its folder is empty.",
        remedy=(
            "Make it with `python -m spacy dlfa convert`, and give it by `--paths.train` and "
            "`--paths.dev`."
        ),
    )
    DL437 = Message(
        "--{name}: a sweep sets it for each run; expected {option} instead",
        cause="A sweep sets this setting itself, from an option of its own.",
        remedy="Use the option in the message instead.",
    )
    DL438 = Message(
        "{folder}: found {name}, but no {memo} that says how it was made; choose another --output",
        cause="The folder has results, but not the file that says how they were made.",
        remedy="Choose another `--output`.",
    )
    DL439 = Message(
        "{folder}: its runs can't be compared with these, found {found}; choose another --output, "
        "or remove the folder",
        cause="The folder holds runs that were made with other data or settings.",
        remedy="Choose another `--output`, or remove the folder.",
    )
    DL440 = Message(
        "{path}: found no JSON ({error}); remove the folder, or choose another --output",
        cause="The file in which a sweep remembers its settings is damaged.",
        remedy="Remove the folder, or choose another `--output`.",
    )
    DL441 = Message(
        "{folder}: another sweep is at work in this folder; wait for it or choose another --output",
        cause="Another process sweeps into the same folder.",
        remedy="Wait for it, or choose another `--output`.",
    )
    DL442 = Message(
        "Encoding the corpus {name}: {found}",
        cause="A corpus can't be encoded. The error of the worker follows.",
        remedy=(
            "Mend what the error says, and run the same command again: finished runs are kept. If "
            "the process died, use fewer `--workers`."
        ),
    )
    DL443 = Message(
        "[components.{component}.model.tok2vec] upper = {upper}; a sweep is of layers beside the "
        "last one, so set it to null, or cut the encoder there by [components.transformer.model] "
        "transformer_config",
        cause=(
            "A sweep compares layers below the last one, and the config reads another upper layer."
        ),
        remedy=(
            "Set `upper = null`. To sweep below a lower layer, cut the encoder: "
            '`transformer_config = {"num_hidden_layers": 8}`.'
        ),
    )
    DL444 = Message(
        "{config}: found [components.{name}.{block}] @architectures = {found!r}; a sweep of "
        "{task} expects {wanted!r}",
        cause="The config isn't made for this task, or has another listener.",
        remedy=(
            "Use the project's config of the task, such as `configs/ner.cfg`, or one of `python "
            "-m spacy dlfa init-config`."
        ),
    )
    DL445 = Message(
        "--{name}: [{section}] of {config} has no such setting; expected one of {settings}",
        cause="An override names a setting that the config doesn't have.",
        remedy="Choose one of those in the message; a typo is likely.",
    )
    DL446 = Message(
        "{found}",
        cause="A setting of `[training]` has a value of the wrong kind.",
        remedy=(
            "Give a value of the kind that the message asks for, as in `--training.max_steps 2000`."
        ),
    )
    DL447 = Message(
        "Encoder '{name}': there is no such folder with config.json, and no such model on the "
        "Hugging Face hub or no network; set --vars.backbone",
        cause="The encoder that the config names is neither a folder here nor reached on the hub.",
        remedy=(
            "Set `--vars.backbone assets/multilingual-e5-small`, or check the name and the network."
        ),
    )
    DL448 = Message(
        "[training] eval_frequency = {eval_frequency} leaves no checkpoint in {max_steps} steps; "
        "set it lower",
        cause=(
            "Checkpoints are kept every `eval_frequency` steps, and training ends before the first."
        ),
        remedy="Set `--training.eval_frequency` to `max_steps` or less.",
    )
    DL450 = Message(
        "--data {data}: there is no such folder in {folder}; expected one with pos, ner and "
        "textcat, like the project's assets",
        cause="There is no such folder where the command runs.",
        remedy="Give a folder with `pos`, `ner` and `textcat`, like `--data assets`.",
    )
    DL451 = Message(
        "{source}: there is no such file; expected it as in the project's assets",
        cause="A file is missing in the data folder.",
        remedy="Give `--data` the folder `assets` of the repository, or restore the file.",
    )
    DL452 = Message(
        "{path}: found {found}; expected an English and a foreign test set, as in the project's "
        "assets",
        cause="A task needs an English and at least one foreign test set.",
        remedy="Put both into the folder that the message names.",
    )
    DL453 = Message(
        "Found an encoder twice; expected each folder once",
        cause="One folder was given twice.",
        remedy="Give each encoder once.",
    )
    DL454 = Message(
        "Found encoders of equal names, {names}; expected folders whose names, or whose parents' "
        "names, differ",
        cause="Encoders are called by their folders, and two would have one name.",
        remedy="Rename a folder.",
    )
    DL455 = Message(
        "{folder}: found no config.json; expected the folder of an encoder",
        cause="The folder isn't that of an encoder.",
        remedy="Give a folder with `config.json`, a tokenizer and weights.",
    )
    DL456 = Message(
        "{config}: there is no such file in {folder}; give the folder with a config for each task "
        "with --configs",
        cause="The folder of configs lacks the one of a task.",
        remedy="Give the folder with all of them: `--configs configs`.",
    )
    DL457 = Message(
        "Can't load '{backbone}': {reason}",
        cause="The encoder can't be loaded. The reason follows.",
        remedy="Mend what it says, or give another encoder.",
    )
    DL458 = Message(
        "{path}: can't be read ({error}); expected the head's tensors",
        cause="The file of the head that predicts masked words can't be read.",
        remedy="Copy it again, or remove it, so that the encoder is measured without it.",
    )
    DL459 = Message(
        "{path}: found {key} of shape {shape}; the encoder beside it asks for {wanted}",
        cause="The head that predicts masked words belongs to another encoder.",
        remedy="Put the head and the encoder of one training side by side.",
    )
    DL460 = Message(
        "{path}: found {num_rows} sentences with the id of an English one; expected two or more, "
        "so that translations can be told from other sentences",
        cause=(
            "Translations are found by the ids that they share with English sentences, and there "
            "are too few."
        ),
        remedy="Give test sets whose sentences have the ids of the English ones.",
    )
    DL461 = Message(
        "The model cards have no foreign language in common that there are test sets for; say "
        "which languages count with --languages",
        cause="No foreign language is in all model cards and has test sets.",
        remedy="Say which languages count, as in `--languages de,fr,zh`.",
    )
    DL462 = Message(
        "{task}: found no test set in {languages}; say which languages count with --languages",
        cause="None of the test sets of the task is in the languages that count.",
        remedy="Say which languages count, as in `--languages de,fr,zh`.",
    )
    DL463 = Message(
        "{found}",
        cause="Parts of the measurement failed, each with its own error.",
        remedy="Mend what the errors say, and run the same command again: finished parts are kept.",
    )
    DL464 = Message(
        "{model}: found {depth} layers to be left; the encoder has {num_layers}, so expected 1 to "
        "{num_layers}",
        cause="The number behind the `@` is not one of the encoder's layers.",
        remedy="Write a number from 1 to the one in the message, as in `mbert@8`.",
    )
    DL465 = Message(
        "{encoder}, speed: {found}",
        cause="An encoder's speed can't be measured. The error of the worker follows.",
        remedy="Mend what the error says. If the process died, free some memory and run again.",
    )
    DL470 = Message(
        "Block {name}: found {num_start} of {start} and {num_end} of {end}; expected one, and "
        "behind it the other",
        cause="The page must have one comment where a block begins, and one where it ends.",
        remedy="Restore both comments in the page, in order, or remove what is left of the block.",
    )
    DL471 = Message(
        "Fusion '{name}' of {registered}: found the colour '{colour}'; expected one of {colours}",
        cause="A fusion of another package asks for a colour that charts don't have.",
        remedy="Choose one of those in the message in its `@variants`.",
    )
    DL472 = Message(
        "{path}: --markdown expects the folders of sweeps",
        cause="`--markdown` writes blocks of sweeps, and a file was given.",
        remedy="Give folders of sweeps.",
    )
    DL473 = Message(
        "Found two folders called {name}; expected a name for each block",
        cause="Blocks of the page are named by the folders, and two have one name.",
        remedy="Rename a folder.",
    )
    DL474 = Message(
        "Found scores of {task}; expected some of texts or pairs, whose classes say what chance is",
        cause="Coverage is drawn against chance, which tags and entities have no measure of.",
        remedy="Give scores of a pipeline for texts or pairs.",
    )
    DL475 = Message(
        "{backbone}: found no folder of an encoder in {folder} whose model card names languages; "
        "run this where the pipeline was evaluated",
        cause=(
            "From this folder the encoder's path leads nowhere, or its model card doesn't say "
            "which languages it has seen."
        ),
        remedy=(
            "Run the command where the pipeline was evaluated. If the card lacks them, write "
            "`language: [en, de, ...]` at the top of its `README.md`, between two lines `---`."
        ),
    )
    DL476 = Message(
        "Found no foreign test set that has scores, a file and a script in its name; expected "
        "names like deu_Latn, as of SIB-200",
        cause="The test sets aren't those of the scores, or their names don't say the script.",
        remedy="Give the test sets that were scored, with names like `deu_Latn.spacy`.",
    )
    DL480 = Message(
        "--intermediates: found '{part}'; expected {none}, or some of {tasks} with {separator} "
        "between them",
        cause="An intermediate task is misspelt, or there is no such task.",
        remedy="Choose from those in the message, as in `--intermediates none,nli,pairs+nli`.",
    )
    DL481 = Message(
        "--intermediates: found '{start}' for {target}; expected tasks that differ from each other "
        "and from the target",
        cause="An intermediate task is named twice, or is the one that is trained after it.",
        remedy="Name each task once, and leave out the target.",
    )
    DL482 = Message(
        "{folder}: another process is at work in this folder; wait for it or choose another "
        "--output",
        cause="Another process compares intermediate tasks in the same folder.",
        remedy="Wait for it, or choose another `--output`.",
    )
    DL483 = Message(
        "{path}: found a run with {key} = {found!r}, and {wanted!r} here; choose another --output, "
        "or remove the folder",
        cause="The folder holds runs that were made with other data or settings.",
        remedy="Choose another `--output`, or remove the folder.",
    )
    DL484 = Message(
        "{path}: there is no such file in {folder}; make it with python -m spacy project run "
        "{name}-convert",
        cause="English data of a task haven't been converted, or the command runs elsewhere.",
        remedy="Run the project's command that the message names, in the project's folder.",
    )
    DL485 = Message(
        "{path}: there is no such file in {folder}; give the folder of the project's configs with "
        "--configs",
        cause="The folder of configs lacks the one of a task, or that of intermediate tasks.",
        remedy="Give the project's: `--configs configs`.",
    )
    DL490 = Message(
        "--samples {folder}: found no table with the sentences {ids} of SIB-200; expected a folder "
        "like assets/textcat/test",
        cause="The demo shows some sentences of SIB-200 by their ids, and no table has them.",
        remedy="Give a folder with SIB-200's test sets: `--samples assets/textcat/test`.",
    )
