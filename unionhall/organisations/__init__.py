"""organisations 组织: the tree of unions and employers, with history. Nouns: Organisation, Placement, Naming, Term, Employer."""
