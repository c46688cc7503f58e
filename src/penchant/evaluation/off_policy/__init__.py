"""What would another policy have earned? Answers from a log with propensities, or a refusal where the log can't tell."""
