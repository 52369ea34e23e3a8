"""organising 建会入会: founding of unions, admission, transfer and end of membership, each through a review."""
