"""`--batch auto`: how many images a step fit into the memory, measured."""
