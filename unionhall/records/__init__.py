"""records 记录: the journal (who did what, why, chained so that it cannot be altered), attachments, messages."""
