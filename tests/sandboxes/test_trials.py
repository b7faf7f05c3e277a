from selftaught.sandboxes.local import LocalSandbox
from selftaught.sandboxes.trials import try_out


def test_every_trial_is_blocked_behind_both_walls() -> None:
    with LocalSandbox() as sandbox:
        trials = try_out(sandbox)

    assert len(trials) == 8
    assert [trial for trial in trials if not trial.is_blocked] == []


def test_a_trial_that_succeeds_says_what_to_do() -> None:
    with LocalSandbox(at_least="none", at_most="none") as sandbox:
        trials = {trial.name: trial for trial in try_out(sandbox)}

    assert not trials["reading a file"].is_blocked
    assert not trials["reaching the network"].is_blocked
    assert "do not run any" in trials["starting a process"].detail
