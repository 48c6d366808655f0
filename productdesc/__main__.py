"""`python -m productdesc` is `productdesc`."""

import sys

from .cli import main

sys.exit(main())
