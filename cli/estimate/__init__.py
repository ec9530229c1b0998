"""What a run costs on AWS and how long it takes: prices, limits, measured rates, a model and a simulation."""
