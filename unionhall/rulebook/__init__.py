"""rulebook 规则库: loads dated schemes, checks them, and gives the version in force on a day."""
