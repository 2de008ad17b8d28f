"""Answers that are written apart from any page: by one replica at a time, for all to watch.

generation.py writes one, recorder.py puts it on the volume as it grows, watching.py shows it on
whichever replica the user is, and takes a turn over whose replica is gone.
"""
