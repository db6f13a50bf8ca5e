"""`saldo explain` on a built warehouse: from a published number back to the cell that is printed."""

import csv
import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from project import PROJECT, run_in

from saldo import explain_text
from saldo.errors import InputError, NotPublishedError
from saldo.explain import as_json, explain
from saldo.query import published
from saldo.subject import KEY, find_subject


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SALDO_WAREHOUSE", "SALDO_LANDING"):
        monkeypatch.delenv(name, raising=False)


def printed(project: Path, table: str, row: int, column: int) -> str:
    """A cell of a printed table, read without the code under test."""
    rows = list(csv.reader((project / "seeds" / "published" / f"{table}.csv").open(encoding="utf-8")))
    return rows[row + 1][column]


def flat(facts: dict[str, Any]) -> str:
    """The text for a person, without what breaks its lines."""
    return " ".join(explain_text.as_text(facts).split())


def refused(project: Path, *words: str) -> InputError:
    with pytest.raises(InputError) as caught:
        explain(project, words)
    return caught.value


@pytest.mark.parametrize(
    "words",
    [
        "Akmola",
        "akmola",
        "11",
        "KZ-11",
        "110000000",
        "Акмолинская область",
        "Акмолинская",
        "Ақмола облысы",
        "Ақмола",
    ],
)
def test_a_region_by_each_of_its_names(built_project: Path, words: str) -> None:
    facts = explain(built_project, words.split())
    assert (facts["kind"], facts["asked_again_by"]) == ("region", "11")
    assert facts["balances"][0]["balance_persons"] == -30136


def test_the_chain_of_a_region(built_project: Path) -> None:
    facts = explain(built_project, ["East Kazakhstan"])
    assert facts["region"]["region_code"] == "63"
    assert sum(cell["balance_persons"] for cell in facts["cells"]) == facts["balances"][0]["balance_persons"]
    assert len(facts["cells"]) == 9
    for cell in facts["cells"]:
        place = re.fullmatch(r"(\w+), row (\d+) \(.*\), column (\d+) \(.*\)", cell["source_ref"])
        assert place
        text = printed(built_project, place[1], int(place[2]), int(place[3]))
        assert int(text) == cell["balance_persons"]
    (total,) = facts["printed_totals"]
    assert (total["published_value"], total["difference"], total["parts_count"]) == (-57429, 0, 9)
    (same,) = facts["same_in_other_table"]
    assert (same["value"], same["difference_from_total"]) == (-57429, 0)
    (correction,) = facts["corrections"]
    assert correction["correction_id"] == "table_1_balance_period_start"
    assert (facts["profile"]["role"], facts["profile"]["role_within_2000"]) == ("donor", "donor")
    assert "1 000 persons" in facts["role_rule"]
    releases = {each["release_id"]: each for each in facts["releases"]}
    assert set(releases) == {"article_2025_5", facts["population"][0]["release_id"]}
    assert {file["file_name"] for file in releases["article_2025_5"]["files"]} >= {"article_table_3.csv"}


def test_a_region_whose_cells_are_not_all_there(built_project: Path) -> None:
    facts = explain(built_project, ["Shymkent"])
    assert [each["specialty_code"] for each in facts["without_figure"]] == ["not_stated"]
    assert "Not stated: nothing stands in the cell" in flat(facts)


def test_a_region_that_was_abolished_and_the_country(built_project: Path) -> None:
    south = explain(built_project, ["South", "Kazakhstan"])
    assert (south["profile"], south["balances"][0]["balance_persons"]) == (None, 20461)
    text = flat(south)
    assert "until 2018-06-19" in text
    assert "none: regional.region_profile has no row of it" in text
    country = explain(built_project, ["Kazakhstan"])
    assert (country["asked_again_by"], country["balances"]) == ("00", [])
    (total,) = country["printed_totals"]
    assert (total["published_value"], total["parts_count"], total["difference"]) == (-267599, 184, 0)


def test_the_chain_of_a_claim(built_project: Path) -> None:
    facts = explain(built_project, ["balance_2001"])
    claim = facts["claim"]
    assert (claim["printed_value"], claim["recomputed_value"], claim["verdict"]) == (
        "-83062",
        -88162,
        "contradicted",
    )
    (metric,) = facts["metrics"]
    (cell,) = metric["cells"]
    assert cell["original"]["printed"] == printed(built_project, "article_table_2", 2, 2) == "-88162"
    assert facts["history"][-1]["verdict"] == "contradicted"
    assert [each["release_id"] for each in facts["releases"]] == ["article_2025_5"]
    text = flat(facts)
    for said in ("-83062", "−88 162", "contradicted", "«-88162» in ", "row 2 (2001)"):
        assert said in text


def test_every_kind_of_claim_is_explained(built_project: Path) -> None:
    """Those on statistics of marts, those with two readings and those that nothing here decides, too."""
    with published(built_project) as connection:
        rows = connection.execute("""
            select claim_id, verdict, alternative_metric is null, metric.mart is null, metric.value is null
            from analysis.claim_check left join analysis.metric using (metric, subject)
        """).fetchall()
    assert len(rows) > 100
    sample = {tuple(kinds): claim for claim, *kinds in rows}
    assert {verdict for verdict, *_ in sample} >= {"confirmed", "contradicted", "not_checkable"}
    for (verdict, *_), claim in sample.items():
        facts = explain(built_project, [claim])
        assert facts["claim"]["claim_id"] == claim
        assert f" Verdict {verdict} Reason " in flat(facts)
        assert json.loads(as_json(facts))["kind"] == "claim"


FIGURE = "migration_balance_by_specialty 63 technical"


@pytest.mark.parametrize(
    "words",
    [
        FIGURE,
        "technical 63 migration_balance_by_specialty",
        "Balance of external migration by specialty East Kazakhstan Technical",
        "migration_balance_by_specialty Восточно-Казахстанская область Техническое 2024",
        "-18855",
        "−18 855",
        "-18,855",
        "-18855.0",
    ],
)
def test_a_figure_by_its_words_or_its_value(built_project: Path, words: str) -> None:
    facts = explain(built_project, words.split())
    assert facts["kind"] == "figure"
    assert facts["figure"]["value"] == -18855
    assert facts["original"]["printed"] == printed(built_project, "article_table_3", 21, 2) == "-18855"
    assert facts["original"]["found"] == "same"
    assert facts["names"]["region"] == "East Kazakhstan"
    assert [vintage["value"] for vintage in facts["vintages"]] == [-18855]


def test_a_figure_with_vintages_tells_each(built_project: Path) -> None:
    with published(built_project) as connection:
        columns = ", ".join(KEY)
        row = connection.execute(
            f"select {columns}, count(*) as n from core.fct_revision group by all order by n desc limit 1"
        ).fetchone()
    assert row
    *key, count = row
    assert count > 1
    with published(built_project) as connection:
        expected = connection.execute(
            "select distinct value from core.fct_revision where "
            + " and ".join(f"{column} = ?" for column in KEY),
            key,
        ).fetchall()
    facts = explain(built_project, [key[0], key[1], f"{key[-2]}/{key[-1]}"])
    assert len(facts["vintages"]) == count
    assert {vintage["value"] for vintage in facts["vintages"]} == {value for (value,) in expected}
    assert {each["release_id"] for each in facts["releases"]} >= {
        vintage["release_id"] for vintage in facts["vintages"]
    }


def test_a_corrected_figure_tells_the_correction(built_project: Path) -> None:
    facts = explain(built_project, ["migration_balance", "11"])
    (correction,) = facts["corrections"]
    assert (correction["printed"], correction["corrected"]) == ("2024-01-01", "2000-01-01")
    text = flat(facts)
    assert "period_start «2024-01-01» taken as «2000-01-01»" in text
    assert "equal to the total of Table 3" in text


def test_a_printed_total(built_project: Path) -> None:
    facts = explain(built_project, ["migration_balance_by_specialty", "Kazakhstan", "technical"])
    assert (facts["kind"], facts["total"]["difference"]) == ("total", 0)
    assert facts["original"]["printed"] == printed(built_project, "article_table_3", 22, 2)
    assert "21 figures sum to" in flat(facts)


@pytest.mark.parametrize(("value", "region"), [("-57429", "63"), ("-267599", "00"), ("20461", "51")])
def test_the_balance_of_a_region_by_its_value(built_project: Path, value: str, region: str) -> None:
    """It stands in Table 1, as the total of a row of Table 3 and as its sum: one thing all the same."""
    facts = explain(built_project, [value])
    assert (facts["kind"], facts["asked_again_by"]) == ("region", region)


def test_every_listed_word_leads_to_its_own_figure(built_project: Path) -> None:
    with published(built_project) as connection:
        sample = connection.execute(f"""
            select {", ".join(KEY)} from core.fct_observation
            using sample reservoir(25 rows) repeatable (7)
        """).fetchall()
        for key in sample:
            asked = [*key[:2], *(code for code in key[2:7] if code != "_T"), f"{key[7]}/{key[8]}"]
            subject = find_subject(connection, asked)
            assert (subject.kind, subject.key) == ("figure", key)
            assert find_subject(connection, [subject.words]) == subject


def test_a_year_is_the_whole_of_it_before_its_quarters(built_project: Path) -> None:
    facts = explain(built_project, ["unemployment_rate", "Akmola", "2010"])
    assert str(facts["key"]["period_end"]) == "2011-01-01"
    quarter = explain(built_project, ["unemployment_rate", "Akmola", "2010-Q2"])
    assert str(quarter["key"]["period_start"]) == "2010-04-01"
    count = explain(built_project, ["population", "Akmola", "2020"])
    assert str(count["key"]["period_end"]) == "2020-01-02"


def test_several_things_are_listed_with_words_that_lead_to_each(built_project: Path) -> None:
    error = refused(built_project, "Almaty")
    assert error.exit_status == 3
    assert error.details == ["saldo explain 19  Almaty region", "saldo explain 75  Almaty city"]
    error = refused(built_project, "population", "Akmola")
    assert error.details[-1].endswith("more")
    with published(built_project) as connection:
        for line in error.details[:-1]:
            assert find_subject(connection, line.split()[2:]).kind == "figure"


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("Turkestan", "Turkistan"),
        ("balance_2010", "balance_2001"),
        ("Алмата", "Алматы"),
        ("migration_balanse", "migration_balance"),
    ],
)
def test_what_is_unknown_is_told_with_the_nearest_names(built_project: Path, asked: str, near: str) -> None:
    error = refused(built_project, asked)
    assert "is no region, claim or figure" in error.what
    assert any(near.casefold() in detail.casefold() for detail in error.details)


@pytest.mark.parametrize(
    "asked", ["123456789", "2024-13-45", "population Akmola 1850-01-01", "'; drop table x", "%", ""]
)
def test_what_is_nowhere_is_refused(built_project: Path, asked: str) -> None:
    assert refused(built_project, asked).exit_status == 3


def test_the_published_file_alone_is_enough(
    built_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "warehouse").mkdir()
    shutil.copy(built_project / "warehouse" / "saldo.duckdb", tmp_path / "warehouse")
    facts = explain(tmp_path, FIGURE.split())
    assert facts["original"]["found"] == "missing"
    assert facts["figure"]["value"] == -18855
    assert "the file of the release is not at hand" in flat(facts)


def test_a_printed_table_that_was_edited_is_told(built_project: Path, tmp_path: Path) -> None:
    (tmp_path / "warehouse").mkdir()
    shutil.copy(built_project / "warehouse" / "saldo.duckdb", tmp_path / "warehouse")
    seeds = tmp_path / "seeds" / "published"
    shutil.copytree(built_project / "seeds" / "published", seeds)
    table = seeds / "article_table_3.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("-18855", "-18856"), encoding="utf-8")
    facts = explain(tmp_path, FIGURE.split())
    assert (facts["original"]["found"], facts["original"]["printed"]) == ("changed", None)
    assert "is not the file that the build has read" in flat(facts)


def test_text_of_a_release_is_shown_and_not_obeyed(built_project: Path, tmp_path: Path) -> None:
    (tmp_path / "warehouse").mkdir()
    file = tmp_path / "warehouse" / "saldo.duckdb"
    shutil.copy(built_project / "warehouse" / "saldo.duckdb", file)
    file.chmod(0o644)
    with duckdb.connect(str(file)) as connection:
        connection.execute("update core.dim_release set title = ?", ["\x1b[2Jtitle \u202e [red]"])
    text = flat(explain(tmp_path, FIGURE.split()))
    assert r"\x1b[2Jtitle \u202e [red]" in text
    assert "\x1b" not in text


def test_an_older_published_file_is_told_in_one_line(built_project: Path, tmp_path: Path) -> None:
    (tmp_path / "warehouse").mkdir()
    file = tmp_path / "warehouse" / "saldo.duckdb"
    shutil.copy(built_project / "warehouse" / "saldo.duckdb", file)
    file.chmod(0o644)
    with duckdb.connect(str(file)) as connection:
        connection.execute("drop table core.dim_correction")
    with pytest.raises(NotPublishedError, match="dim_correction does not exist"):
        explain(tmp_path, ["63"])


def told(project: Path, *arguments: str) -> tuple[int, str, str]:
    outcome = run_in(project, "explain", *arguments)
    return outcome.returncode, outcome.stdout, outcome.stderr


def test_the_page_shows_what_the_command_prints(built_project: Path) -> None:
    page = (PROJECT / "docs" / "reference-commands.md").read_text(encoding="utf-8")
    shown = re.findall(
        r"^```sh\nsaldo (query .*)\n```\n\n```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL
    )
    assert shown
    for command, output in shown:
        outcome = run_in(built_project, *shlex.split(command))
        assert (outcome.returncode, outcome.stdout) == (0, output)
    for example in re.findall(r"`saldo explain ([^`]*)`", page):
        assert run_in(built_project, "explain", *example.split()).returncode == 0, example


def test_the_command(built_project: Path) -> None:
    status, out, err = told(built_project, *FIGURE.split())
    assert (status, err) == (0, "")
    assert out.startswith(
        "Figure      Balance of external migration by specialty · East Kazakhstan · Technical"
    )
    assert "«-18855» in seeds/published/article_table_3.csv, the bytes that the build has read" in out
    assert max(map(len, out.splitlines())) <= 110
    status, out, err = told(built_project, "--json", "Akmola")
    facts: dict[str, Any] = json.loads(out)
    assert (status, facts["region"]["name_en"], facts["balances"][0]["balance_persons"]) == (
        0,
        "Akmola",
        -30136,
    )
    assert told(built_project, "-18855")[0] == 0
    status, out, err = told(built_project, "--json", "Almaty")
    assert (status, json.loads(out)["error"]["details"]) == (
        3,
        ["saldo explain 19  Almaty region", "saldo explain 75  Almaty city"],
    )
