import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_the_decoder_withstands_a_minute_of_fuzzing(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="install the extra: uv pip install atheris")
    script = Path(__file__).parent / "fuzz_channel.py"

    finished = subprocess.run(
        [sys.executable, str(script), "-max_total_time=60", "-rss_limit_mb=2048", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
        cwd=tmp_path,
    )

    assert finished.returncode == 0, finished.stderr[-3000:]
