"""`--lr-find`: the learning-rate range test of L. N. Smith, arXiv:1506.01186."""
