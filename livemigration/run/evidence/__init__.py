"""What results.json keeps of the facts: bounded, typed, and enough to show why a finding holds."""
