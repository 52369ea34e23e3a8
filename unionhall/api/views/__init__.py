"""Pages: the documentation of the interface, its clients at the desk, their endpoints and deliveries."""
