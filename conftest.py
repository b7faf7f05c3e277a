"""What pytest must not import: programs, which expect the sandbox, and scripts of Alembic's."""

collect_ignore_glob = [
    "src/selftaught/improver_interface.py",
    "src/selftaught/improvers/*.py",
    "src/selftaught/store/migrations/*",
    "src/selftaught/tasks/*/reference.py",
    "src/selftaught/tasks/*/seed.py",
    "src/selftaught/tasks/*/utility.py",
]
