"""``python -m selftaught``: the command line, where its script is not on the path."""

from selftaught.cli.main import main

if __name__ == "__main__":
    main()
