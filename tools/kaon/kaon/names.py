"""C++ identifiers for names that come from a model file."""

from __future__ import annotations

import re
from collections.abc import Iterable

KEYWORDS = frozenset(
    """alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class co_await
    co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype default delete do
    double dynamic_cast else enum explicit export extern false final float for friend goto if import inline int long module
    mutable namespace new noexcept not not_eq nullptr operator or or_eq override private protected public register
    reinterpret_cast requires return short signed sizeof static static_assert static_cast struct switch template this
    thread_local throw true try typedef typeid typename typeof union unsigned using virtual void volatile wchar_t while xor
    xor_eq""".split()
)

MACROS = frozenset(
    """NULL EOF NAN INFINITY HUGE_VAL BUFSIZ RAND_MAX CHAR_BIT INT_MAX INT_MIN errno assert stdin stdout stderr linux unix
    i386 I complex imaginary offsetof signbit isnan isinf isfinite isnormal major minor makedev""".split()
)
"""Names that common system headers define as macros."""

GLOBAL_NAMES = frozenset(
    """std kaon boost xsimd Eigen main abs labs fabs exp exp2 expm1 log log2 log10 log1p logb pow sqrt cbrt hypot sin cos
    tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh erf erfc tgamma lgamma gamma floor ceil round trunc rint fmod
    remainder fmin fmax fma fdim frexp ldexp modf scalbn nan j0 j1 jn y0 y1 yn drem significand malloc calloc realloc free
    abort exit atexit system getenv rand srand random qsort bsearch div atoi atof strtod memcpy memmove memset memcmp strlen
    strcpy strcmp index rindex basename time clock signal read write open close link unlink pipe select printf scanf puts
    remove rename wait sleep pause access stat environ timezone daylight""".split()
)
"""Names that C++ and C headers put into the global namespace, so that no namespace may be called so."""

MAXIMUM_LENGTH = 64


def is_identifier(name: str) -> bool:
    """Tells whether `name` may be a C++ identifier in user code (no reserved pattern, no keyword, no common macro)."""
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) is not None
    return plain and "__" not in name and name not in KEYWORDS and name not in MACROS


def identifier(name: str, fallback: str) -> str:
    """Returns a C++ identifier close to `name`: '/fc1/Gemm' gives 'fc1_Gemm', '3rd' gives FALLBACK_3rd, 'class' 'class_'."""
    text = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")[:MAXIMUM_LENGTH].strip("_")
    if not text:
        return fallback
    if text[0].isdigit():
        text = f"{fallback}_{text}"
    return text if is_identifier(text) else f"{text}_"


def unique(name: str, taken: Iterable[str]) -> str:
    """Returns `name`, or name_1, name_2... where it is taken already."""
    taken = set(taken)
    if name not in taken:
        return name
    number = 1
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def identifiers(layers: Iterable[tuple[str, str]], taken: Iterable[str] = ()) -> list[str]:
    """Returns one distinct identifier for each (name, kind), none of them among `taken`."""
    result: list[str] = []
    taken = set(taken)
    for name, kind in layers:
        text = identifier(name, kind)
        if text in taken:  # a number follows: 'if_' gives 'if_1', for two underscores in a row are reserved
            text = unique(text.rstrip("_"), taken | {text.rstrip("_")})
        result.append(text)
        taken.add(result[-1])
    return result


def is_model_name(name: str) -> bool:
    """Tells whether `name` may be a model's name: the namespace and the stem of its files."""
    return is_identifier(name) and name not in GLOBAL_NAMES and len(name) <= MAXIMUM_LENGTH


def model_name(stem: str) -> str:
    """Returns a model name made from a file's stem."""
    name = identifier(stem, "model")
    return name if is_model_name(name) else f"{name.rstrip('_')}_model"
