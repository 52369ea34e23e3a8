"""Media types of the files that are handed out."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
#: Of a table that was sent in, by the kind that it turned out to be.
TABLES = {"xlsx": XLSX, "xls": "application/vnd.ms-excel", "csv": "text/csv"}
