"""For tests of one's own tasks, improvers, sandboxes and clients: real parts, made simple."""

import sys

# Under pytest the suites' plain assertions say what they compared. It has to be told before they
# are imported, and it is not imported for those who only use the parts.
if (pytest := sys.modules.get("pytest")) is not None:
    pytest.register_assert_rewrite(f"{__name__}.improvers", f"{__name__}.sandboxes")
    pytest.register_assert_rewrite(f"{__name__}.tasks")
