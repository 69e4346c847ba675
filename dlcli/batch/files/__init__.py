"""What a run writes below --out, whose it is, and how a run goes on."""
