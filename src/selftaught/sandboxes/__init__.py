"""Where programs run: implementations of `selftaught.sandbox.Sandbox`."""
