"""What proves the product: each folder asks one question, each test's name is the law it holds."""
