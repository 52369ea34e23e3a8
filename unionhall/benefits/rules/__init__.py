"""Pure rules of benefits: facts in, outcome out; no Django, no clock."""
