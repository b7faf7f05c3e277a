"""The order of mounts in the outer wall."""

from __future__ import annotations

from pathlib import Path

from selftaught.sandboxes.walls import FOLDER, Visible, bubblewrap


def test_the_writable_folder_hides_nothing_that_programs_need(tmp_path: Path) -> None:
    seen = Visible(folders=(tmp_path,), import_paths=())

    words = bubblewrap(seen, writable=1 << 20)

    assert words.index(FOLDER) < words.index(str(tmp_path))
