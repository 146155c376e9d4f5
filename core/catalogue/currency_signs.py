"""How currencies are written next to amounts and in headers."""

import re
from types import MappingProxyType

_CODE_LINES = (
    "USD EUR GBP IDR THB VND MYR PHP SGD JPY KRW CNY RMB TWD HKD INR AUD NZD CAD CHF SEK NOK DKK PLN CZK HUF RON BGN TRY",
    "RUB UAH KZT BRL MXN ARS CLP COP PEN UYU ZAR NGN KES GHS EGP MAD AED SAR QAR KWD ILS PKR LKR BDT NPR MMK KHR LAK",
    "BHD OMR JOD TND DZD IQD XOF XAF UZS GEL AZN BYN MDL RSD ISK BAM TZS UGX RWF ETB ZMW MUR MZN AOA TTD JMD DOP CRC GTQ",
    "HNL NIO PYG BOB BND MNT MVR FJD",
)
_CODES = frozenset(code for line in _CODE_LINES for code in line.split())
CURRENCY = (
    r"(?:[A-Z]{3}|Rp\.?|Rs\.?|RM|US\$|NT\$|HK\$|[A-Z]?[A-Z]\$|[$€£¥￥₩￦₫₱₹₺₽฿₴₦₪]|"
    r"kr\.?|zł|Kč|Ft|lei|TL|руб\.?|р\.|đ|元|円|원|Dhs\.?|K[Ss]h\.?|GH₵|₵|S/\.?|FCFA|ر\.[سعق]|د\.[إكبأمجت]|ج\.م|৳|лв\.?|грн\.?|₸|₾|₮)"
)
"""A pattern for any of them, and for three other capitals, which `may_be_currency` rules out: all codes take 2 ms to compile."""
_AMOUNT = rf"[-+−(]*({CURRENCY})?[-+−]?\s*\d[\d.,\s]*({CURRENCY})?\)?"
_UNSIGNED = re.compile(r"[A-Za-z]?[\d.,:+\s-]*|\D*")
"""Bare figures, short ids and words: most of what is asked, known without the pattern of amounts, which takes 4 ms to compile."""
_SIGNS = MappingProxyType(
    {
        "Rp": "IDR", "Rp.": "IDR", "₫": "VND", "đ": "VND", "฿": "THB", "RM": "MYR", "₱": "PHP", "S$": "SGD", "R$": "BRL",
        "US$": "USD", "NT$": "TWD", "HK$": "HKD", "€": "EUR", "£": "GBP", "₩": "KRW", "￦": "KRW", "원": "KRW",
        "円": "JPY", "元": "CNY",
        "RMB": "CNY", "₹": "INR", "₽": "RUB", "руб": "RUB", "руб.": "RUB", "₺": "TRY", "TL": "TRY", "₴": "UAH", "zł": "PLN",
        "Kč": "CZK", "Ft": "HUF", "₦": "NGN", "₪": "ILS", "Dhs": "AED", "KSh": "KES", "Ksh": "KES",
        "GH₵": "GHS", "S/": "PEN", "S/.": "PEN", "лв": "BGN", "лв.": "BGN",
        "грн": "UAH", "грн.": "UAH", "₸": "KZT", "₾": "GEL", "₮": "MNT",
        "ر.س": "SAR", "ر.ع": "OMR", "ر.ق": "QAR", "د.إ": "AED", "د.ك": "KWD", "د.ب": "BHD", "د.أ": "JOD", "د.م": "MAD",
        "د.ج": "DZD", "د.ت": "TND", "ج.م": "EGP", "৳": "BDT",
    }
)  # fmt: skip
"""Those of one currency only: `$`, `¥` and `kr` are of several."""

AMOUNT_WORDS = frozenset(
    ("revenue", "amount", "amounts", "cost", "costs", "spend", "spent", "profit", "income", "earnings", "payout")
)
"""Words of names of measures that are amounts of money, in whole numbers too: rupiah have no cents."""


def code_of(written: str) -> str | None:
    """The code of a currency as it is written, None where several are written so.

    >>> code_of("Rp"), code_of("EUR"), code_of("$")
    ('IDR', 'EUR', None)
    """
    return _SIGNS.get(written) or (written if written in _CODES else None)


def may_be_currency(written: str | None) -> bool:
    """Whether what the pattern found is a sign or a code of some currency, or nothing.

    >>> may_be_currency("kr."), may_be_currency("EUR"), may_be_currency("SKU"), may_be_currency(None)
    (True, True, False, True)
    """
    return written is None or written in _CODES or re.fullmatch("[A-Z]{3}", written) is None


def currency_of_amount(cell: str) -> str | None:
    """The code of the currency that an amount is written with.

    >>> currency_of_amount("Rp154.530"), currency_of_amount("1 234,56 €"), currency_of_amount("$12")
    ('IDR', 'EUR', None)
    """
    match = None if _UNSIGNED.fullmatch(cell) else re.fullmatch(_AMOUNT, cell.strip())
    return code_of(match[1] or match[2] or "") if match else None


def written_currency(cell: str) -> str | None:
    """The code of the currency that an amount is written with, or a sign that several have.

    >>> written_currency("$12"), written_currency("€12"), written_currency("12 Cr"), written_currency("1.2K")
    ('$', 'EUR', None, None)
    """
    match = re.fullmatch(_AMOUNT, cell.strip())
    sign = (match[1] or match[2] or "") if match else ""
    return code_of(sign) or (sign if sign in _SHARED else None)


def may_be_of(cell: str, code: str) -> bool:
    """Whether an amount can be in that currency, by the sign it is written with, which several may have.

    >>> may_be_of("$12", "USD"), may_be_of("$12", "IDR"), may_be_of("12", "IDR"), may_be_of("€12", "USD")
    (True, False, True, False)
    """
    match = re.fullmatch(_AMOUNT, cell.strip())
    sign = (match[1] or match[2]) if match else None
    if sign is None:
        return True
    own = code_of(sign)
    return own == code if own is not None else code in _SHARED.get(sign.rstrip("."), code)


_SHARED = MappingProxyType(
    {
        "$": "USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP UYU",
        "¥": "JPY CNY",
        "￥": "JPY CNY",
        "kr": "SEK NOK DKK",
    }
)
"""Signs of several currencies."""
