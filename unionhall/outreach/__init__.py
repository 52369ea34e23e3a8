"""outreach 走访联系: contact points, visits that reach many firms, items they oblige somebody to, named helpers."""
