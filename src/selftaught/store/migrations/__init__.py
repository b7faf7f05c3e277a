"""How tables of older versions become those of the newest, step by step; read by Alembic."""
