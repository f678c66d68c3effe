# SPDX-License-Identifier: GPL-2.0-or-later
"""The slips of the pen that a C source could have: what a mutant changes, found token by token.

Left alone: comments, strings, characters, the preprocessor's lines, static assertions, how long an array is declared.
"""
import re
from collections import Counter
from dataclasses import dataclass

TOKEN = re.compile(r"""
    (?P<skip>   \s+ | //[^\n]* | /\*.*?\*/ )
  | (?P<text>   "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' )
  | (?P<number> \.?[0-9](?:[eEpP][+-]|[0-9A-Za-z_.])* )
  | (?P<name>   [A-Za-z_][A-Za-z_0-9]* )
  | (?P<sign>   \.\.\.|<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%&|^~!<>=?:;,.(){}\[\]] )
""", re.X | re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.M)
NUMBER = re.compile(r"(0[xX][0-9a-fA-F]+|[0-9]+)([uUlL]*)$")

# What stands for what; those of one operand are told apart by what is before them.
OTHER = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&", "+": "-", "-": "+",
         "*": "+", "/": "*", "%": "*", "&": "|", "|": "&", "^": "|", "<<": ">>", ">>": "<<", "+=": "-=", "-=": "+=",
         "|=": "&=", "&=": "|=", "^=": "|=", "<<=": ">>=", ">>=": "<<=", "*=": "+=", "++": "--", "--": "++"}
EITHER = {"+", "-", "*", "&"}  # of one operand, or of two
WORDS = {"return", "case", "sizeof", "if", "while", "for", "switch", "else", "do", "goto"}
BEFORE = 4  # empty tokens before the first: how far is looked back
TYPES = {"void", "char", "int", "unsigned", "long", "short", "bool", "const", "struct", "enum", "union"}


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int

    @property
    def end(self):
        return self.start + len(self.text)


@dataclass(frozen=True)
class Slip:
    """One mutant: the stretch of the source that it replaces, and how a person sees it."""
    function: str
    line: int
    was: str    # the lines that it touches, white space made single, before and after
    now: str
    start: int
    end: int
    put: str
    nth: int = 1  # of those in the function that look the same

    def applied(self, source):
        return source[:self.start] + self.put + source[self.end:]

    @property
    def key(self):
        return self.function, self.was, self.now


def tokens(source):
    """The tokens that the compiler would see of a file itself, without what is skipped."""
    blank = DIRECTIVE.sub(lambda m: " " * len(m.group()), source)
    found, at = [Token("none", "", 0)] * BEFORE, 0
    while at < len(blank):
        match = TOKEN.match(blank, at)
        if not match:
            raise ValueError(f"no token at {blank[at:at + 20]!r}")
        if match.lastgroup != "skip":
            found.append(Token(match.lastgroup, match.group(), at))
        at = match.end()
    return found


def closing(toks, i):
    """Where the parenthesis or brace that opens at i is closed."""
    opened = toks[i].text
    closed = {"(": ")", "{": "}", "[": "]"}[opened]
    depth = 0
    for j in range(i, len(toks)):
        depth += (toks[j].text == opened) - (toks[j].text == closed)
        if depth == 0:
            return j
    raise ValueError("unbalanced")


def functions(toks):
    """(name, first, last) of each function's body: the places of its braces."""
    i = 0
    while i < len(toks):
        if toks[i].text == "{":
            end, name = closing(toks, i), None
            if toks[i - 1].text == ")":
                name = next(toks[j - 1].text for j in range(i, 0, -1) if toks[j].text == "(" and closing(toks, j) == i - 1)
            yield name, i, end
            i = end
        i += 1


def two_operands(toks, i):
    """Is the sign at i one between two operands, and no pointer's star?"""
    before, after = toks[i - 1], toks[i + 1]
    if before.text in WORDS or not (before.kind in ("name", "number") or before.text in (")", "]")):
        return False
    if toks[i].text != "*":
        return True
    return not (before.text.endswith("_t") or before.text in TYPES or toks[i - 2].text in ("struct", "enum", "union")
                or after.text in (")", ",", "const"))


def in_for_head(toks, i):
    """A loop that counts backwards crashes at once and shows nothing."""
    depth = 0
    for j in range(i, 0, -1):
        depth += (toks[j].text == ")") - (toks[j].text == "(")
        if depth < 0:
            return toks[j - 1].text == "for"
        if toks[j].text in "{}":
            return False
    return False


def declared_length(toks, i):
    """The number at i says how long an array is: a longer one is no fault."""
    return toks[i - 1].text == "[" and toks[i + 1].text == "]" and toks[i - 2].kind == "name" \
        and (toks[i - 3].kind == "name" and toks[i - 3].text not in WORDS or toks[i - 3].text == "*"
             and (toks[i - 4].text in TYPES or toks[i - 4].text.endswith("_t")))


def operators(toks, i):
    sign = toks[i].text
    if sign in OTHER and not (sign in EITHER and not two_operands(toks, i)) and not (sign in ("++", "--") and in_for_head(toks, i)):
        yield toks[i].start, toks[i].end, OTHER[sign]
    if sign == "!":
        yield toks[i].start, toks[i].end, " "


def constants(toks, i):
    token = toks[i]
    if token.text in ("true", "false"):
        yield token.start, token.end, "false" if token.text == "true" else "true"
    number = NUMBER.match(token.text)
    if not number or declared_length(toks, i):
        return
    value = int(number.group(1), 16 if number.group(1)[:2] in ("0x", "0X") else 10)
    for other in [value + 1] + [value - 1] * (value > 0):
        yield token.start, token.end, (f"0x{other:x}" if number.group(1)[:2] in ("0x", "0X") else str(other)) + number.group(2)


def conditions(toks, i, source):
    if toks[i].text not in ("if", "while"):
        return
    start, end = toks[i + 1].end, toks[closing(toks, i + 1)].start
    if source[start:end] not in ("1", "true"):
        yield start, end, f"0 && ({source[start:end]})"
        if toks[i].text == "if":  # a while that never ends is known before
            yield start, end, f"1 || ({source[start:end]})"


def statements(toks, i, last, source):
    """Dropped calls and returns; TRY without its return."""
    begins = toks[i - 1].text in (";", "{", "}", ")", "else", ":")
    if begins and toks[i].kind == "name" and toks[i].text not in WORDS and toks[i + 1].text == "(":
        close = closing(toks, i + 1)
        if toks[close + 1].text == ";":
            yield toks[i].start, toks[close].end, ""
            if toks[i].text == "TRY":
                yield toks[i].start, toks[i].end, "(void)"
    if toks[i].text == "return":
        stop = next(j for j in range(i, last) if toks[j].text == ";")
        if stop + 1 != last:
            yield toks[i].start, toks[stop].start, ""


def slips(source):
    """Every mutant of a source, in its order."""
    toks = tokens(source)
    skip_to = 0
    bodies = list(functions(toks))
    alike = Counter()

    def made(function, change):
        start, end, put = change
        first, after = source.rfind("\n", 0, start) + 1, source.find("\n", end)
        was, now = (" ".join(text.split()) for text in (source[first:after], source[first:start] + put + source[end:after]))
        alike[function, was, now] += 1
        return Slip(function, source.count("\n", 0, start) + 1, was, now, start, end, put, alike[function, was, now])

    for i in range(BEFORE, len(toks) - 1):
        if toks[i].text in ("_Static_assert", "static_assert"):
            skip_to = closing(toks, i + 1)
        if i < skip_to:
            continue
        function, first, last = next(((n, a, z) for n, a, z in bodies if a < i < z), (None, 0, 0))
        changes = [*constants(toks, i)]
        if function:
            changes += [*operators(toks, i), *conditions(toks, i, source), *statements(toks, i, last, source)]
        for change in changes:
            yield made(function or "-", change)
