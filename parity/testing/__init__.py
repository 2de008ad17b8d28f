"""What a test run is made of: its steps, the checks of the code, a stack of its own."""
