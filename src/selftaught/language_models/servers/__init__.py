"""Language models on servers: chat completions over HTTP, within limits, paid for and retried."""
