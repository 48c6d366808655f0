"""Words of variants: how copy names one of several, all of them, or their number."""
