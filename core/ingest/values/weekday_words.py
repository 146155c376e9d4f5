"""Names of the days of the week, as they stand above columns and before dates, in the languages that are often met.

They are written down here, from the data of Unicode's CLDR: asking Babel, of any word above a column, takes a tenth of a second.
"""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from core.ingest.values.date_words import folded

_WEEK = 7
_WEEKS = (
    "mo tu we th fr sa su",
    "mon tue wed thu fri sat sun",
    "monday tuesday wednesday thursday friday saturday sunday",
    "sen sel rab kam jum sab min",
    "senin selasa rabu kamis jumat sabtu minggu",
    "mo di mi do fr sa so",
    "montag dienstag mittwoch donnerstag freitag samstag sonntag",
    "lu ma mi ju vi sa do",
    "lun mar mié jue vie sáb dom",
    "lunes martes miércoles jueves viernes sábado domingo",
    "seg ter qua qui sex sáb dom",
    "segunda terça quarta quinta sexta sábado domingo",
    "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
    "lu ma me je ve sa di",
    "lun mar mer jeu ven sam dim",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lun mar mer gio ven sab dom",
    "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "is se ra kh ju sa ah",
    "isn sel rab kha jum sab ahd",
    "isnin selasa rabu khamis jumaat sabtu ahad",
    "จันทร์ อังคาร พุธ พฤหัส ศุกร์ เสาร์ อาทิตย์",
    "วันจันทร์ วันอังคาร วันพุธ วันพฤหัสบดี วันศุกร์ วันเสาร์ วันอาทิตย์",
    "t2 t3 t4 t5 t6 t7 cn",
    "周一 周二 周三 周四 周五 周六 周日",
    "星期一 星期二 星期三 星期四 星期五 星期六 星期日",
    "月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日",
    "월요일 화요일 수요일 목요일 금요일 토요일 일요일",
    "пн вт ср чт пт сб вс",
    "понедельник вторник среда четверг пятница суббота воскресенье",
    "ma di wo do vr za zo",
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "pon wt śr czw pt sob niedz",
    "pon wto śro czw pią sob nie",
    "poniedziałek wtorek środa czwartek piątek sobota niedziela",
    "pazartesi salı çarşamba perşembe cuma cumartesi pazar",
    "pt sa ça pe cu ct pa",
    "pzt sal çar per cum cmt paz",
    "пн вт ср чт пт сб нд",
    "понеділок вівторок середа четвер пʼятниця субота неділя",
    "må ti on to fr lö sö",
    "mån tis ons tors fre lör sön",
    "måndag tisdag onsdag torsdag fredag lördag söndag",
)
"""Monday to Sunday."""


def weekdays_of(cells: Sequence[str]) -> list[int] | None:
    """The weekdays (0 = Monday) that cells name one after the other, all in one language; None of any others.

    >>> weekdays_of(["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]), weekdays_of(["Mon", "Wed", "Fri", "Sat", "Sun"])
    ([6, 0, 1, 2, 3, 4, 5], None)
    """
    words = [folded(cell.strip()) for cell in cells]
    if not words or not is_weekday(words[0]) or len(words) > _WEEK:
        return None
    for week in map(str.split, _WEEKS):
        if set(words) <= set(week):
            days = [week.index(word) for word in words]
            if all((later - earlier) % _WEEK == 1 for earlier, later in pairwise(days)):
                return days
    return None


@cache
def is_weekday(word: str) -> bool:
    """Whether a folded word names a weekday in some language."""
    return word in _words()


@cache
def _words() -> frozenset[str]:
    return frozenset(word for week in _WEEKS for word in week.split())
