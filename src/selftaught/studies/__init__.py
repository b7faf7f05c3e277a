"""The paper's figures and tables, and our controls: one file each, rerun by one command.

A study consists of runs in the journal, named after what they do. So it can be interrupted, goes on
when it is started again, and shares runs with other studies.
"""

KNOWN = {
    "embedded-model": "selftaught.studies.embedded_model:STUDY",
    "headroom": "selftaught.studies.headroom:STUDY",
    "meta-utility-curve": "selftaught.studies.meta_utility_curve:STUDY",
    "recursion": "selftaught.studies.recursion:STUDY",
    "strategies": "selftaught.studies.proposals:STUDY",
    "transfer": "selftaught.studies.transfer:STUDY",
    "unsandboxing": "selftaught.studies.unsandboxing:STUDY",
    "weak-models": "selftaught.studies.weak_models:STUDY",
}
"""Names of studies, and where each is."""
