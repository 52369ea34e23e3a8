"""members 会员: persons, memberships, employment, posts, cards; roster intake."""
