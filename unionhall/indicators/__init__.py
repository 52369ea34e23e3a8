"""indicators 指标: named figures that any room above publishes and any room above that reads."""
