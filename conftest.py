# SPDX-License-Identifier: GPL-2.0-or-later
"""What every pytest run here shares: programs out of sbin, and room. The tests make disks of gigabytes, /tmp may be memory
(Debian 13), and pytest keeps the folders of three runs: what passed takes its folder with it, what failed leaves it to look at."""
import os
import shutil

import pytest

os.environ["PATH"] += ":/usr/sbin:/sbin"     # Debian keeps mkfs.fat, mkntfs and losetup there, away from ordinary users


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    item.failed = getattr(item, "failed", False) or report.failed
    if report.when == "teardown" and not item.failed and "tmp_path" in item.funcargs:
        shutil.rmtree(item.funcargs["tmp_path"], ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def room(request, tmp_path_factory):
    """Gives back what fixtures made for the whole run, if nothing failed in it."""
    yield
    if not request.session.testsfailed:
        shutil.rmtree(tmp_path_factory.getbasetemp(), ignore_errors=True)
