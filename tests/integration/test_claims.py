"""The article's claims in the published file, and verdicts that change with a figure and with a vintage."""

import csv
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from corruption import PrintedTables, Replay
from duckdb import DuckDBPyConnection

TABLE_2 = "article_table_2"


@pytest.fixture(scope="module")
def published(built_project: Path) -> Iterator[DuckDBPyConnection]:
    path = built_project / "warehouse" / "saldo.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


# --- verdicts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim_id", "verdict", "says"),
    [
        ("balance_2000", "confirmed", "article_table_2, row 1 (2000)"),
        ("balance_2001", "contradicted", "stated -83062, recomputed -88162"),
        ("n_below_food_basket", "contradicted", "stated 11, recomputed 12"),
        ("nonlinear_r_squared", "contradicted", "0.3918 linear, cumulative balance"),
        ("nonlinear_r_squared", "contradicted", "0.3909 logarithmic calendar year, cumulative balance"),
        ("heading_table_1_year", "contradicted", "by specialty of 2000-2024 in 20 of 20 regions"),
        ("methods_table_1_year", "contradicted", "stated 2024, recomputed 2000"),
        ("north_east_leads_technical", "contradicted", "the largest: Karaganda (centre) -20990"),
        ("north_east_leads_pedagogical", "ambiguous", "north -21201, east -6664, centre -5818"),
        ("three_specialties_dominate", "contradicted", "recomputed 0.2871"),
        ("three_specialties_dominate", "contradicted", "technical, alone 0.361"),
        ("three_professions", "ambiguous", "recomputed 0.7608"),
        ("mangystau_is_southern", "contradicted", "Mangystau lies in the west"),
        ("east_kazakhstan_is_poor", "contradicted", "1633404, number 4 of 20"),
        ("east_kazakhstan_is_poor", "contradicted", "by persons below the food basket number 2 of 12"),
        ("east_kazakhstan_stays", "contradicted", "-57429, number 1 of 20"),
        ("balance_south_kazakhstan", "confirmed", "the region was abolished on 2018-06-19"),
        ("cumulative_balance", "confirmed_rounded", "a coincidence: the running sum"),
        ("cumulative_balance", "confirmed_rounded", "-267801 at 2018"),
        ("cumulative_balance_conclusions", "ambiguous", "recomputed -320585"),
        ("r_income", "confirmed_rounded", "n = 20 regions"),
        ("r_income_earlier", "contradicted", "no earlier place of the text prints it"),
        ("recipients_south_west", "confirmed", "5 of 5"),
        ("recipients_conclusions", "ambiguous", "5 of 11"),
        ("turn_begins", "confirmed", "2789 in 2004"),
        ("turn_ends", "ambiguous", "recomputed 2011"),
        ("clear_division", "ambiguous", "recomputed 0.0442"),
        ("methods_clusters", "ambiguous", "true by definition of any regions"),
        ("shymkent_stagnates", "contradicted", "to 1256164"),
        ("east_kazakhstan_stagnates", "ambiguous", "730238 to 723967"),
        ("internal_astana", "ambiguous", "recomputed -7970"),
        ("internal_almaty_city", "ambiguous", "bns_internal_migration_2022_2024"),
        ("volatility", "confirmed", "standard deviation of the years' balances"),
        ("negative_balance_intro", "ambiguous", "recomputed 16550"),
        ("negative_balance_young", "not_checkable", "No balance by age is held"),
        ("agglomerations_grow_review", "confirmed", "Almaty city"),
        ("lost_to_developed", "not_checkable", "No balance by country of destination"),
        ("abstract_fertility_kk", "not_checkable", "Births and deaths are not in the tables"),
        ("abstract_educational_channel_en", "not_checkable", "not by purpose"),
        # which income is meant, and what each correlation hangs on, by rule
        ("paradox_conclusions", "ambiguous", "nominal_income_per_capita"),
        ("paradox_intro", "ambiguous", "nominal_income -0.0"),
        ("income_link_negative", "confirmed", "children_per_household held fixed -0.18"),
        ("r_income", "confirmed_rounded", "by bootstrap (BCa), n = 20"),
        ("r_below_food_basket", "confirmed_rounded", "without_shymkent -0.1356"),
        ("poverty_link_positive", "ambiguous", "without_shymkent -0.1356"),
        ("children_link_positive", "confirmed", "95% interval"),
        ("students_abroad", "not_checkable", "not in the tables"),
        # derived from two other tables, not printed: 5 and 3 of 7 regions
        ("persistent_donors", "ambiguous", "2023: 5 of 7, not"),
        ("persistent_donors", "ambiguous", "together -1096"),
        ("abstract_persistence_kk", "ambiguous", "2024: 3 of 7, not"),
        ("abstract_persistence_en", "ambiguous", "together 1293"),
        ("channel_persists_intro", "not_checkable", "No balance of specialists by region or specialty"),
        ("north_east_shrinks", "ambiguous", "North Kazakhstan in 23 of 23 years"),
        ("north_east_shrinks_review", "ambiguous", "the series breaks in 2009, 2022"),
        ("south_grows", "confirmed", "on either side of breaks"),
        ("south_grows_review", "ambiguous", "Kyzylorda in 23 of 23 years"),
        ("trend_is_significant", "contradicted", "stated below 0.05, recomputed 0.635"),
        ("trend_not_dominant", "confirmed", "recomputed 0.3918"),
        ("richest_lose_more", "contradicted", "1 of 3 lost more than the mean"),
        ("abstract_prosperous", "ambiguous", "recomputed 2 (in_losing_half"),
        (
            "r_income_earlier",
            "contradicted",
            "A coincidence: partial_r of persons:income_per_capita:below_food",
        ),
        ("abstract_four_groups_kk", "not_checkable", "three of these groups"),
        ("abstract_index_en", "not_checkable", "that of analysis.attractiveness_index is ours"),
        ("abstract_professions_kk", "confirmed", "recomputed 0.6485"),
        ("abstract_internal_en", "contradicted", "bns_internal_migration_2022_2024"),
        ("south_west_internal", "contradicted", "3 of 11: Almaty region"),
    ],
)
def test_verdict_and_reason(published: DuckDBPyConnection, claim_id: str, verdict: str, says: str) -> None:
    query = "select verdict, reason from analysis.claim_check where claim_id = ?"
    [(found, reason)] = published.execute(query, [claim_id]).fetchall()
    assert found == verdict
    assert says in reason


def test_a_statement_counts_once_in_each_language_in_which_it_stands(published: DuckDBPyConnection) -> None:
    counts = published.execute(
        "select statement, count(distinct language), count(distinct verdict) from analysis.claim_check"
        " where claim_id like 'abstract%' group by all"
    ).fetchall()
    assert len(counts) == 17
    assert {(languages, verdicts) for _, languages, verdicts in counts} == {(3, 1)}


def test_every_claim_has_a_verdict_and_a_reason(published: DuckDBPyConnection) -> None:
    rows = published.execute("select verdict, reason, metric from analysis.claim_check").fetchall()
    assert len(rows) > 180
    for verdict, reason, metric in rows:
        assert reason
        # what has a metric can be decided from the figures of the first build
        assert (verdict == "not_checkable") == (metric is None)


def test_every_printed_number_is_found(published: DuckDBPyConnection, built_project: Path) -> None:
    with (built_project / "seeds/reference/article_figure.csv").open(encoding="utf-8", newline="") as file:
        printed = {(row["language"], row["locator"], int(row["figure_no"])) for row in csv.DictReader(file)}
    rows = published.execute("select language, locator, figure_no, role, reason from analysis.claim_figure")
    found = rows.fetchall()
    assert {row[:3] for row in found} == printed
    assert all(reason for *_, reason in found)
    excluded = {row[:3] for row in found if row[3] == "excluded"}
    claimed = {row[:3] for row in found if row[3] != "excluded"}
    assert not excluded & claimed
    assert len(claimed) == 89


def test_a_reader_goes_from_a_number_to_its_verdict(published: DuckDBPyConnection) -> None:
    query = "select belongs_to, role, reason from analysis.claim_figure where printed = ? order by belongs_to"
    [(claim_id, role, reason)] = published.execute(query, ["-83 062"]).fetchall()
    assert (claim_id, role) == ("balance_2001", "printed_value")
    assert reason.startswith("contradicted: stated -83062, recomputed -88162")


# --- for readers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim_id", "language", "finding"),
    [
        ("balance_2001", "en", "External balance of the year: stated −83,062; the tables give −88,162."),
        (
            "balance_2001",
            "ru",
            "Сальдо внешней миграции за год: заявлено −83\u00a0062; по таблицам −88\u00a0162.",
        ),
        (
            "balance_2001",
            "kk",
            "Жылдық сыртқы көші-қон айырымы: мәлімделгені −83\u00a0062; кестелер бойынша −88\u00a0162.",
        ),
        (
            "cumulative_balance",
            "en",
            "Balance of all specialties: stated −268,000; the tables give −268,000.",
        ),
        ("r_income", "ru", "Корреляция Пирсона: заявлено −0,57; по таблицам −0,57."),
        (
            "mangystau_is_southern",
            "en",
            "Lies in that part of the country: holds if yes; the tables give no.",
        ),
        ("turn_begins", "en", "First year with a positive balance: stated 2004; the tables give 2004."),
        ("return_mobility", "en", "No table here decides it."),
        ("return_mobility", "ru", "По таблицам проверить нельзя."),
        ("return_mobility", "kk", "Кестелер бойынша тексеру мүмкін емес."),
        (
            "negative_balance_intro",
            "en",
            "External balance, sum of the years: holds if below 0; the tables give −320,585. Read otherwise,"
            " external balance of 2024: holds if below 0; the tables give 16,550.",
        ),
    ],
)
def test_finding(published: DuckDBPyConnection, claim_id: str, language: str, finding: str) -> None:
    query = f"select finding_{language} from bi.claim where claim_id = ?"
    assert published.execute(query, [claim_id]).fetchall() == [(finding,)]


def test_findings_agree_in_each_language_and_with_the_verdict(published: DuckDBPyConnection) -> None:
    rows = published.execute(
        "select claim_id, verdict, comparison, printed_value, finding_en, finding_ru, finding_kk"
        " from bi.claim"
    ).fetchall()
    assert len(rows) > 180
    compared = 0
    for claim_id, verdict, comparison, printed_value, english, *translated in rows:
        numbers = re.findall(r"[−\d][\d,.]*\d%?|\d%?", english.replace("95%", "95"))
        for text in translated:
            plain = text.replace("\u00a0%", "%").replace("95-", "95 ")
            shown = re.findall(r"[−\d][\d,\u00a0]*\d%?|\d%?", plain)
            as_english = [one.replace(",", ".").replace("\u00a0", ",") for one in shown]
            assert sorted(as_english) == sorted(numbers), (claim_id, text)
        if comparison == "equals" and printed_value and " Read otherwise, " not in english:
            found = re.search(r": stated (.+); the tables give (.+)\.$", english)
            assert found, claim_id
            assert (found[1] == found[2]) == (verdict in ("confirmed", "confirmed_rounded")), english
            compared += 1
    assert compared > 50


def test_every_claim_is_told_in_three_languages(published: DuckDBPyConnection) -> None:
    texts = [f"{text}_{language}" for text in ("statement", "finding") for language in ("en", "ru", "kk")]
    empty = " or ".join(f"coalesce({text}, '') = ''" for text in texts)
    notes = "count(distinct (note_en is null, note_ru is null, note_kk is null))"
    query = f"select count(*), count(note_kk), count(*) filter ({empty}), {notes} from bi.claim"
    [(claims, with_note, without_text, kinds)] = published.execute(query).fetchall()
    assert claims > with_note > 100
    assert without_text == 0
    assert kinds == 2  # a note in all three languages, or in none


# --- metrics of other marts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "subject", "value", "releases"),
    [
        # as the issue of the statistics has them, computed elsewhere
        ("loss_hhi", "region:totals", "0.128", "article_2025_5"),
        ("loss_hhi", "specialty:totals", "0.227", "article_2025_5"),
        ("partial_r", "persons:income_per_capita:children_per_household", "-0.183", "article_2025_5"),
        ("partial_r", "persons:children_per_household:income_per_capita", "0.575", "article_2025_5"),
        ("nominal_income_r", "persons:none", "-0.07", "article_2025_5, bns_income_2026_09_30"),
        ("change_point", "annual:1", "2005", "article_2025_5"),
        ("change_point", "annual:2", "2019", "article_2025_5"),
        ("moran_i", "balance_per_1000", "0.28", "article_2025_5, bns_population_2026_08_11"),
    ],
)
def test_statistics_of_other_marts_are_metrics(
    published: DuckDBPyConnection, metric: str, subject: str, value: str, releases: str
) -> None:
    query = "select value, release_id, method, mart from analysis.metric where metric = ? and subject = ?"
    [(found, release_id, method, mart)] = published.execute(query, [metric, subject]).fetchall()
    assert f"{found:.{len(value.partition('.')[2])}f}" == value
    assert release_id == releases
    assert method
    assert published.execute(f"select count(*) from {mart}").fetchall()[0][0]


def test_forecasts_and_index_are_metrics(published: DuckDBPyConnection) -> None:
    query = (
        "select metric, count(value), count(distinct subject), count(release_id) from analysis.metric"
        " where metric = 'forecast' or metric like 'attractiveness%' group by all order by all"
    )
    assert published.execute(query).fetchall() == [
        ("attractiveness_rank", 20, 20, 20),
        ("attractiveness_score", 20, 20, 20),
        ("forecast", 5, 5, 5),
    ]


SENSITIVITY = """
    select variant, n, r, ci_low, ci_high from analysis.correlation_sensitivity
    where method = 'pearson' and measure = 'persons' and held_fixed = 'none'
      and indicator_code in ($1, replace($1, 'income', 'nominal_income'))
    union all
    select held_fixed || ' held fixed', n, r, ci_low, ci_high from analysis.partial_correlation
    where method = 'pearson' and measure = 'persons' and territory_set = 'regions_20'
      and missing_rule = 'pairwise' and indicator_code = $1
    union all
    select territory_set || ', ' || measure, n, r, ci_low, ci_high from analysis.correlation
    where method = 'pearson' and missing_rule = 'pairwise' and indicator_code = $1
"""


@pytest.mark.parametrize(
    ("claim_id", "indicator"),
    [
        ("r_income", "income_per_capita"),
        ("r_children", "children_per_household"),
        ("r_below_food_basket", "below_food_basket"),
    ],
)
def test_a_correlation_tells_all_that_it_hangs_on(
    published: DuckDBPyConnection, claim_id: str, indicator: str
) -> None:
    def side(low: float, high: float) -> int:
        return (low > 0) - (high < 0)

    rows = {name: row for name, *row in published.execute(SENSITIVITY, [indicator]).fetchall()}
    n, r, low, high = rows.pop("regions_20, persons")
    query = "select reason from analysis.claim_check where claim_id = ?"
    [(reason,)] = published.execute(query, [claim_id]).fetchall()
    assert f"n = {n}; its sign" in reason
    for name, (_, other, other_low, other_high) in rows.items():
        changes = r * other < 0 or (side(low, high) == 0) != (side(other_low, other_high) == 0)
        assert (f"{name} {other:.4f}".rstrip("0") in reason) == changes, name


# --- vintages ---------------------------------------------------------------------------------------------


def test_a_verdict_is_that_of_what_was_published(published: DuckDBPyConnection) -> None:
    """The population of 2025 came after the article; before, nothing could be said of a loss since 2000."""
    history = published.execute(
        "select verdict, strftime(known_from, '%Y-%m-%d'), known_to is null from analysis.claim_history"
        " where claim_id = 'north_east_shrinks' order by known_from"
    ).fetchall()
    assert history[-2][0] == "not_checkable"
    assert history[-1] == ("ambiguous", "2026-08-11", True)


def test_history_ends_with_what_is_known_now(published: DuckDBPyConnection) -> None:
    latest = "select claim_id, verdict, recomputed_value from analysis.claim_history where known_to is null"
    now = "select claim_id, verdict, recomputed_value from analysis.claim_check where metric is not null"
    assert set(published.execute(latest).fetchall()) == set(published.execute(now).fetchall())


@pytest.fixture(scope="module")
def rebuilt(replay: Replay, built_project: Path) -> Iterator[DuckDBPyConnection]:
    """All that the claims are made from, built in memory."""
    with replay.connect() as connection:
        replay.build(connection, replay.needed_for("claim_check"), built_project)
        yield connection


def verdicts(replay: Replay, connection: DuckDBPyConnection) -> dict[str, tuple[float, str]]:
    frame = replay.frame(connection, "claim_check")
    return {row.claim_id: (row.recomputed_value, row.verdict) for row in frame.itertuples()}


@pytest.fixture
def changed(
    replay: Replay, built_project: Path, rebuilt: DuckDBPyConnection, tmp_path: Path
) -> Iterator[Callable[[str, int, int, str], dict[str, tuple[float, str]]]]:
    """Rebuilds with another text in a printed cell; returns the verdicts. Restores the tables afterwards."""
    shutil.copytree(built_project / "seeds", tmp_path / "seeds")
    tables, anew = PrintedTables(tmp_path), []

    def change(table: str, row: int, column: int, text: str) -> dict[str, tuple[float, str]]:
        sheet = tables.read(table)
        sheet[row + 1][column] = text
        tables.write(table, sheet)
        anew.extend(replay.needed_for("claim_check", after=table))
        replay.build(rebuilt, anew, tmp_path)
        return verdicts(replay, rebuilt)

    yield change
    replay.build(rebuilt, anew, built_project)


def test_one_changed_figure_changes_the_verdicts_that_rest_on_it(
    replay: Replay, rebuilt: DuckDBPyConnection, changed: Callable[..., dict[str, tuple[float, str]]]
) -> None:
    before = verdicts(replay, rebuilt)
    after = changed(TABLE_2, 2, 2, "-83062")  # 2001 as the text has it
    assert before["balance_2001"] == (-88162, "contradicted")
    assert after["balance_2001"] == (-83062, "confirmed")
    moved = {claim_id for claim_id, found in after.items() if found[1] != before[claim_id][1]}
    assert moved == {"balance_2001"}
    assert after["donor_dynamics"] == (-320585 + 88162 - 83062, "ambiguous")


def test_a_changed_income_changes_who_is_poor(changed: Callable[..., dict[str, tuple[float, str]]]) -> None:
    after = changed("article_table_1", 5, 2, "1000000")  # East Kazakhstan
    assert after["east_kazakhstan_is_poor"] == (17, "confirmed")
    assert after["shymkent_is_poor"] == (18, "confirmed")
    assert after["r_income"][1] == "contradicted"


def later(replay: Replay, connection: DuckDBPyConnection, year: int, value: int, day: str) -> None:
    """A later release of the series gives another figure of a year."""
    relation = replay.relation("fct_revision")
    of_year = (
        f"indicator_code = 'external_balance' and period_start = date '{year}-01-01' and known_to is null"
    )
    connection.execute(
        f"create or replace temp table later as select * replace ({value} as value, timestamp '{day}' as"
        f" known_from, 'later' as release_id) from {relation} where {of_year}"
    )
    connection.execute(
        f"update {relation} set known_to = timestamp '{day}', is_latest = false where {of_year}"
    )
    connection.execute(f"insert into {relation} from later")


def test_a_later_release_opens_a_vintage_of_the_claims_it_touches(
    replay: Replay, built_project: Path, rebuilt: DuckDBPyConnection
) -> None:
    """2008 as revised by the bureau (1 117 to 1 300), and a made-up revision of 2006 a month later."""
    later(replay, rebuilt, 2008, 1300, "2026-09-25")
    later(replay, rebuilt, 2006, 40000, "2026-10-25")
    _, *made_from_it = replay.needed_for("claim_history", after="fct_revision")
    replay.build(rebuilt, made_from_it, built_project)
    frame = replay.frame(rebuilt, "claim_history")

    def history(claim_id: str) -> list[tuple[str, float, str]]:
        rows = frame[(frame["claim_id"] == claim_id) & (frame["recomputed_value"].notna())]
        return [
            (f"{row.known_from:%Y-%m-%d}", row.recomputed_value, row.verdict) for row in rows.itertuples()
        ]

    assert history("balance_2006") == [
        ("2025-10-31", 33041, "confirmed"),
        ("2026-10-25", 40000, "contradicted"),
    ]
    assert history("cumulative_balance_negative") == [
        ("2025-10-31", -320585, "confirmed"),
        ("2026-09-25", -320402, "confirmed"),
        ("2026-10-25", -320402 + 40000 - 33041, "confirmed"),
    ]
    assert [day for day, *_ in history("balance_2000")] == ["2025-10-31"]
    assert [day for day, *_ in history("r_income")] == ["2025-10-31"]
    unchanged = replay.needed_for("fct_revision") + made_from_it
    replay.build(rebuilt, unchanged, built_project)
