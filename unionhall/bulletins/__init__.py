"""bulletins 公示公告: publicise a list for a period with objections that suspend; publish notices, policies and news.

What stands on a public list is masked when it is written: no ID digits, phone or illness ever reaches these tables.
"""
