"""What the structure message says beyond the published tables: concepts, and codes of SDMX with their names.

Ids are those of SDMX's cross-domain concepts and code lists where SDMX has them (sdmx.org, content-oriented
guidelines). Names are English, Russian, Kazakh.
"""

from typing import NamedTuple

LANGUAGES = ("en", "ru", "kk")


class Names(NamedTuple):
    """A name in each of LANGUAGES; only the first is always there."""

    en: str
    ru: str | None = None
    kk: str | None = None


CONCEPTS = {
    "FREQ": Names("Frequency", "Периодичность", "Мерзімділік"),
    "INDICATOR": Names("Indicator", "Показатель", "Көрсеткіш"),
    "REF_AREA": Names("Reference area", "Территория", "Аумақ"),
    "SPECIALTY": Names("Field of specialty", "Специальность", "Мамандық"),
    "SEX": Names("Sex", "Пол", "Жынысы"),
    "AGE": Names("Age", "Возраст", "Жасы"),
    "URBANISATION": Names("Urban or rural residence", "Городская или сельская местность", "Қала немесе ауыл"),
    "COUNTERPART_AREA": Names("Partner country", "Страна-партнёр", "Серіктес ел"),
    "TIME_PERIOD": Names("Time period", "Период", "Кезең"),
    "OBS_VALUE": Names("Observation value", "Значение", "Мәні"),
    "OBS_STATUS": Names("Observation status", "Статус значения", "Мәннің мәртебесі"),
    "UNIT_MEASURE": Names("Unit of measure", "Единица измерения", "Өлшем бірлігі"),
    "DECIMALS": Names(
        "Decimals as published", "Десятичных знаков в публикации", "Жариялаудағы ондық таңбалар"
    ),
    "SOURCE_SERIES": Names("Series of the publisher", "Ряд издателя", "Жариялаушының қатары"),
    "SOURCE": Names("Release", "Выпуск", "Шығарылым"),
    "COMMENT_OBS": Names("Cell of the release", "Ячейка выпуска", "Шығарылым ұяшығы"),
    "CORRECTION": Names("Correction applied", "Применённое исправление", "Қолданылған түзету"),
    "KNOWN_FROM": Names("Published from", "Опубликовано с", "Жарияланған күні"),
    "KNOWN_TO": Names("In force until", "Действует до", "Күші бар мерзім"),
    "RECORDED_AT": Names("Recorded here", "Записано здесь", "Осында жазылған"),
    "SERIES_PREFERENCE": Names("Preference of the series", "Предпочтение ряда", "Қатардың басымдығы"),
}

CODE_LISTS = {
    "CL_FREQ": Names("Frequency", "Периодичность", "Мерзімділік"),
    "CL_INDICATOR": Names("Indicators", "Показатели", "Көрсеткіштер"),
    "CL_AREA": Names("Kazakhstan and its regions", "Казахстан и его регионы", "Қазақстан және оның өңірлері"),
    "CL_SPECIALTY": Names("Fields of specialty", "Специальности", "Мамандықтар"),
    "CL_SEX": Names("Sex", "Пол", "Жынысы"),
    "CL_AGE": Names("Age", "Возраст", "Жасы"),
    "CL_URBANISATION": Names(
        "Urban or rural residence", "Городская или сельская местность", "Қала немесе ауыл"
    ),
    "CL_COUNTERPART_AREA": Names("Partner countries", "Страны-партнёры", "Серіктес елдер"),
    "CL_OBS_STATUS": Names("Observation status", "Статус значения", "Мәннің мәртебесі"),
    "CL_UNIT_MEASURE": Names("Units of measure", "Единицы измерения", "Өлшем бірліктері"),
    "CL_RELEASE": Names("Releases", "Выпуски", "Шығарылымдар"),
    "CL_CORRECTION": Names("Corrections", "Исправления", "Түзетулер"),
}

# Codes of SDMX that the published tables use, or may use, and have no names of their own for.
CODES = {
    "CL_FREQ": {
        "A": Names("Annual", "Годовая", "Жылдық"),
        "S": Names("Half-yearly", "Полугодовая", "Жартыжылдық"),
        "Q": Names("Quarterly", "Квартальная", "Тоқсандық"),
        "M": Names("Monthly", "Месячная", "Айлық"),
        "D": Names("Daily: a stock of that day", "Дневная: на эту дату", "Күндік: осы күнге"),
        "_O": Names("Other: a time range", "Прочее: промежуток времени", "Басқа: уақыт аралығы"),
    },
    "CL_SPECIALTY": {"_T": Names("All specialties", "Все специальности", "Барлық мамандықтар")},
    "CL_SEX": {
        "_T": Names("Both sexes", "Оба пола", "Екі жыныс"),
        "F": Names("Women", "Женщины", "Әйелдер"),
        "M": Names("Men", "Мужчины", "Ерлер"),
    },
    "CL_AGE": {"_T": Names("All ages", "Все возрасты", "Барлық жас")},
    "CL_URBANISATION": {
        "_T": Names("Urban and rural", "Город и село", "Қала мен ауыл"),
        "U": Names("Urban", "Город", "Қала"),
        "R": Names("Rural", "Село", "Ауыл"),
    },
    "CL_COUNTERPART_AREA": {"_T": Names("All countries", "Все страны", "Барлық елдер")},
    "CL_OBS_STATUS": {
        "A": Names("Normal value"),
        "B": Names("Break in the series"),
        "D": Names("Definition differs"),
        "E": Names("Estimate"),
        "F": Names("Forecast"),
        "G": Names("Experimental value"),
        "H": Names("Missing: holiday or weekend"),
        "I": Names("Imputed by a receiver"),
        "J": Names("Derogation"),
        "K": Names("Included in another category"),
        "L": Names("Missing: exists, not collected"),
        "M": Names("Missing: cannot exist"),
        "N": Names("Not significant"),
        "O": Names("Missing"),
        "P": Names("Provisional"),
        "Q": Names("Missing: suppressed"),
        "S": Names("Strike or other special event"),
        "U": Names("Low reliability"),
        "V": Names("Not validated"),
        "W": Names("Includes another category"),
    },
}
