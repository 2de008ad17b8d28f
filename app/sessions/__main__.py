"""`python -m app.sessions`: look after a store, also while its app is running."""

import logging
import sys

from .command import main

logging.basicConfig(format="%(message)s", level=logging.WARNING)
sys.exit(main())
