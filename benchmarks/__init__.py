"""How fast the dashboard is: each figure against a floor that is measured in the same run. `make bench` runs it."""
