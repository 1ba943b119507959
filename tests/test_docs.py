"""The documents say nothing that is not there: links lead somewhere, code runs, every name is explained."""

from __future__ import annotations

import pathlib
import re
from typing import Any

import pytest

from agents.strategies import STRATEGIES
from scenarios.load import presets
from scenarios.schema.assemble import ROWS, TABLES
from scenarios.schema.build import keys_of
from scenarios.schema.cohorts import Cohort, parameter_fields
from scenarios.schema.shocks import SHOCKS
from scenarios.schema.values import Table
from sim import causes

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODEL = ROOT / "docs" / "model.md"
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
IMAGE_BYTES = 200_000
BUILT_IN = [name for name, strategy in STRATEGIES.items() if strategy.code < 99]


def text_of(path: pathlib.Path) -> str:
    return path.read_text(encoding="utf-8")


def prose_of(path: pathlib.Path) -> str:
    """A document without its blocks of code."""
    return re.sub(r"^```.*?^```", "", text_of(path), flags=re.DOTALL | re.MULTILINE)


def anchors(path: pathlib.Path) -> set[str]:
    """The places in a document that a link can name."""
    headings = re.findall(r"^#+ (.*)$", prose_of(path), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


def links() -> list[Any]:
    found = []
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)\s]+)\)", prose_of(document)):
            if not target.startswith(("http://", "https://")):
                place = document.relative_to(ROOT).as_posix()
                found.append(pytest.param(document, target, id=f"{place}-{target}"))
    return found


@pytest.mark.parametrize(("document", "target"), links())
def test_a_link_leads_somewhere(document: pathlib.Path, target: str) -> None:
    file, _, place = target.partition("#")
    path = (document.parent / file).resolve() if file else document
    assert path.exists()
    assert path.is_relative_to(ROOT)
    if place:
        assert place in anchors(path)


def test_paths_in_the_model_exist() -> None:
    for name in re.findall(r"`((?:sim|agents|scenarios|analysis|tests)/[\w/.]+)`", text_of(MODEL)):
        assert (ROOT / name).exists(), name


def readme_code() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", text_of(ROOT / "README.md"), re.DOTALL | re.M)


def test_the_readme_has_ten_lines_of_python() -> None:
    (code,) = readme_code()
    assert len([line for line in code.splitlines() if line.strip()]) <= 10


def test_the_code_of_the_readme_runs(
    compiled_engine: None, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = readme_code()
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(code, "README.md", "exec"), names)
    assert (tmp_path / "prices.png").stat().st_size > 10_000
    assert "ETH loses a quarter" in capsys.readouterr().out
    assert names["done"].height > 0


def test_the_commands_of_the_readme_are_understood() -> None:
    from analysis.arguments import parse

    commands = re.findall(r"^    aftershock (.*)$", text_of(ROOT / "README.md"), re.MULTILINE)
    assert len(commands) >= 4
    for command in commands:
        found = parse(command.split(), "")
        if found.command in ("check", "run"):
            from scenarios.load import load

            load(found.scenario, getattr(found, "set", []))


def test_make_targets_of_the_readme_exist() -> None:
    targets = set(re.findall(r"make ([a-z]+)\b +#", text_of(ROOT / "README.md")))
    assert targets == {"demo", "test"}
    for target in targets:
        assert re.search(rf"^{target}:", text_of(ROOT / "Makefile"), re.MULTILINE)


def named(key: str) -> bool:
    """Whether the model names a key in code type, or in a table or sentence of such keys."""
    return re.search(rf"`{re.escape(key)}`", text_of(MODEL)) is not None


def keys() -> list[str]:
    """Every key that a scenario file may have."""
    models: list[type[Table]] = [*TABLES.values(), *ROWS.values(), *SHOCKS.values(), Cohort]
    found = {key for model in models for key in keys_of(model)} - {"parameters"}
    return sorted(found | {key for name in BUILT_IN for key in parameter_fields(name)})


@pytest.mark.parametrize("key", keys())
def test_every_scenario_key_is_in_the_model(key: str) -> None:
    assert named(key)


@pytest.mark.parametrize("name", [*BUILT_IN, *SHOCKS])
def test_every_strategy_and_shock_is_in_the_model(name: str) -> None:
    assert named(name)


@pytest.mark.parametrize("cause", causes.NAMES)
def test_every_cause_is_in_the_model(cause: str) -> None:
    assert cause in text_of(MODEL)


def test_every_default_in_the_table_of_cohorts_is_true() -> None:
    """The last default of a row of numbers, against the schema."""
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]* \| ([\d.]+) \|", text_of(MODEL), re.MULTILINE))
    checked = {key: said for key, said in rows.items() if key in Cohort.model_fields}
    assert len(checked) >= 7
    for key, said in checked.items():
        assert float(said) == Cohort.model_fields[key].default, key


def test_images_are_small() -> None:
    for path in (ROOT / "docs" / "figures").iterdir():
        assert path.stat().st_size < IMAGE_BYTES, path.name


def test_the_readme_names_a_preset_that_exists() -> None:
    assert "black_thursday_2020" in [name for name, _, _ in presets()]
    assert "black_thursday_2020" in text_of(ROOT / "README.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_no_place_on_a_disk(document: pathlib.Path) -> None:
    for place in ("/home/", "/Users/", "/tmp/"):
        assert place not in text_of(document)
