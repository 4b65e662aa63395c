"""The engine's migrations, run by ``store.migrate`` alone: there is no alembic.ini."""
