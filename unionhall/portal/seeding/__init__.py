"""`unionhall seed`: a province that does not exist on a map that does.

Divisions are real; institutions are named after them; enterprises and people are invented; dates are relative to
today. The same seed number on the same day makes the same province. IDs cannot be anyone's (members.synthetic).
"""
