"""Log lines: one line of key=value pairs, without personal data (messages carry ids, never names or numbers)."""

import logging
import re

#: A last net: eighteen-digit IDs and mobile numbers never reach a log, whoever wrote the message.
_PERSONAL = re.compile(r"(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?!\d)|(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")


class LineFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        line = _PERSONAL.sub(lambda m: "[id]" if m.group(1) else "[phone]", line)
        stamp = self.formatTime(record, "%Y-%m-%dT%H:%M:%S")
        return f"{stamp} {record.levelname.lower()} {record.name} {line}"
