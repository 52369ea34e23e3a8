"""organisations 组织: the tree of unions and employers, with its whole history."""
