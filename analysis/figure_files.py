"""Figures on disk: PDF with embedded fonts, PNG, and the plotted numbers as CSV. No dates inside."""

from __future__ import annotations

import io
import os
import pathlib
from typing import TYPE_CHECKING, Any

from analysis import figures
from analysis.execute import output_folder
from analysis.figure_style import Drawn, NoData, style
from analysis.files import write_bytes, writing
from sim.errors import InputError, OutputExists

if TYPE_CHECKING:
    from analysis.run import Run

DPI = 200


def write_figures(
    run: Run, out: str | os.PathLike[str] | None = None, force: bool = False
) -> tuple[list[pathlib.Path], dict[str, str]]:
    """Write every figure of a run; returns the files, and for figures left out the reason."""
    if out is None:
        if run.folder is None:
            raise InputError(None, "out", None, "a run in memory needs a folder for its figures")
        folder = run.folder / "figures"
    else:
        folder = output_folder(out)
        if os.path.lexists(folder) and not (force and folder.is_dir()):
            raise OutputExists(f"{folder}: exists already; choose another --out, or --force.")
    written: list[pathlib.Path] = []
    left_out: dict[str, str] = {}
    for name in figures.names():
        try:
            drawn = figures.draw(name, run)
        except NoData as reason:
            left_out[name] = str(reason)
            continue
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        for ending, content in contents(drawn).items():
            path = folder / f"{name}.{ending}"
            write_bytes(path, content)
            written.append(path)
    return written, left_out


def contents(drawn: Drawn) -> dict[str, bytes]:
    """The bytes of each format, the same for the same run."""
    made = {"csv": drawn.data.write_csv().encode("utf-8")}
    nameless: dict[str, dict[str, Any]] = {
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
        "png": {"Software": None},
    }
    with style():
        for ending, metadata in nameless.items():
            buffer = io.BytesIO()
            drawn.figure.savefig(buffer, format=ending, dpi=DPI, metadata=metadata)
            made[ending] = buffer.getvalue()
    return made
