"""portal 门户: the entrances — public site, worker home, desk home, window of the demo."""
