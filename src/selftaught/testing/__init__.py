"""What shows that an implementation keeps its promises: suites to subclass, hostile programs."""
