# SPDX-License-Identifier: GPL-2.0-or-later
"""What bash offers after each program, compared with what the program's own --help says."""
import re
import subprocess

import pytest

from ldmdisk import BUILD, ROOT

COMMANDS = {"ldmboot-inspect": [], "mkldm": [], "ldmboot-install": ["stick", "floppy", "update", "partition", "esp"],
            "ldmboot-rescue": ["list", "copy", "vm", "files"]}
PLACES = [[program] for program in COMMANDS] + [[program, word] for program, words in COMMANDS.items() for word in words]
if not all((BUILD / name).exists() for name in COMMANDS):
    pytest.skip("the tools are not built", allow_module_level=True)


def offered(*words):
    """What bash, asked to complete the last of the words, calls for, and what that answers."""
    script = '''. "$1"; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
                read -r _ _ _ _ function _ < <(complete -p "$1"); $function; printf '%s\\n' "${COMPREPLY[@]}"'''
    done = subprocess.run(["bash", "-eu", "-c", script, "bash", ROOT / "tools/completion.bash", *words],
                          capture_output=True, text=True, check=False)
    assert done.stderr == "", done.stderr
    return set(done.stdout.split())


def help_of(place):
    return subprocess.run([BUILD / place[0], *place[1:], "--help"], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("place", PLACES, ids=" ".join)
def test_options_are_those_of_the_help(place):
    said = help_of(place)
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", said)) | set(re.findall(r"^  (-[a-zA-Z])\b(?!, --)", said, re.M))
    assert {word for word in offered(*place, "-") if word.startswith("-")} == options


@pytest.mark.parametrize("program", [program for program, words in COMMANDS.items() if words])
def test_commands_are_those_of_the_help(program):
    commands = set(re.findall(r"^    ([a-z]+)\b", help_of([program]), re.M))
    assert {word for word in offered(program, "") if word[0] != "-"} == commands == set(COMMANDS[program])


@pytest.mark.parametrize("place, option, values", [
    (["ldmboot-inspect"], "--firmware", "bios|uefi"), (["ldmboot-inspect"], "--block-size", "512|4096"),
    (["ldmboot-inspect"], "--color", "auto|always|never"),
    (["ldmboot-rescue", "list"], "--firmware", "bios,uefi"), (["ldmboot-rescue", "copy"], "--identity", "keep,new")])
def test_values_are_those_of_the_help(place, option, values):
    assert re.search(re.escape(option) + r" \{?" + re.escape(values), help_of(place))
    assert offered(*place, option, "") == set(re.split("[|,]", values))
    first = re.split("[|,]", values)[0]
    assert offered(*place, option, first[:2]) == offered(*place, option, "=", first[:2]) == {first}
    assert offered(*place, option, "=") == offered(*place, option, "")


def test_files_are_left_to_bash():
    """Nothing is offered where a file, a disk or a name stands: bash then offers the names of files."""
    for words in (["ldmboot-inspect", "d"], ["ldmboot-inspect", "--config", ""], ["ldmboot-install", "stick", ""],
                  ["ldmboot-rescue", "copy", "disk.img", ""], ["mkldm", "-o", ""], ["mkldm", ""]):
        assert offered(*words) == set(), words
