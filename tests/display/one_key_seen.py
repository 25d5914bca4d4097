"""The program as a person has it, which also prints what one key has highlighted."""

import sys

from biofeedback.cli import main
from biofeedback.display.one_key.voice import Voice

say = Voice.name


def say_and_print(voice: Voice, name: str) -> None:
    if name != voice._name:
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
    say(voice, name)


Voice.name = say_and_print
sys.exit(main([]))
