"""Sentences that the page and the manual page share."""

from dlcli.errors import ExitCode

EXIT_CODES = {
    ExitCode.DONE: "done",
    ExitCode.GATE: "a gate broke, or dlcli diff found a change",
    ExitCode.USAGE: "wrong usage, also a folder or glob without an image, or a wrong settings file",
    ExitCode.INCOMPLETE: "done, but some inputs failed",
    ExitCode.MISSING: "a model or an extra is missing",
    ExitCode.STOPPED: "could not go on: disk full, model file or data set unusable",
    ExitCode.BUG: "a bug of ours; --debug shows the traceback",
    ExitCode.INTERRUPTED: "Ctrl-C",
    ExitCode.CLOSED_PIPE: "a closed pipe",
    ExitCode.TERMINATED: "SIGTERM or SIGHUP",
}
SETTINGS = (
    "Where a command line is silent, options take their values from the environment (DLCLI_DETECT_CONF=0.4, "
    "DLCLI_CONF=0.4), then from the nearest dlcli.toml, then from [tool.dlcli] in the nearest pyproject.toml. Both are "
    "looked for from the working directory upwards, to the root of its repository (the folder with .git) or file "
    "system.",
    "A key is an option's name without its dashes, max_det or max-det. It goes at the top for every command that has "
    "the option, or in the table of a command or of a group of them: [detect], [train], [train.detect]. The stronger "
    "source wins; within one, the variable or table of the command itself. An array fills an option that takes a LIST "
    "or may be given several times; a variable holds one value a line for the latter, and an empty one is not set. "
    "File names are taken from the working directory, as if typed.",
    "A settings file may be somebody else's. Options that name places (--out, --report) or models, that decide what "
    "becomes of files (--resume) or what counts and fails (--conf, --exit-zero, --skip-bad) are taken only from a file "
    "of the user or root, in a folder of theirs, both of which nobody else can write; and the places that it names lie "
    "below the working directory, also through links: no absolute path, .. or ~. Else a run that would take such an "
    "option from it ends with 2 and names it. Variables and the command line are free. A line on standard error, which "
    "--quiet leaves out, says what a run took from which file.",
    "Arguments, --overwrite, --move, --allow-loss, --plan and --debug are given on the command line only. A flag that "
    "settings turn on is turned off by its name with no-: --no-quiet; dlcli --no-settings reads none of them. dlcli "
    "config show COMMAND prints what holds and where it comes from, as TOML.",
)
SHARED = "Options of every image command"
FILES = {
    "dlcli.toml, pyproject.toml": "settings, see SETTINGS",
    "OUT/results.jsonl": "the records of a run with --out OUT; with --shard 3/8 results.3-of-8.jsonl",
    "OUT/results.state.jsonl": "what --resume and --overwrite need to know of the files of that run",
    "OUT/.results.jsonl.part": "the records so far, while a run goes on or after it was cut short",
    "$XDG_DATA_HOME/dlcli/models, ~/.local/share/dlcli/models": "models brought in by dlcli models import",
    "$XDG_CACHE_HOME/dlcli/networks, ~/.cache/dlcli/networks": "models as dlcli doctor --tune arranged them for this "
    "processor; may be removed at any time",
    "RUN/best.onnx, RUN/best.safetensors, RUN/last.pt": "of a training: the exported model, the best weights, the last "
    "state",
}
ENVIRONMENT = {
    "DLCLI_OPTION, DLCLI_COMMAND_OPTION": "values of options, such as DLCLI_CONF or DLCLI_DETECT_CONF; see SETTINGS",
    "DLCLI_MODELS": "the folder of imported models, in place of the one under FILES",
    "NO_COLOR": "no colors at a terminal",
    "COLUMNS": "the width of tables and of help, where the terminal does not tell",
    "GITHUB_ACTIONS, GITHUB_STEP_SUMMARY": "set by GitHub: names in output cannot be commands to its runner, and "
    "--report github writes its page",
}
SEE_ALSO = (
    "jq(1), find(1), git(1). The pages in docs/ of the source: index.md lists them, ci.md is on gates and reports."
)
