"""Pure decisions of visits: clocks, deadlines, ratings, indices. Now and today are always arguments."""
