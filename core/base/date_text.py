"""Days for people, in every sentence and table; ISO dates are for programs and for what is typed."""

from core.base.days import Day, Window, calendar_date


def day_month(day: Day) -> str:
    """A day without its year.

    >>> day_month(0)
    '1 Jan'
    """
    date = calendar_date(day)
    return f"{date.day} {date:%b}"


def date_text(day: Day) -> str:
    """A day with its year.

    >>> date_text(0)
    '1 Jan 1970'
    """
    return f"{day_month(day)} {calendar_date(day).year}"


def date_range(window: Window) -> str:
    """A window, its month and year once; one day as `date_text` writes it.

    >>> date_range(Window(0, 6)), date_range(Window(28, 33)), date_range(Window(-1, 0))
    ('1-7 Jan 1970', '29 Jan to 3 Feb 1970', '31 Dec 1969 to 1 Jan 1970')
    """
    first, last = calendar_date(window.first), calendar_date(window.last)
    if first == last:
        return date_text(window.last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}-{date_text(window.last)}"
    start = day_month(window.first) if first.year == last.year else date_text(window.first)
    return f"{start} to {date_text(window.last)}"


def during(window: Window) -> str:
    """A window inside a sentence.

    >>> during(Window(0, 6)), during(Window(0, 0)), during(Window(28, 33))
    ('on 1-7 Jan 1970', 'on 1 Jan 1970', 'from 29 Jan to 3 Feb 1970')
    """
    text = date_range(window)
    return f"{'from' if ' to ' in text else 'on'} {text}"
