"""Cells that are numbers, in every shape that exports write them in."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from core.catalogue.currency_signs import CURRENCY, may_be_currency
from core.ingest.request import DecimalMark
from core.ingest.values.placeholders import ABSENT

_MARKS: tuple[DecimalMark, ...] = (".", ",")
_GROUPING = dict.fromkeys(map(ord, "\u200e\u200f'’"))
"""What stands inside of figures next to blanks."""
_TENS = {
    "k": 3, "m": 6, "b": 9, "mil": 3, "mio": 6, "mln": 6, "rb": 3, "ribu": 3, "jt": 6, "juta": 6, "tr": 6, "triệu": 6,
    "тыс.": 3, "тыс": 3, "млн": 6, "млн.": 6, "tsd": 3, "tsd.": 3, "mio.": 6, "mrd": 9, "mrd.": 9, "tys": 3, "tys.": 3,
    "mld": 9, "mld.": 9, "млрд": 9, "млрд.": 9, "thousand": 3, "mn": 6, "million": 6, "bn": 9, "billion": 9,
    "lakh": 5, "lakhs": 5, "crore": 7, "crores": 7,
    "千": 3, "万": 4, "萬": 4, "億": 8, "亿": 8, "천": 3, "만": 4, "억": 8, "พัน": 3, "ล้าน": 6,
}  # fmt: skip
_SCALES = "|".join(map(re.escape, sorted(_TENS, key=len, reverse=True)))
_COUNTERS = "|".join(
    (
        *("件", "人", "名", "個", "个", "回", "点", "枚", "台", "次", "笔", "筆", "单", "單", "条", "條", "份", "位"),
        *("건", "명", "개", "회", "ครั้ง", "คน", "ชิ้น", "รายการ", "lượt", "đơn", "người"),
    )
)
"""Words that count things, which some languages put after a figure: `12件`."""
_FOOTNOTE = r"(?:\*{1,2}|[†‡]|\((?:e|est\.?|p|r)\))?"
"""A mark behind a figure that is estimated, preliminary or revised, or has a remark."""
_ARABIC = str.maketrans({"٬": None, "٫": "."})
_SHAPE = (
    rf"(?P<open>\()?(?P<sign>[-+−])?(?P<before>{CURRENCY})?(?P<sign2>[-+−])?(?P<digits>[\d.,]+(?:[eE][-+]?\d+)?)"
    rf"(?P<scale>(?i:{_SCALES}))?(?:[%％٪]|(?P<behind>{CURRENCY})|{_COUNTERS})?(?P<close>\))?(?P<sign3>[-−](?=$))?(?P<side>[CcDd][Rr]\.?)?{_FOOTNOTE}"
)
_PLAIN = re.compile(r"\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d*)?")
_NO_FIGURE = re.compile(r"\D*|[A-Za-z]\d+|\d+[-/:]\d.*")
"""Words, ids and days, most of what is asked that is no plain number. The pattern of figures takes 6 ms to compile, and is not
needed for them.
"""
_THREE_DECIMALS = r"KWD|BHD|OMR|TND|JOD|IQD"
_MONEY = rf"(?!{_THREE_DECIMALS}){CURRENCY}"
"""An amount of money has no three decimals, but in a few currencies: a mark before three digits groups thousands."""
_CLOCK = re.compile(r"(?:(?P<h>\d+):)?(?P<m>\d{1,3}):(?P<s>\d{2}(?:\.\d+)?)")
_UNITS = (
    r"(?=\d)(?:(?P<d>\d+)d(?:ays?)?)?(?:(?P<h>\d+)(?:h(?:rs?|ours?)?|j(?:am)?))?(?:(?P<m>\d+)m(?:ins?|enit|inutes?)?)?"
    r"(?:(?P<s>\d+(?:\.\d+)?)(?:s(?:ecs?|econds?)?|dtk|detik)?)?"
)


def read_number(text: str, decimal: DecimalMark = ".") -> Decimal | None:
    """The number that a cell writes, None where it says that there is none. Percentages stay in points.

    >>> read_number("Rp154.530", ","), read_number("$2,200.00"), read_number("1.2K"), read_number("--")
    (Decimal('154530'), Decimal('2200.00'), Decimal('1.2E+3'), None)

    Raises ValueError when it is no number.
    """
    bare = _bare(text)
    if bare.casefold() in ABSENT:
        return None
    result = _shaped(bare)
    if not result or bool(result["open"]) != bool(result["close"]):
        raise ValueError("not a number")
    digits = result["digits"]
    if decimal == ",":
        digits = digits.translate(str.maketrans(".,", ",."))
    if _GROUPED.fullmatch(digits):
        digits = digits.replace(",", "")
    elif not _PLAIN.fullmatch(digits):
        raise ValueError("not a number")
    try:
        value = Decimal(digits).scaleb(_TENS.get((result["scale"] or "").casefold(), 0))
    except InvalidOperation:  # an exponent of thousands of digits
        raise ValueError("not a number") from None
    negative = bool(result["open"]) != (
        "-" in "".join(result[sign] or "" for sign in ("sign", "sign2", "sign3")).replace("−", "-")
    )
    return -value if negative != (result["side"] or "")[:1].casefold().startswith("d") else value


def _shaped(bare: str) -> "re.Match[str] | None":
    """The parts of a cell that has the shape of a number, with or without a currency."""
    result = re.fullmatch(_SHAPE, bare)
    return result if result and may_be_currency(result["before"]) and may_be_currency(result["behind"]) else None


def _bare(cell: str) -> str:
    """A cell without spaces, its marks as those of Latin digits."""
    bare = _ungrouped(cell)
    return bare if bare.isascii() else bare.translate(_ARABIC)


def _ungrouped(cell: str) -> str:
    return "".join(cell.split()).translate(_GROUPING)


@lru_cache(
    maxsize=1 << 14
)  # each shape of tables asks for the cells of 500 rows again: a third of the time of a small load
def is_number(cell: str) -> bool:
    """Whether a cell writes a number, whatever its decimal mark."""
    if _PLAIN.fullmatch(cell):
        return True
    bare = _bare(cell)
    if bare.casefold() in ABSENT:
        return True
    if _NO_FIGURE.fullmatch(bare) or not _shaped(bare):
        return False
    for mark in _MARKS:
        try:
            read_number(cell, mark)
        except ValueError:
            continue
        return True
    return False


def unit_of(cells: Sequence[str]) -> str | None:
    """The unit of weight, length, volume, energy, data or pieces that stands behind each of some figures, the same of all.

    >>> unit_of(["12 kg", "1,5 kg"]), unit_of(["12 kg", "3 g"]), unit_of(["12 A", "14 A"])
    ('kg', None, None)

    Generations of networks (`4G`, `5G`) are names.

    >>> unit_of(["4G", "5G"]), unit_of(["4 g", "5 g"])
    (None, 'g')
    """
    if all(map(_GENERATION.fullmatch, cells)):
        return None
    matches = [re.fullmatch(_WITH_UNIT, cell) for cell in cells]
    units = {match["unit"] if match else "" for match in matches}
    return units.pop() if len(units) == 1 and len(cells) > 1 and "" not in units else None


_GENERATION = re.compile("[2-6]G")
_WITH_UNIT = (
    r"(?i)[-+−]?\d[\d., \u00a0\u202f]*?\s?(?P<unit>kg|g|mg|t|lbs?|oz|km|cm|mm|mi|miles|ft|l|ml|cl|hl|lit(?:er|re|ros?)|m[²³23]|ha"
    r"|[kmg]?wh|kcal|[kmgt]i?b|pcs\.?|pieces?|units?|uds?\.?|u\.|pz\.?|szt\.?|adet|stk\.?|stück|st\.|шт\.?|кг|г|л|км|ea)"
)


def read_duration(text: str, decimal: DecimalMark = ".") -> Decimal | None:
    """Seconds: `1m28s`, `1h39min`, `0:05:12`, `19s`, `11.5`.

    >>> read_duration("1h39min"), read_duration("0:05:12"), read_duration("11.5")
    (Decimal('5940'), Decimal('312'), Decimal('11.5'))

    Raises ValueError when it is no duration.
    """
    bare = _ungrouped(text).casefold()
    result = _CLOCK.fullmatch(bare) or re.fullmatch(_UNITS, bare)
    if not result:
        return read_number(text, decimal)
    parts = {name: Decimal(part) for name, part in result.groupdict().items() if part}
    zero = Decimal(0)
    return (
        parts.get("d", zero) * 86_400 + parts.get("h", zero) * 3600 + parts.get("m", zero) * 60 + parts.get("s", zero)
    )


def marks_seen(cells: Iterable[str]) -> set[DecimalMark]:
    """Which decimal marks the cells rule in: none where every one could be read either way.

    >>> marks_seen(["1.234,56"]), marks_seen(["$2,200.00"]), marks_seen(["Rp154.530"]), marks_seen(["1.234"])
    ({','}, {'.'}, {','}, set())
    """
    observed: set[DecimalMark] = set()
    for cell in cells:
        result = _shaped(_bare(cell))
        if result is None:
            continue
        digits = result["digits"]
        dots, commas = digits.count("."), digits.count(",")
        if re.match(r"0[.,]", digits) or (dots + commas == 1 and re.match(r"\d{4,}[.,]", digits)):
            observed.add("." if dots else ",")
        elif dots and commas:
            observed.add("." if digits.rfind(".") > digits.rfind(",") else ",")
        elif dots > 1 or (commas == 1 and len(digits) - digits.rfind(",") != 4):
            observed.add(",")
        elif commas > 1 or (dots == 1 and len(digits) - digits.rfind(".") != 4):
            observed.add(".")
        elif dots + commas and re.search(_MONEY, cell):
            observed.add("," if dots else ".")
        elif dots + commas and re.search(_THREE_DECIMALS, cell):
            observed.add("." if dots else ",")
    return observed


def is_ambiguous(cell: str) -> bool:
    """Whether a cell has one mark before exactly three digits, which may group or be decimals."""
    result = _shaped(_bare(cell))
    return bool(result and re.fullmatch(r"\d{1,3}[.,]\d{3}", result["digits"]) and not marks_seen([cell]))
