"""access 权限: accounts, grants, sign-in, and what an actor may see. Nouns: Account, Grant, SignInCode."""
