def format_tensor(t): return f"tensor({t.tolist()})"
