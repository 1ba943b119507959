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
from sim.errors import MISSING, InputError, OutputExists

if TYPE_CHECKING:
    from analysis.figures import Result

DPI = 200


def write_figures(
    of: Result, out: str | os.PathLike[str] | None = None, force: bool = False
) -> tuple[list[pathlib.Path], dict[str, str]]:
    """Write every figure of a result; returns the files, and for figures left out the reason."""
    if out is None:
        if of.folder is None:
            problem = "what is in memory needs a folder for its figures"
            raise InputError(None, "out", MISSING, problem)
        folder = of.folder / "figures"
    else:
        folder = output_folder(out)
        if os.path.lexists(folder) and not (force and folder.is_dir()):
            raise OutputExists(f"{folder}: exists already; choose another --out, or --force.")
    written: list[pathlib.Path] = []
    left_out: dict[str, str] = {}
    for name in figures.names(of):
        try:
            drawn = figures.draw(name, of)
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
    """The bytes of each format, the same for the same result."""
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
