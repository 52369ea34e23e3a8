"""Pure Python the rooms stand on: identifiers, masking, periods, working days, money, pinyin, SM3/SM4.

Nothing here knows Django, the database or the clock: "today" and "now" are always arguments.
"""
