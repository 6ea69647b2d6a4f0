"""Every callback with its answer, and every REST call."""
