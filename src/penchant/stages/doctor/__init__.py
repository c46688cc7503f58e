"""What is well here and what is not: environment, assets, data, configuration; each finding with its remedy."""
