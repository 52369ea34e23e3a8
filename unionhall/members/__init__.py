"""members 会员: persons, memberships, employment, posts, cards; roster intake. Nouns: Person, Membership, Card, RosterBatch."""
