def pytest_configure(config):
    config.addinivalue_line("markers", "fast: a part of `make test`")
