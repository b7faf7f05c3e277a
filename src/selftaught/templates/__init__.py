"""Files that `selftaught new-task` writes, with NAME for the task's name."""
