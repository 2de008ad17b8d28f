"""Runs in the emulator's own environment: may import nothing beyond botocore and ministack."""
