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
    "test_second_uefi": "U-Boot, x86_64 and x86",
    "test_hook_calls": "SeaBIOS, the hook beside a plain disk",
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
    rows, status = {}, 0
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        for file in FILES:
            done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-rs", "--durations=3", "-n", "2", f"--junitxml={report}",
                                   HERE / f"{file}.py", *sys.argv[1:]], check=False)
            status = status or done.returncode
            rows.update(counts(report))
            print(f"{FILES[file]}: {'whole' if done.returncode == 0 else 'see above'}", flush=True)
    print("| firmware | boots of | passed | skipped | failed |\n|---|---|---:|---:|---:|")
    for (file, test), (passed, skipped, failed) in rows.items():
        print(f"| {FILES[file]} | `{file}.py`, `{test}` | {passed} | {skipped} | {failed} |")
    return status


if __name__ == "__main__":
    sys.exit(main())
