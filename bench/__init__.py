"""What is claimed about speed and quality, measured: ratios side by side in one run."""
