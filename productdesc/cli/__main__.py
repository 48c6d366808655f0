"""`python -m productdesc.cli` is `productdesc`."""

import sys

from .main import main

sys.exit(main())
