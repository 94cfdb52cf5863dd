"""What fusions do inside: gate weights, layers by family, translations before and after."""
