# SPDX-License-Identifier: GPL-2.0-or-later
"""What ldmboot-rescue says by number, beyond the plugin's messages (tools/nbdkit/messages.def). docs/errors.md describes each."""

MESSAGES = {
    930: ("the target is one of the disks that are copied from", "name another disk or file"),
    931: ("the target cannot be used", "the line says why"),
    932: ("the target is a Windows dynamic disk", "it is never overwritten: name another disk"),
    933: ("sectors that the old disk does not read a second time were not compared", "they were read when they were copied, and all others read back as they were written"),
    934: ("the target cannot be written", "what is copied is in the map file: the same command goes on from there"),
    935: ("the copy does not read back as it was written", "the target is failing, or another program writes to it: use another one"),
    936: ("the copy is complete but for sectors that no half could read", "the map file lists them; the same command tries them once more"),
    937: ("the map file belongs to another copy", "name another one with --map, or remove it"),
    938: ("the target exists, and no map file says that it is a copy under way", "name a new file, or remove that one"),
    939: ("a program that this needs is missing", "install the package that is named"),
    940: ("nothing was changed: the answer was not yes", ""),
    941: ("stopped; the copy does not start yet", "the same command goes on where this one stopped"),
    942: ("the target has sectors of another size", "a disk of the same sector size is needed: partition tables and volumes count in them"),
    943: ("nothing is served; the lines above say why", ""),
    944: ("the target is not the one that this copy was begun on", "name the right one; to begin anew on this one, remove the map file"),
    945: ("stopped; the copy is complete, and was not compared to its end", "the same command compares it once more"),
    946: ("the map file cannot be read or written", "name another one with --map, on a disk that has room"),
    947: ("there is not enough room for the copy", "name a place with more room; holes and what is copied already are not counted"),
    948: ("the system refuses something that this needs", "the line says what; temporary files are below TMPDIR, or /tmp"),
    949: ("it cannot be mounted here", "the commands above show the files in another way"),
    950: ("there is neither a disk nor a volume of this name", "ldmboot-rescue list DISK... shows the volumes"),
    951: ("nothing is mounted there by ldmboot-rescue", "name the folder that it said; findmnt shows what is mounted"),
    955: ("this old disk is not there any more, or has another size than before", "connect it again, and give the same command, with its name of now: it goes on from there"),
    956: ("what is there of this copy cannot be opened or written any more", "when another program has it open: end that one; when it is damaged: remove it and its map file, and the same command begins anew"),
    952: ("a file with this ending is not written", "name it .qcow2, .vhdx (Hyper-V), .vmdk (VMware) or .vdi (VirtualBox), or .img for the bare disk"),
}


class Trouble(Exception):
    """It cannot or must not be done: a number, who it is about, the exit code."""

    def __init__(self, number, subject, code=1):
        super().__init__(text(number, subject))
        self.number, self.subject, self.code = number, subject, code


def text(number, subject):
    sentence, step = MESSAGES[number]
    return f"LDM-{number:04}: {subject}: {sentence}" + (f"\n          {step}" if step else "")
