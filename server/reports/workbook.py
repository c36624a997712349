"""A report's answers as XLSX (ECMA-376). Rule: a text is never a formula, whatever it begins with.

Loaded by the first who asks for one: its library is a tenth of what starting the server costs.
"""

from datetime import datetime
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import Cell as BookCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from schemas.base import Language
from server.reports.facts import Facts
from server.reports.tables import CONTROL, HEADS, Cell, rows_of
from server.reports.words import say

CELL_LENGTH_MAX = 32_767  # Of Excel.
WIDTHS = (16, 22, 16, 18, 16, 18, 18, 16, 26, 12, 24, 12, 8, 14, 24, 30, 12, 18, 10)


def xlsx_of(facts: Facts, language: Language) -> bytes:
    """Give the table as a workbook: typed cells, the head frozen, a filter. For a worker thread."""
    rows = list(rows_of(facts, language))
    book = Workbook(write_only=True)
    sheet = book.create_sheet(say(language, "items"))
    sheet.freeze_panes = "C2"
    for place, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    head = []
    for name in HEADS[language]:
        cell = WriteOnlyCell(sheet, value=name)
        cell.font = Font(bold=True)
        head.append(cell)
    sheet.append(head)
    for row in rows:
        sheet.append([in_xlsx(sheet, cell) for cell in row])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(WIDTHS))}{len(rows) + 1}"
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def in_xlsx(sheet: WriteOnlyWorksheet, cell: Cell) -> BookCell | None:
    """A cell of its own type; a text is never a formula, whatever it begins with."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, str):
        made = WriteOnlyCell(sheet, value=CONTROL.sub("", cell)[:CELL_LENGTH_MAX])
        made.data_type = "s"
        return made
    made = WriteOnlyCell(sheet, value=cell)
    if isinstance(cell, datetime):
        made.number_format = "yyyy-mm-dd hh:mm"
    return made
