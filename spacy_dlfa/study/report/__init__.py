"""The pages of sweeps and of encoders."""
