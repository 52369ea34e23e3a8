"""Pages of public notices and bulletins: for everybody, and for the desk."""
