"""The report is one page that stands alone: well-formed, complete, the same each time."""

from __future__ import annotations

import html
import pathlib
import re
import shutil
import xml.etree.ElementTree as ET
from typing import Any

import polars as pl
import pytest

from analysis import cli, figures
from analysis.headline import headline
from analysis.report import page, write_report
from analysis.report_keepers import COUNTS, REASONS, keeper_facts, why
from analysis.report_numbers import Reasons, named, number
from analysis.report_parts import part
from analysis.report_tables import tables
from analysis.run import Run, open_run
from sim.errors import InputError
from tests.analysis.plain import scenario


@pytest.fixture(scope="module")
def made(run: Run) -> str:
    return page(run)


@pytest.fixture
def copy(folder: pathlib.Path, tmp_path: pathlib.Path) -> pathlib.Path:
    return pathlib.Path(shutil.copytree(folder, tmp_path / "copy"))


def read(page: str) -> ET.Element:
    """The page as XML: whatever is not closed or not escaped fails here."""
    return ET.fromstring(page.partition("\n")[2])


def test_it_fetches_nothing(made: str) -> None:
    root = read(made)
    assert not [e.tag for e in root.iter() if e.tag in ("script", "link", "iframe", "object")]
    assert all(e.get("src", "").startswith("data:image/png;base64,") for e in root.iter("img"))
    assert all(e.get("href", "").startswith("#") for e in root.iter("a"))
    assert "url(" not in made
    assert "@import" not in made
    places = {e.get("id") for e in root.iter("section")}
    assert {e.get("href", "")[1:] for e in root.iter("a")} == places


def test_it_holds_everything(made: str, run: Run) -> None:
    text = html.unescape(made)
    for line in headline(run.summary)[1:]:
        assert line[12:] in text
    shown = [name for name in figures.names() if f"No figure <q>{name}</q>" not in text]
    assert set(shown) >= {"prices", "liquidations", "leverage", "flows", "waterfall"}
    assert len(list(read(made).iter("img"))) == len(shown)
    assert all(" ".join(figures.caption(name).split()) in text for name in shown)
    for told in (*run.manifest["tables"].values(), {"sha256": run.manifest["manifest_sha256"]}):
        assert told["sha256"] in text
    assert all(f">{version}<" in text for version in run.manifest["packages"].values())
    assert run.scenario.question in text
    assert all(source in text for source in run.scenario.sources)
    assert run.scenario.to_toml("inputs") in text
    assert all(e.text or len(e) for e in read(made).iter("h2"))


def test_figures_are_numbered_one_after_the_other_and_reasons_stand_behind_them(made: str) -> None:
    numbers = [int(k) for k in re.findall(r"<b>Figure (\d+)\.</b>", made)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert 0 <= made.rfind("</figure>") < made.find("No figure <q>")


def test_a_calibrated_path_is_told_in_tables(made: str) -> None:
    points = [{"hour": 0.0, "gap_fraction": 0.0}, {"hour": 12.0, "gap_fraction": -0.02}]
    entry = {"shock": "eth_path", "is_found": True, "points": points}
    title, content = part("implied", [entry], Reasons({}))
    assert title == "Implied"
    assert rows_of(content)[-2:] == [["1", "0.00", "0.00"], ["2", "12.00", "-2.0"]]
    assert "{" not in content
    assert ">Implied<" not in made, "nothing was calibrated there"


def test_the_same_run_gives_the_same_bytes(made: str, folder: pathlib.Path) -> None:
    assert page(open_run(folder)) == made


def test_words_of_a_scenario_are_text_and_never_markup(run: Run) -> None:
    changed = scenario().model_copy(
        update={"title": "<b>1 & 2</b>", "question": "<script>x</script>"}
    )
    hostile = Run(run.manifest, run.summary, folder=run.folder, scenario=changed)
    root = read(page(hostile))
    assert root.findtext("body/header/h1") == "<b>1 & 2</b>"
    assert not list(root.iter("script"))


def rows_of(part: str) -> list[list[str]]:
    root = ET.fromstring(f"<div>{part}</div>")
    return [["".join(cell.itertext()) for cell in row] for row in root.iter("tr")]


def test_what_nobody_knew_beforehand_becomes_tables() -> None:
    told = {
        "amplification": None,
        "shock_fraction": 0.25,
        "by_class": {
            "lenders": {"loss_usd": 1_234_567.0, "exit": {"loss_usd": 2.5}},
            "keepers": {"loss_usd": -1.0, "exit": {"loss_usd": None}},
        },
        "largest_trees": [{"root": "ETH <1>", "n_sales": 3}, {"root": "ETH 2", "n_sales": 1}],
    }
    reasons = Reasons(
        {"cascade.amplification": "no shock", "cascade.by_class.keepers.exit.loss_usd": "a <why>"}
    )
    assert rows_of(tables("cascade", told, "cascade", reasons)) == [
        ["amplification", "undefined: no shock"],
        ["shock (%)", "25.0"],
        ["class", "loss (USD)"],
        ["lenders", "1,234,567"],
        ["keepers", "-1.00"],
        ["class", "loss (USD)"],
        ["lenders", "2.50"],
        ["keepers", "undefined: a <why>"],
        ["largest trees", "root", "sales"],
        ["1", "ETH <1>", "3"],
        ["2", "ETH 2", "1"],
    ]


def test_a_wide_table_of_few_rows_stands_on_its_side() -> None:
    prices = {asset: {f"at{k}_usd": float(k) for k in range(10)} for asset in ("ETH", "BTC")}
    first, second, *rest = rows_of(tables("prices", prices, "prices", Reasons({})))
    assert first == ["", "ETH", "BTC"]
    assert second == ["at0 (USD)", "0", "0"]
    assert len(rest) == 9


@pytest.mark.parametrize(
    ("key", "value", "name", "text"),
    [
        ("loss_at_worst_usd", 1234567.8, "loss at worst (USD)", "1,234,568"),
        ("loss_fraction", 0.123, "loss (%)", "12.3"),
        ("endogenous_usd_fraction", 0.5, "endogenous in USD (%)", "50.0"),
        ("event", 365_000_014, "event", "365000014"),
        ("peak_gwei", 338.519, "peak (gwei)", "338.52"),
        ("worst_block", 7161, "worst block", "7161"),
        ("n_bids", 1484, "bids", "1,484"),
        ("worst_hour", 25.8627, "worst (h)", "25.86"),
        ("error_usd", -3.93e-6, "error (USD)", "-3.9e-06"),
    ],
)
def test_a_number_is_said_with_its_unit(key: str, value: float, name: str, text: str) -> None:
    assert named(key) == name
    assert number(key, value) == text


def hunt(run: Run, keepers: list[tuple[float, float]], n_bids: list[int], **passed: int) -> Run:
    """A run of three blocks: positions are at risk in the last two; keepers bid and pass as told."""
    zero = {count: [0, 0, 0] for count in COUNTS}
    hunters = {"block": [0, 1, 2], "cohort": "hunters", "role": "keeper", **zero, "n_bids": n_bids}
    prey = {"block": [0, 1, 2], "cohort": "loops", "role": "vault", **zero}
    frames = [
        pl.DataFrame({**hunters, "n_at_risk": [0, 0, 0], "alive_fraction": [1.0, 0.5, 1.0]}),
        pl.DataFrame({**prey, "n_at_risk": [0, 4, 2], "alive_fraction": 1.0}),
    ]
    capital = pl.DataFrame(
        {
            "block": [0] * len(keepers) + [2] * len(keepers),
            "capital_free_usd": [1e6] * len(keepers) + [free for free, _ in keepers],
            "capital_locked_usd": [0.0] * len(keepers) + [locked for _, locked in keepers],
            # Counts are since birth: what was passed over before the start is not this run's.
            **{
                reason: [5] * len(keepers) + [5 + passed.get(reason, 0)] + [5] * (len(keepers) - 1)
                for reason in REASONS
            },
        }
    )
    lazy = {"cohorts": pl.concat(frames).lazy(), "keepers": capital.lazy()}
    return Run(run.manifest, run.summary, tables=lazy, scenario=run.scenario)


def test_why_keepers_did_not_bid_is_counted(run: Run) -> None:
    short = hunt(
        run,
        [(0.0, 9e5), (3e5, 6e5)],
        n_bids=[0, 0, 1],
        no_cash=6,
        no_gas_money=1,
        no_profit=1,
    )
    facts = keeper_facts(short)
    assert (facts["n_blocks_with_prey"], facts["n_blocks_without_bid"]) == (2, 1)
    assert facts["by_cohort"]["hunters"]["n_blocks_with_outage"] == 1
    capital = facts["capital"]
    assert capital["free_fraction"] == pytest.approx(3e5 / 18e5)
    assert (capital["n_keepers_without_cash"], capital["n_keepers"]) == (1, 2)
    assert facts["without_cash_fraction"] == 0.5  # behind block 1, and not at the start
    said = why(facts)
    assert "in 1 of them no keeper sent a bid" in said
    assert "let a position pass 8 times, in 75.0 % of them for want of cash" in said
    assert "(1 for want of profit, 6 for want of cash, 1 for want of ETH for gas)" in said
    assert "50.0 % of keepers were without cash" in said
    assert "300 k USD free and 1.5 M USD" in said
    assert "Nobody trades" in why({**facts, "is_trading": False})
    poor = hunt(run, [(1e6, 0.0)], n_bids=[0, 1, 1], no_profit=5)
    assert "in 100.0 % of them for want of profit" in why(keeper_facts(poor))


def test_where_nothing_was_at_risk_nobody_could_bid(run: Run) -> None:
    facts = keeper_facts(run)
    assert facts["n_blocks_with_prey"] == 0
    assert "left nothing liquidatable" in why(facts)  # the plain run tells of wins
    facts["by_cohort"]["liquidators"]["n_wins"] = 0
    assert "keepers had nothing to bid for" in why(facts)


def test_the_command_writes_into_the_run_folder(
    copy: pathlib.Path, made: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / "report.html").write_text("an earlier report")
    assert cli.main(["report", str(copy)]) == 0
    assert capsys.readouterr().out == f"{copy / 'report.html'}\n"
    assert (copy / "report.html").read_text(encoding="utf-8") == made
    open_run(copy).events.collect()


def test_exit_codes(copy: pathlib.Path, tmp_path: pathlib.Path, capsys: Any) -> None:
    elsewhere = tmp_path / "mine.html"
    elsewhere.write_text("years of work")
    (tmp_path / "foreign").mkdir()
    cases = [
        (["report", str(tmp_path / "copi")], 2, "Did you mean 'copy'"),
        (["report", str(tmp_path / "foreign")], 2, "is not a run folder"),
        (["report", str(copy), "--out", str(tmp_path)], 2, "is a folder"),
        (
            ["report", str(copy), "--out", str(tmp_path / "no" / "where.html")],
            2,
            "there is no folder",
        ),
        (["report", str(copy), "--out", str(elsewhere)], 3, "exists already"),
        (["report", str(copy), "--uot", "x"], 2, "Did you mean '--out'"),
    ]
    for words, code, hint in cases:
        assert cli.main(words) == code
        out, err = capsys.readouterr()
        assert out == ""
        assert hint in err
        assert err.count("\n") == 1
    assert elsewhere.read_text() == "years of work"


@pytest.mark.parametrize(
    "name", ["incidence.parquet", "exposures.parquet", "scenario.toml", "summary.json"]
)
def test_a_damaged_folder_has_no_report(copy: pathlib.Path, name: str, capsys: Any) -> None:
    """Even a file that no part of the report reads: half of it may not be vouched for."""
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    assert cli.main(["report", str(copy)]) == 1
    assert re.search(
        rf"{re.escape(name)}.*(not what was written|cannot be read)", capsys.readouterr().err
    )
    assert not (copy / "report.html").exists()


def test_a_run_in_memory_needs_a_place(run: Run, made: str, tmp_path: pathlib.Path) -> None:
    kept = {name: run.table(name) for name in run.table_names}
    in_memory = Run(run.manifest, run.summary, tables=kept, scenario=run.scenario)
    with pytest.raises(InputError, match="needs a place"):
        write_report(in_memory)
    out = write_report(in_memory, tmp_path / "report.html")
    assert out.read_text(encoding="utf-8") == made
