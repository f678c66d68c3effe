# SPDX-License-Identifier: GPL-2.0-or-later
"""`make mutants` (tests/mutation/): which slips it makes, which are killed, which survive, and what is not counted."""
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/mutation"))

from mutants import Equivalents  # noqa: E402
from slips import slips  # noqa: E402

# Its test asks for 2 and 3, never for two equal numbers.
SOURCE = """\
/* greater < lesser */
#define LIMIT (1 + 2)
_Static_assert(1 < 2, "1 < 2");
int order(const int *pair);
int order(const int *pair)
{
    int copy[2];

    copy[0] = pair[0];
    if (copy[0] > pair[1])
        return pair[2];
    return pair[3];
}
"""
TEST = """\
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
int order(const int *pair);
static const int up[] = { 2, 3, 100, -100, 7 }, down[] = { 3, 2, 100, -100, 7 };
static void two_numbers(void **state) { (void)state; assert_int_equal(order(up), -100); assert_int_equal(order(down), 100); }
int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(two_numbers) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
"""
EQUAL = "part/order.c order\n- if (copy[0] > pair[1])\n+ if (copy[0] >= pair[1])\n"


def test_the_slips_of_a_source():
    """Everything that could be wrong in it once, and nothing in comments, texts, the preprocessor's lines, lengths of arrays."""
    line = "if (copy[0] > pair[1])"
    assert [(s.function, s.line, s.was, s.now) for s in slips(SOURCE)] == [
        ("order", 9, "copy[0] = pair[0];", "copy[1] = pair[0];"),
        ("order", 9, "copy[0] = pair[0];", "copy[0] = pair[1];"),
        ("order", 10, line, "if (0 && (copy[0] > pair[1]))"),
        ("order", 10, line, "if (1 || (copy[0] > pair[1]))"),
        ("order", 10, line, "if (copy[1] > pair[1])"),
        ("order", 10, line, "if (copy[0] >= pair[1])"),
        ("order", 10, line, "if (copy[0] > pair[2])"),
        ("order", 10, line, "if (copy[0] > pair[0])"),
        ("order", 11, "return pair[2];", ";"),
        ("order", 11, "return pair[2];", "return pair[3];"),
        ("order", 11, "return pair[2];", "return pair[1];"),
        ("order", 12, "return pair[3];", "return pair[4];"),
        ("order", 12, "return pair[3];", "return pair[2];"),
    ]


@pytest.mark.parametrize("line, now", [
    ("TRY(g(x));", [";", "(void)(g(x));"]),
    ("g(x);", [";"]),
    ("x = *p * y;", ["x = *p + y;"]),
    ("x = -y & z;", ["x = -y | z;"]),
    ("const char *p = (uint8_t *)q;", []),
    ("for (i = x; i < y; i++)", ["for (i = x; i <= y; i++)"]),
    ("y++;", ["y--;"]),
    ("while (!x)", ["while (0 && (!x))", "while ( x)"]),
    ("x <<= 0x1Fu;", ["x >>= 0x1Fu;", "x <<= 0x20u;", "x <<= 0x1eu;"]),
    ("x = true ? y : \"1 < 2\"[z];", ["x = false ? y : \"1 < 2\"[z];"]),
    ("x = '<'; // 1 + 1", []),
])
def test_the_slips_of_a_line(line, now):
    body = f"void f(void)\n{{\n    {line}\n    z;\n}}\n"
    assert sorted(s.now for s in slips(body)) == sorted(n if "//" in n else " ".join(n.split()) for n in now)


def hunt(folder, *options, equivalent=""):
    (folder / "part").mkdir(exist_ok=True)
    (folder / "part/order.c").write_text(SOURCE)
    (folder / "test_order.c").write_text(TEST)
    (folder / "equivalent.txt").write_text(equivalent)
    return subprocess.run([TOP / "tests/mutation/mutants.py", "--sources", "part/order.c", "--tests", "test_order.c", "--out", "out",
                           "--equivalents", "equivalent.txt", "--sample", "0", "-v", *options], cwd=folder, capture_output=True, text=True)


def test_it_kills_and_it_lists_survivors(tmp_path):
    done = hunt(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "part/order.c:11: killed by test_order.c: return pair[2];  ->  ;" in done.stderr
    assert "part/order.c:10: survived: if (copy[0] > pair[1])  ->  if (copy[0] >= pair[1])" in done.stderr
    assert "survivors: 1\npart/order.c:10 order\n- if (copy[0] > pair[1])\n+ if (copy[0] >= pair[1])\n" in done.stdout
    assert "| `part` | 12 of 13 | 92.3 % | order 92 |" in done.stdout


def test_one_of_several_that_look_the_same(tmp_path):
    """An entry with a number is one of them, without all of them; the same lines in another function are not meant."""
    twice = "int f(int a)\n{\n    if (a > 1)\n        return 7;\n    if (a > 0)\n        return 7;\n    return 8;\n}\n"
    found = [s for s in slips(twice + twice.replace("f(", "g(")) if s.now == ";"]
    assert [(s.function, s.line, s.nth) for s in found] == [("f", 4, 1), ("f", 6, 2), ("g", 12, 1), ("g", 14, 2)]
    for header, meant in (("a.c f 2", [6]), ("a.c f", [4, 6]), ("a.c g 1", [12]), ("a.c f 3", []), ("b.c f", [])):
        (tmp_path / "equivalent.txt").write_text(f"{header}\n- return 7;\n+ ;\nIts reason.\n")
        entries = Equivalents(tmp_path / "equivalent.txt")
        assert [s.line for s in found if entries.has("a.c", s)] == meant
        assert bool(entries.stale("a.c", found)) == (header == "a.c f 3")


def test_equivalent_ones_are_not_counted_and_old_entries_are_errors(tmp_path):
    done = hunt(tmp_path, equivalent=EQUAL + "Nobody asks for equal numbers.\n")
    assert done.returncode == 0 and "survivors: 0\n" in done.stdout and "1 equivalent" in done.stdout, done.stderr
    stale = hunt(tmp_path, equivalent=EQUAL.replace("> pair", "> pears") + "The line was changed since.\n")
    assert stale.returncode == 1 and "no such mutant any more:\npart/order.c order\n- if (copy[0] > pears[1])" in stale.stderr
    other = hunt(tmp_path, equivalent=EQUAL.replace("order\n", "order 2\n", 1) + "There is one alone.\n")
    assert other.returncode == 1 and "no such mutant any more:\npart/order.c order 2\n- if (copy[0] > pair[1])" in other.stderr
    twice = hunt(tmp_path, equivalent=2 * (EQUAL + "Nobody asks for equal numbers.\n\n"))
    assert twice.returncode == 1 and "equivalent.txt: twice:\npart/order.c order\n" in twice.stderr
    without = hunt(tmp_path, equivalent=EQUAL)
    assert without.returncode == 1 and "not an entry with a reason" in without.stderr
