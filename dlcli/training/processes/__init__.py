"""One training in several processes, as `torchrun` starts them: who is who, and how they learn as one."""
