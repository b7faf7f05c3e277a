"""Language models: clients that answer the requests of improvers."""
