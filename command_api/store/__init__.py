"""SQLAlchemy tables and migrations, one writer thread, and one module of statements per subject."""
