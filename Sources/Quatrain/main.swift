print("quatrain")
