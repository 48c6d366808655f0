"""`python -m productdesc.cli` is `productdesc`."""

import sys

from .commands import main

sys.exit(main())
