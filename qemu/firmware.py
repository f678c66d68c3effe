#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
make firmware: the boots on firmware and processors other than SeaBIOS, OVMF and QEMU's usual processor, long ones too, as a
table for docs/verified.md. Exit 1 when one fails.
"""
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILES = {
    "test_second_bios": "Bochs, BIOS-bochs-latest and -legacy",
    "test_old_machines": "SeaBIOS, 486 and Pentium, ISA",
    "test_hook_calls": "SeaBIOS, the hook beside a plain disk",
    "test_second_uefi": "U-Boot, x86_64 and x86",
}


def counts(report: Path):
    """(file, test) -> [passed, skipped, failed] of a JUnit report."""
    found = {}
    for case in ET.parse(report).iter("testcase"):
        name = case.get("classname").split(".")[-1], case.get("name").split("[")[0]
        result = 1 if case.find("skipped") is not None else 2 if case.find("failure") is not None or case.find("error") is not None else 0
        found.setdefault(name, [0, 0, 0])[result] += 1
    return found


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-rs", "-n", "2", f"--junitxml={report}",
                               *[HERE / f"{file}.py" for file in FILES], *sys.argv[1:]], check=False)
        rows = counts(report)
    print("| firmware | boots of | passed | skipped | failed |\n|---|---|---:|---:|---:|")
    for (file, test), (passed, skipped, failed) in rows.items():
        print(f"| {FILES[file]} | `{file}.py`, `{test}` | {passed} | {skipped} | {failed} |")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
