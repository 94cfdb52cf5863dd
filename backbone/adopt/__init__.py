"""Another's encoder as a folder of ours: out of a wheel, checked, its vocabulary cut by use."""
