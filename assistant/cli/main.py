"""The `sotto` command: finds the verb, runs it, and turns what goes wrong into one line and an exit code.

    0    it worked                      3    something is missing: weights, a device
    1    it failed                      130  interrupted
    2    wrong usage or configuration

A verb's module is imported when the verb is used, so `sotto --help` imports nothing of what they need.
"""

import difflib
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from assistant.cli.options import ConfigFile, config_before_verb


class Verb(NamedTuple):
    """Where a verb's function (or its group of verbs) is, and its line in the help."""

    target: str
    help: str


SECTIONS: Mapping[str, Mapping[str, Verb]] = {
    "Talk to it": {
        "demo": Verb(
            "assistant.cli.demo:demo", "Watch two spoken orders go all the way, in a simulated home."
        ),
        "run": Verb("assistant.cli.run:run", "Listen at the microphone, until you press Ctrl-C."),
        "listen": Verb("assistant.cli.listen:listen", "Obey recordings instead of the microphone."),
        "ask": Verb("assistant.cli.ask:ask", "Obey written orders."),
        "announce": Verb(
            "assistant.cli.announce:announce", "Have the running assistant say something everywhere."
        ),
        "explain": Verb("assistant.cli.explain:explain", "Tell why a sentence is understood as it is."),
    },
    "Try one part": {
        "transcribe": Verb("assistant.cli.transcribe:transcribe", "Write down what recordings say."),
        "say": Verb("assistant.cli.say:say", "Speak a text, or write it to a sound file."),
        "wake": Verb("assistant.cli.wake:wake", "Find wake words in recordings."),
    },
    "Set it up": {
        "setup": Verb("assistant.cli.setup:setup", "Set this machine up, one question after the other."),
        "doctor": Verb("assistant.cli.doctor:doctor", "Check this machine and name what would help."),
        "models": Verb("assistant.cli.models:app", "List, fetch and verify model weights."),
        "config": Verb(
            "assistant.cli.config_verbs:app", "Check the configuration and show what is in force."
        ),
        "devices": Verb("assistant.cli.devices_verb:devices", "Show the devices that were found."),
        "satellites": Verb("assistant.cli.satellites:app", "List and find satellites."),
        "train": Verb("assistant.cli.train:train", "Fit the learned tier to examples and corrections."),
        "skills": Verb("assistant.cli.skills_verb:skills", "Show what the assistant can do."),
        "taught": Verb("assistant.cli.taught:app", "Show, export or erase what you taught it."),
    },
    "Keep it running": {
        "service": Verb("assistant.cli.service:app", "Have systemd start it and keep it running."),
        "backup": Verb(
            "assistant.cli.backup:app",
            "Save settings, history and what was learned to a file, or bring them back.",
        ),
        "mute": Verb(
            "assistant.cli.announce:mute", "Close the running assistant's microphones, or open them."
        ),
        "history": Verb(
            "assistant.cli.history:app", "Search, export or erase what was heard, done and answered."
        ),
    },
}
VERBS: Mapping[str, Verb] = {name: verb for section in SECTIONS.values() for name, verb in section.items()}

FAILED, WRONG_USE, MISSING, INTERRUPTED = 1, 2, 3, 130

EXIT_CODES: Mapping[str, int] = {
    "assistant.cli.backup:BackupError": FAILED,
    "assistant.cli.daemon:DaemonError": FAILED,
    "assistant.cli.service:ServiceError": FAILED,
    "assistant.config.errors:ConfigError": WRONG_USE,
    "assistant.weights.source:WeightsError": MISSING,
    "devices.discovery.components.settings:BadConfigError": WRONG_USE,
    "speech.detection.microwakeword:WakeWordError": WRONG_USE,
    "assistant.language.engine:LanguageModelError": FAILED,
    "devices.broker:BrokerError": FAILED,
    "speech.recognition.engine:RecognitionError": FAILED,
    "speech.sound.ports:SoundError": FAILED,
    "speech.synthesis.engine:SynthesisError": FAILED,
}
"""The errors whose message is meant for people, by name, so that knowing them imports nothing."""


class Verbs(TyperGroup):
    """The verbs of the table above, imported one at a time, and the house's way with errors."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # click's signature
        """The verbs in the table's order. `ctx` is click's, of which typer has its own private copy."""
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  # click's signature
        """Import one verb; None when there is no such."""
        if cmd_name not in VERBS:
            return None
        module, _, name = VERBS[cmd_name].target.partition(":")
        target = getattr(import_module(module), name)
        if isinstance(target, typer.Typer):
            return typer.main.get_command(target)
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(cmd_name)(target)
        return typer.main.get_command(alone)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As click does it, with a proposal for a verb that does not exist."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], VERBS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "`sotto --help` lists all."
            ctx.fail(f"There is no verb {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  # click's signature
        """The table as help, without importing a verb."""
        widest = max(len(name) for name in VERBS)
        for title, verbs in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(widest), verb.help) for name, verb in verbs.items()])

    def invoke(self, ctx: Any) -> Any:
        """Run the verb; anything that went wrong leaves as an exit code."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader has had enough, as `head` does. Nobody is left to be told.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(FAILED) from None
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            # The last boundary: whatever it is, a person gets one line. Click's own errors go on to click.
            code = _told(error)
            if code is None:
                raise
            raise typer.Exit(code) from None
        return result


def _told(error: Exception) -> int | None:
    """Tell a person what went wrong and return the exit code; None when the error is not ours to tell."""
    from assistant.cli.output import print_error

    if isinstance(error, typer.Exit | typer.Abort) or hasattr(error, "exit_code"):
        return None
    if os.environ.get("SOTTO_DEBUG"):
        raise error
    names = [f"{each.__module__}:{each.__qualname__}" for each in type(error).__mro__]
    code = next((EXIT_CODES[name] for name in names if name in EXIT_CODES), None)
    if code is not None:
        for line in str(error).splitlines():
            print_error(line)
        return code
    shown = " ".join(f"{type(error).__name__}: {error}".split())
    print_error(f"unexpected {shown}; SOTTO_DEBUG=1 in the environment shows where")
    return FAILED


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"sotto-voce {version('sotto-voce')}")
        raise typer.Exit


app = typer.Typer(
    cls=Verbs,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    subcommand_metavar="VERB [ARGUMENTS]...",
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
    epilog="A good beginning: sotto doctor, then sotto models pull, then sotto demo. "
    "`sotto VERB --help` explains a verb.",
)


@app.callback()
def sotto(
    config: ConfigFile = None,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and leave.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """A private voice assistant that runs on this machine alone."""
    config_before_verb.set(config)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    app(args=arguments, prog_name="sotto")
