"""foundation 地基: our Django — scoped queries, base views, sealed fields, components, jobs. Knows no union."""
